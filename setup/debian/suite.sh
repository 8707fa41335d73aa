# shellcheck shell=bash
# Packages of a newer Debian than this machine's, unpacked into folders of the cache without root, beside the libraries that they need.
# They are found, fetched and verified by apt itself on the mirror that this machine already uses; nothing else of apt's changes.
# Sourced after lib.sh.

readonly SUITE=trixie
readonly KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

# check_has_suite WHAT ADVICE: ends here where nothing can be fetched, saying what is missing, and what else to do.
check_has_suite() {
  local tool
  for tool in apt-get dpkg-deb; do
    have "$tool" || fail "$1 is missing, and so is $tool to fetch it with; $2"
  done
  [[ -r $KEYRING ]] || fail "$1 is missing, and so is $KEYRING to verify it with; $2"
}

# suite_lists FOLDER: apt's state of its own there, of that suite. apt checks every signature and sum.
suite_lists() {
  local apt=$1 mirror
  mkdir -p "$apt/state/lists/partial" "$apt/cache/archives/partial"
  mirror=$(debian_mirror)
  echo "deb [signed-by=$KEYRING] $mirror $SUITE main" >"$apt/sources.list"
  cat >"$apt/apt.conf" <<END
Dir::State "$apt/state";
Dir::State::status "/dev/null";
Dir::Cache "$apt/cache";
Dir::Etc::SourceList "$apt/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::Etc::Preferences "/dev/null";
Dir::Etc::PreferencesParts "/dev/null";
Acquire::Languages "none";
Acquire::Retries "3";
// The folder is ours alone: apt's own user could not write to it.
APT::Sandbox::User "$(id -un)";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
END
  apt-get -c "$apt/apt.conf" --error-on=any update
}

# download_only FOLDER PACKAGE...: those, without what they depend on.
download_only() (
  cd "$1/cache/archives" || exit
  apt-get -c "$1/apt.conf" download "${@:2}"
)

# download_with_dependencies FOLDER PACKAGE...
download_with_dependencies() {
  apt-get -c "$1/apt.conf" install --yes --download-only --no-install-recommends "${@:2}"
}

# The address of the Debian mirror that apt uses here: the one of the running release's own suite.
debian_mirror() {
  local release
  release=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
  {
    # shellcheck disable=SC2016 # apt's own placeholders
    apt-get indextargets --format '$(REPO_URI) $(CODENAME)' 'Created-By: Packages' 'Origin: Debian'
    # A machine whose package lists were thrown away (as in a container image) still knows its sources.
    apt-get update --print-uris | sed -nE "s|^'(.*/)dists/([^/']+)/InRelease'.*|\1 \2|p"
  } | awk -v release="$release" '$2 == release && !found { print $1; found = 1 }' | grep . ||
    fail "apt names no Debian mirror for $release"
}

# unpack_downloads FOLDER PREFIX [TAR-OPTION...]
unpack_downloads() {
  local archive
  mkdir "$2"
  for archive in "$1"/cache/archives/*.deb; do
    dpkg-deb --fsys-tarfile "$archive" | tar x -C "$2" --no-same-owner "${@:3}"
  done
}

# link_programs UNPACKED PREFIX PROGRAM...: programs linked against a newer libc than this release's get the one unpacked beside them,
# under the name that it will have in PREFIX.
link_programs() {
  local loader triplet
  # One that depends on no library is what it is everywhere.
  [[ -n $(find "$1/usr/lib" -name 'libc.so.6' 2>/dev/null) ]] || return 0
  loader=$(find "$1/usr/lib" "$1/usr/lib64" -name 'ld-linux*.so.*' 2>/dev/null | head -n 1)
  triplet=$(basename "$(dirname "$(find "$1/usr/lib" -name 'libc.so.6')")")
  # RPATH, since a library's own dependencies are not looked for where RUNPATH says; and in full, since a program that runs a copy of
  # itself, as crun does, is not where it was.
  patchelf --force-rpath --set-interpreter "$2${loader#"$1"}" --set-rpath "$2/usr/lib/$triplet" "${@:3}"
}

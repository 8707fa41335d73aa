# shellcheck shell=bash
# Packages of the Python Package Index in the versions, and with the hashes, that python/LIST.txt gives: a folder of the cache for each
# list. Sourced after lib.sh.

# Debian's, which also draws the figures.
readonly PYTHON=/usr/bin/python3

# venv LIST WHAT CHECK: sets VENV to the folder of a virtual environment with the packages of that list. WHAT they are is said while they
# are installed; CHECK FOLDER then fails where they do not work. (A function that printed it would be called where errors do not end it.)
venv() {
  VENV=$CACHE/python-$1-$(venv_made_from "$1")
  [[ -d $VENV ]] || install_venv_once "$VENV" "$@"
}

# Some packages are programs for one kind of machine and one version of Python.
venv_made_from() {
  { uname -sm && "$PYTHON" --version && cat "$SETUP/python/$1.txt"; } | sha256sum | cut -c 1-12
}

# Only one set-up at a time fetches; the others wait for it and then find it there.
install_venv_once() {
  hold_lock "$1.lock"
  [[ -d $1 ]] || step "putting $3 into $CACHE" "python-$2" install_venv "$1" "$2" "$4"
}

# install_venv PREFIX LIST CHECK: under another name first; the folder gets its own when it is whole and its programs run.
install_venv() {
  local building=$1.building
  rm -rf "$building"
  "$PYTHON" -m venv "$building"
  "$building/bin/python" -m pip install --disable-pip-version-check --no-input --only-binary :all: --require-hashes \
    -r "$SETUP/python/$2.txt"
  "$3" "$building"
  mv "$building" "$1"
}

# shellcheck shell=bash
# What of the caller's environment reaches no script, no test and no experiment here, because it would change what they do or say
# and not only where they find things. Sourced by lib.sh, first of all. (What a build sees is fewer still: setup/build.)

# One language: sorting, numbers and messages that are read again are the same for everybody.
export LANG=C.UTF-8
unset LANGUAGE "${!LC_@}"

# How shells and their tools behave.
set +o posix
unset POSIXLY_CORRECT BASH_ENV ENV CDPATH GLOBIGNORE GREP_OPTIONS GREP_COLORS TAR_OPTIONS FORCE_COLOR CLICOLOR CLICOLOR_FORCE
# Which repository git speaks of: that of the folder it is called in.
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_COMMON_DIR GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES GIT_NAMESPACE GIT_PREFIX
# What else Node and Python load, and from where.
unset NODE_ENV NODE_OPTIONS NODE_PATH NODE_V8_COVERAGE NODE_TEST_CONTEXT "${!PYTHON@}"
export PYTHONNOUSERSITE=1 PYTHONDONTWRITEBYTECODE=1
# Of what npm is told, all but how to reach a registry.
for variable in "${!npm_config_@}" "${!NPM_CONFIG_@}"; do
  case ${variable,,} in
    npm_config_*registry | npm_config_*proxy | npm_config_cache | npm_config_*config | npm_config_ca* | npm_config_*cert) ;;
    npm_config_key | npm_config_strict_ssl | npm_config_fetch* | npm_config_*offline) ;;
    *) unset "$variable" ;;
  esac
done
# Which tests run, and what counts as a failure.
unset "${!GTEST_@}" "${!CTEST_@}" "${!PYTEST_@}" ASAN_OPTIONS LSAN_OPTIONS UBSAN_OPTIONS TSAN_OPTIONS

# Outside the checkout, so that every clone shares it.
[[ -n ${HOME-} ]] || unset HOME
export HOME=${HOME:-~}
CACHE=$(realpath --canonicalize-missing "${ENXAME_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/enxame}")
export ENXAME_CACHE=$CACHE
# Where the home folder has no room for the caches of npm and ccache, ours has.
if [[ ! -w $HOME ]]; then
  export CCACHE_DIR=${CCACHE_DIR:-$CACHE/ccache} npm_config_cache=${npm_config_cache:-$CACHE/npm}
fi

# Temporary files go where files can be written, and sockets named (in 107 characters); many programs take TMPDIR at its word.
if [[ -n ${TMPDIR-} ]]; then
  TMPDIR=$(realpath --canonicalize-missing "$TMPDIR")
  if [[ ! -d $TMPDIR || ! -w $TMPDIR ]] || ((${#TMPDIR} > 40)); then
    say "temporary files go to /tmp: TMPDIR is too long, or no folder that can be written to ($TMPDIR)"
    unset TMPDIR
  fi
fi

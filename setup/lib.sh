# shellcheck shell=bash
# What every set-up script shares: where things are, how they speak, how a long step is run and how versions compare.
# Sourced, never run. Everything said goes to stderr, so that stdout stays the caller's.
#
# The scripts run under `bash -p`, which takes neither functions nor options from the environment. Their first command sees to it also
# where another shell was named (`sh run-tests`).

# say TEXT: one line for the person who is waiting, and who may have closed the terminal meanwhile.
say() {
  printf '%s\n' "$*" >&2 2>/dev/null || true
}

# fail TEXT: says in one line why this cannot go on, and ends.
fail() {
  say "error: $*"
  exit 1
}

# A reader that went away (`| head`) must not end a script and leave its step behind. Unlike '', this is not inherited.
trap : PIPE

source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

# Without links, so that one checkout has one name whichever way it was reached.
REPOSITORY=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
# shellcheck disable=SC2034 # read by those who source this
SETUP=$REPOSITORY/setup
LOGS=$REPOSITORY/build/logs

# quoted WORD...: the words as a shell reads them back, for commands that are meant to be copied.
quoted() {
  local words
  printf -v words ' %q' "$@"
  printf '%s' "${words:1}"
}

# have TOOL: whether a command of that name can be run.
have() {
  command -v "$1" >/dev/null 2>&1
}

# at_least VERSION MINIMUM: whether a dotted version is not older than the other (3.1.69 < 3.1.70 < 4.0.0).
at_least() {
  [[ $(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1) == "$2" ]]
}

# hash_of FILE...: one hash over the names and contents of files, for stamps that say what a result was made from.
hash_of() {
  sha256sum "$@" | sha256sum | cut -d ' ' -f 1
}

# stamp_says FILE TEXT: whether a stamp is there and holds exactly that.
stamp_says() {
  [[ -f $1 && -r $1 && $(<"$1") == "$2" ]]
}

# stamp FILE TEXT: says in FILE what was made from what; whole or not at all.
stamp() {
  printf '%s\n' "$2" >"$1.new"
  mv "$1.new" "$1"
}

# ours CONDITION...: the sources below the current folder that find(1) picks by that condition, each ended by a zero byte.
ours() {
  find . -type d \( -name .git -o -name build -o -name results -o -name node_modules \) -prune -o -type f \( "$@" \) -print0
}

# may_write PATH: whether this user may make PATH or change it.
may_write() {
  local there=$1
  until [[ -e $there ]]; do there=$(dirname "$there"); done
  [[ -w $there ]]
}

# check_may_write PATH: ends here, saying what to do, where this user may not.
check_may_write() {
  local there=$1
  ! may_write "$there" || return 0
  until [[ -e $there ]]; do there=$(dirname "$there"); done
  if [[ $1 == "$CACHE"* ]]; then
    fail "cannot write to $there; name a folder that can be written to in the variable ENXAME_CACHE"
  elif [[ -O $there ]]; then
    fail "cannot write to $there; copy this checkout to where it can be written to, or build it there before it becomes read-only"
  fi
  fail "cannot write to $there, which belongs to $(stat -c %U "$there"); use a clone of your own, or" \
    "$(quoted sudo chown -R "$(id -u)" "$REPOSITORY/build" "$REPOSITORY/harness")"
}

# hold_lock FILE: makes this script the only one beyond this line, until it ends.
hold_lock() {
  local lock
  check_may_write "$(dirname "$1")"
  mkdir -p "$(dirname "$1")"
  # A lock that is another user's (a leftover of sudo) can still be held.
  { exec {lock}>>"$1" || exec {lock}<"$1"; } 2>/dev/null || fail "cannot open $1"
  take_lock --exclusive "$1"
}

# share_lock FILE: keeps out those who hold it, until this process ends, whatever program it has become. One that is not there has no
# holder either.
share_lock() {
  local lock
  [[ -r $1 ]] || return 0
  exec {lock}<"$1"
  take_lock --shared "$1"
}

# take_lock HOW FILE: of the file that is open as $lock.
take_lock() {
  if ! flock --nonblock "$1" "$lock"; then
    say "waiting for another set-up or run that is at work here ($2)"
    flock "$1" "$lock"
  fi
}

# seconds_since MICROSECONDS: the time since a reading of now_us, as "1.2 s".
seconds_since() {
  local tenths=$((($(now_us) - $1) / 100000))
  printf '%d.%d s' $((tenths / 10)) $((tenths % 10))
}

now_us() {
  printf '%s' "${EPOCHREALTIME/[.,]/}"
}

source "$SETUP/steps.sh"

# shellcheck shell=bash
# What every set-up script shares: where things are, how they speak, how a long step is run and how versions compare.
# Sourced, never run. Everything said goes to stderr, so that stdout stays the caller's.

REPOSITORY=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck disable=SC2034 # read by those who source this
SETUP=$REPOSITORY/setup
LOGS=$REPOSITORY/build/logs
# Outside the checkout, so that every clone shares it.
CACHE=${ENXAME_CACHE:-${XDG_CACHE_HOME:-~/.cache}/enxame}
# shellcheck disable=SC2034
CACHE=$(realpath --canonicalize-missing "$CACHE")

# say TEXT: one line for the person who is waiting.
say() {
  printf '%s\n' "$*" >&2
}

# fail TEXT: says in one line why this cannot go on, and ends.
fail() {
  say "error: $*"
  exit 1
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
  [[ -f $1 && $(<"$1") == "$2" ]]
}

# hold_lock FILE: makes this script the only one beyond this line, until it ends.
hold_lock() {
  local lock
  mkdir -p "$(dirname "$1")"
  exec {lock}>"$1"
  if ! flock --nonblock "$lock"; then
    say "waiting for another set-up that is at work here ($1)"
    flock "$lock"
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

# step TEXT LOG COMMAND...: runs a long command, without which this script cannot go on, with its output in build/logs/LOG.log,
# and says in one line what it is and how long it took. On a terminal the line counts the seconds meanwhile.
# To be called where bash minds errors (not in a condition, nor beside && or ||), so that COMMAND stops at its first one.
step() {
  run_and_time "$@"
  ((status == 0)) || fail "$1: failed"
}

# attempt TEXT LOG COMMAND...: the same for a command that may fail; then so does this.
attempt() {
  run_and_time "$@"
  return "$status"
}

# run_and_time TEXT LOG COMMAND...: sets `status`, and shows the end of the log of a command that failed.
run_and_time() {
  local text=$1 log=$LOGS/$2.log begin
  shift 2
  mkdir -p "$LOGS"
  begin=$(now_us)
  printf '%s ... ' "$text" >&2
  run_in_background "$log" "$@"
  [[ ! -t 2 ]] || count_seconds_while "$child" "$text" "$begin"
  status=0
  wait "$child" || status=$?
  trap - INT TERM HUP
  printf '%s\n' "$(seconds_since "$begin")" >&2
  ((status != 0)) || return 0
  say "status $status; of $log, what failed and the end:"
  { failures_in "$log" && tail -n 40 "$log"; } | sed 's/^/  | /' >&2
}

# failures_in LOG: the first errors and failed tests that a log tells of (compilers, CTest, TAP and pytest say it so), each with what
# follows it.
failures_in() {
  grep -E -A 30 ': (fatal )?error: |\*\*\*(Failed|Timeout|Exception)|^not ok |^_{3,} .* _{3,}$' "$1" | head -n 200 || true
}

# run_in_background LOG COMMAND...: sets `child`. The command has a process group of its own, so that an interrupted set-up ends all
# of it.
run_in_background() {
  local log=$1
  shift
  set -m
  "$@" >"$log" 2>&1 </dev/null &
  child=$!
  set +m
  local signal
  # shellcheck disable=SC2064 # the name is meant to be filled in now
  for signal in INT TERM HUP; do trap "interrupted_by $signal" $signal; done
}

# interrupted_by SIGNAL: ends the step's command, lets it clean up, and then dies of the same signal, so that callers end too.
interrupted_by() {
  kill -TERM -- "-$child" 2>/dev/null || true
  wait "$child" || true
  say "interrupted"
  trap - INT TERM HUP
  kill -s "$1" $$
}

# count_seconds_while PID TEXT BEGIN: rewrites one line of the terminal for as long as a process lives.
count_seconds_while() {
  while kill -0 "$1" 2>/dev/null; do
    printf '\r\033[K%s ... %s' "$2" "$(seconds_since "$3")" >&2
    sleep 0.2
  done
  printf '\r\033[K%s ... ' "$2" >&2
}

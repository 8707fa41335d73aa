# shellcheck shell=bash
# How a long step of the set-up or of the tests is run: with its output in a log, a line for the person who waits, and an end that
# leaves nothing behind. Sourced by lib.sh.

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
  make_log "$log"
  begin=$(now_us)
  put '%s ... ' "$text"
  run_in_background "$log" "$@"
  [[ ! -t 2 ]] || count_seconds_while "$child" "$text" "$begin"
  status=0
  wait "$child" || status=$?
  trap - INT TERM HUP QUIT
  say "$(seconds_since "$begin")"
  ((status != 0)) || return 0
  say "status $status; of $log, what failed and the end:"
  { failures_in "$log" && tail -n 40 "$log"; } | sed 's/^/  | /' >&2
  explain_failure "$log"
}

# put FORMAT ARGUMENT...: printf for the person who is waiting.
put() {
  # shellcheck disable=SC2059 # the format is the caller's
  printf "$@" >&2 2>/dev/null || true
}

# make_log FILE: an empty one, in place of one that is there, whoever it belongs to.
make_log() {
  check_may_write "$LOGS"
  mkdir -p "$LOGS"
  rm -f "$1"
  : >"$1" || fail "cannot write $1"
}

# failures_in LOG: the first errors and failed tests that a log tells of (compilers, CTest, TAP and pytest say it so), each with what
# follows it.
failures_in() {
  grep -a -E -A 30 ': (fatal )?error: |\*\*\*(Failed|Timeout|Exception)|^not ok |^_{3,} .* _{3,}$' "$1" | head -n 200 || true
}

# explain_failure LOG: a further line where the reason is not in the command but in the machine. (A full disk has no room for the log.)
explain_failure() {
  local place
  for place in "$REPOSITORY" "$CACHE" "${TMPDIR:-/tmp}"; do
    if [[ -e $place ]] && (($(df --output=avail --block-size=1M "$place" | tail -n 1) < 10)); then
      say "no space is left for $place; make room and try again"
    fi
  done
  if grep -aqE 'Permission denied|EACCES' "$1"; then
    say "files that are another user's may be in the way; to see them: $(quoted find "$REPOSITORY/build" "$REPOSITORY/harness" ! -user "$(id -u)")"
  fi
}

# run_in_background LOG COMMAND...: sets `child`. The command has a process group of its own, so that an interrupted set-up ends all
# of it. A signal that the caller ignores (nohup) bash leaves ignored, here and in the command.
run_in_background() {
  local log=$1
  shift
  set -m
  "$@" >"$log" 2>&1 </dev/null &
  child=$!
  set +m
  local signal
  # shellcheck disable=SC2064 # the name is meant to be filled in now
  for signal in INT TERM HUP QUIT; do trap "interrupted_by $signal" $signal; done
}

# interrupted_by SIGNAL: ends the step's command, lets it clean up, and then dies of the same signal, so that callers end too. Who asks
# again does not want to wait for the cleaning.
interrupted_by() {
  trap 'kill -KILL -- "-$child" 2>/dev/null || true' INT TERM HUP QUIT
  kill -TERM -- "-$child" 2>/dev/null || true
  wait "$child" || true
  say "interrupted"
  trap - INT TERM HUP QUIT
  kill -s "$1" $$
}

# count_seconds_while PID TEXT BEGIN: rewrites one line of the terminal for as long as a process lives.
count_seconds_while() {
  while kill -0 "$1" 2>/dev/null; do
    put '\r\033[K%s ... %s' "$2" "$(seconds_since "$3")"
    sleep 0.2
  done
  put '\r\033[K%s ... ' "$2"
}

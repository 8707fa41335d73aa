# shellcheck shell=bash disable=SC2016,SC2154,SC2086,SC2317 # setup_test's scratch, code in strings, shells of two words
# Tests of what the scripts make of the shell, the variables and the signals that they are called with.

test_any_shell_may_be_named() {
  local shell
  printf '#!/bin/sh\necho "$#" tests\n' >run-tests.fake
  for shell in sh dash 'bash --posix' 'env POSIXLY_CORRECT=1 bash'; do
    expect_says "no stage is called 'nonsense'" $shell run-tests nonsense &&
      expect_says 'no list of packages is called nonsense' $shell setup/packages nonsense &&
      expect_says '' $shell run-experiment complete '' || return
    [[ $(cd setup && $shell ../run-experiment complete '' 2>&1) == '' ]] || return
  done
  cp run-tests.fake run-tests && chmod +x run-tests && [[ $(sh .ci/run) == '0 tests' ]]
}

# What a shell reads at its beginning, what it looks for in other places, and what stands in front of commands.
test_shells_are_not_changed_from_outside() {
  fake node 'echo v20.0.0'
  echo 'echo noise' >noise
  dirname() { echo noise; }
  export -f dirname
  mkdir -p elsewhere/setup
  local said
  said=$(env BASH_ENV="$scratch/noise" ENV="$scratch/noise" CDPATH="$scratch/elsewhere" POSIXLY_CORRECT=1 GREP_OPTIONS=-v \
    SHELLOPTS=noglob TAR_OPTIONS=--nonsense setup/node)
  [[ $said == "$scratch/fakes" ]]
}

test_variables_that_change_programs_do_not_reach_them() {
  local name
  env LC_ALL=C LC_NUMERIC=POSIX LANG=C LANGUAGE=de GIT_DIR=/nowhere GIT_WORK_TREE=/ GIT_INDEX_FILE=x NODE_OPTIONS=--nonsense \
    NODE_ENV=production PYTHONHOME=/nowhere PYTHONPATH=/nowhere GTEST_FILTER=none PYTEST_ADDOPTS=--nonsense ASAN_OPTIONS=halt_on_error=0 \
    FORCE_COLOR=3 npm_config_omit=dev npm_config_registry=http://r/ NPM_CONFIG_GLOBAL=true \
    bash -p -c 'source setup/lib.sh; env' >seen
  for name in LC_ALL LC_NUMERIC LANGUAGE GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE NODE_OPTIONS NODE_ENV PYTHONHOME PYTHONPATH GTEST_FILTER \
    PYTEST_ADDOPTS ASAN_OPTIONS FORCE_COLOR npm_config_omit NPM_CONFIG_GLOBAL; do
    ! grep "^$name=" seen || return
  done
  grep -q '^LANG=C.UTF-8$' seen && grep -q '^npm_config_registry=http://r/$' seen
}

test_temporary_files_go_where_they_can() {
  local tmpdir
  for tmpdir in "$scratch/missing" /etc/passwd "$scratch/$(printf 'long%.0s' {1..20})"; do
    [[ $tmpdir != *long* ]] || mkdir "$tmpdir"
    TMPDIR=$tmpdir expect_says "temporary files go to /tmp" in_lib 'mktemp -u' || return
    [[ $(TMPDIR=$tmpdir in_lib 'mktemp -u' 2>/dev/null) == /tmp/* ]] || return
  done
  mkdir t
  [[ $(TMPDIR=t in_lib 'cd /; mktemp -u' 2>&1) == "$scratch/t/"* ]]
}

test_without_a_home_one_line_names_the_variable_of_the_cache() {
  fake node 'echo v18.20.4'
  fake npm 'touch '"$scratch"'/called'
  expect_says 'in the variable ENXAME_CACHE' as_another env -u HOME -u XDG_CACHE_HOME -u ENXAME_CACHE setup/node &&
    [[ $(as_another env -u HOME -u XDG_CACHE_HOME -u ENXAME_CACHE setup/node 2>&1 | wc -l) == 1 && ! -e called ]]
}

test_a_relative_cache_is_the_same_everywhere() {
  [[ $(ENXAME_CACHE=c in_lib 'cd /; bash -p -c "source $SETUP/lib.sh; echo \$CACHE"') == "$scratch/c" ]]
}

test_one_checkout_has_one_name() {
  ln -s "$scratch" link
  [[ $(bash -p -c 'source link/setup/lib.sh; echo "$REPOSITORY"') == "$(pwd -P)" ]]
}

# As under nohup: the signal reaches the script, and the group of its step.
test_a_hang_up_that_the_caller_ignores_ends_nothing() {
  mkfifo begun go
  (
    trap '' HUP
    in_lib 'f() { echo >begun; read -r <go; }; echo $$ >pid; step "doing it" log f; touch finished' 2>/dev/null
  ) &
  local step=$!
  read -r <begun
  kill -HUP "$(<pid)"
  kill -HUP -- "-$(pgrep -P "$(<pid)")"
  echo >go
  wait "$step" && [[ -e finished ]]
}

# Also where the tests themselves run under nohup.
test_a_hang_up_that_is_not_ignored_ends_the_step() {
  mkfifo begun
  env --default-signal=HUP bash -c 'set -euo pipefail; source setup/lib.sh; f() { bash -c "echo \$\$ >begun; exec sleep infinity"; }; echo $$ >pid; step "doing it" log f' 2>/dev/null &
  local step=$! status=0 child
  read -r child <begun
  kill -HUP "$(<pid)"
  wait "$step" || status=$?
  ((status == 128 + 1)) && timeout 30 tail --pid="$child" -f /dev/null
}

# A reader that goes away takes neither the script nor its step with it.
test_a_reader_that_goes_away_ends_nothing() {
  mkfifo go
  # Both ends, so that a step that was never begun cannot make this wait for it.
  exec 5<>go
  in_lib 'f() { read -r <go; }; say first; step "doing it" log f; say more; touch finished' 2>&1 | {
    read -r _
    exec <&-
    echo >&5
  } || true
  [[ -e finished ]]
}

test_a_full_disk_is_named() {
  ((EUID == 0)) && unshare --mount true 2>/dev/null || return 0
  expect_says "no space is left for $scratch" unshare --mount bash -c '
    mount -t tmpfs -o size=1m none build && cp -r setup build/ && cd build &&
    bash -p -c "set -euo pipefail; source setup/lib.sh; REPOSITORY=$PWD; step \"doing it\" log yes"'
}

test_tests_need_room_for_their_logs() {
  chmod 755 .
  expect_says 'cannot write to' as_another ./run-tests shell
}

test_a_step_that_does_not_end_is_killed_when_it_is_asked_again() {
  mkfifo begun told
  cat >deaf <<'END'
trap 'echo >told' TERM
echo >begun
while :; do
  sleep infinity &
  wait
done
END
  in_lib 'echo $$ >pid; step "doing it" log bash deaf' 2>/dev/null &
  local step=$! status=0
  read -r <begun
  kill -TERM "$(<pid)"
  read -r <told
  kill -TERM "$(<pid)"
  wait "$step" || status=$?
  ((status == 128 + 15))
}

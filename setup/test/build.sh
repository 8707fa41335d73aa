# shellcheck shell=bash disable=SC2016,SC2154 # setup_test's scratch, code in strings
# Tests of setup/build, with the real CMake and Ninja, and a project that compiles nothing: its program is a copy of its source.

# make_project [FOLDER]: in the scratch folder, or with a copy of the set-up in another.
make_project() {
  local folder=${1:-$scratch}
  if [[ $folder != "$scratch" ]]; then
    mkdir -p "$folder"
    cp -r "$scratch/setup" "$scratch/CMakePresets.json" "$folder/"
  fi
  echo one >"$folder/program.cc"
  cat >"$folder/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.25)
project(made-up LANGUAGES NONE)
include(${PROJECT_SOURCE_DIR}/extra.cmake OPTIONAL)
add_custom_command(OUTPUT program DEPENDS program.cc COMMAND cp ${PROJECT_SOURCE_DIR}/program.cc program VERBATIM)
add_custom_target(programs DEPENDS program)
END
}

# builds TEXT [FOLDER]: the set-up makes a program of that text, and has nothing to do when it is called again.
builds() {
  local folder=${2:-$scratch}
  "$folder/setup/build" release programs >said 2>&1 || { cat said; return 1; }
  [[ $(<"$folder/build/release/program") == "$1" ]] && expect_silence "$folder/setup/build" release programs
}

test_what_has_changed_is_built() {
  make_project
  builds one && echo two >program.cc && builds two && rm -r build/release && builds two
}

# What CMake leaves in the sources when it is run there, and Emacs while a file is edited.
test_what_is_no_source_does_not_count() {
  make_project
  builds one
  mkdir CMakeFiles
  ln -s somebody@somewhere .#program.cc
  builds one
}

test_a_copy_of_a_built_checkout_builds_its_own_sources() {
  make_project "$scratch/a"
  builds one "$scratch/a"
  cp -a a b
  echo two >b/program.cc
  builds two "$scratch/b" && [[ $(<a/build/release/program) == one ]]
}

test_a_checkout_that_was_moved_is_built() {
  make_project "$scratch/a"
  builds one "$scratch/a"
  mv a b
  builds one "$scratch/b"
}

test_a_link_to_a_checkout_is_that_checkout() {
  make_project "$scratch/a"
  builds one "$scratch/a"
  ln -s a b
  expect_silence b/setup/build release programs
}

test_paths_may_hold_what_people_write() {
  make_project "$scratch/it's a (läufer) & [more]"
  builds one "$scratch/it's a (läufer) & [more]" || return
  local broken=$scratch/$'two\nlines'
  make_project "$broken"
  [[ $("$broken/setup/build" release 2>&1) == "error: CMake and Ninja cannot build in a folder with a line break"*'two\nlines'"'" ]]
}

# CMake was killed between two of its files, or before any; or the disk was full.
test_a_configuration_that_is_not_whole_is_made_again() {
  make_project
  local file
  for file in build.ninja CMakeFiles/rules.ninja CMakeCache.txt configured-from; do
    builds one || return
    rm "build/release/$file"
    builds one || { echo "without $file"; return 1; }
    : >"build/release/$file"
    builds one || { echo "with an empty $file"; return 1; }
  done
}

test_a_set_up_that_is_killed_while_it_configures_leaves_nothing_in_the_way() {
  make_project
  local real
  real=$(command -v cmake)
  builds one || return
  # Configured again for other presets, killed on the way, and then for those that the folder was whole with.
  cp CMakePresets.json whole.json
  echo >>CMakePresets.json
  fake cmake 'echo $PPID $$ >'"$scratch"'/pids; exec '"$real"' "$@"'
  echo 'execute_process(COMMAND sh -c "kill -KILL $(cat pids)" WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})' >extra.cmake
  ! builds one >/dev/null 2>&1 || return
  rm extra.cmake
  mv whole.json CMakePresets.json
  builds one || return
  # The same while Ninja has CMake look at its files again.
  echo 'execute_process(COMMAND sh -c "kill -KILL $PPID")' >extra.cmake
  touch CMakeLists.txt
  ! builds one >/dev/null 2>&1 || return
  echo '# mended' >extra.cmake
  builds one
}

test_variables_change_a_build_only_where_they_are_meant_to() {
  make_project
  builds one
  NINJA_STATUS=%z CMAKE_GENERATOR=nonsense CMAKE_TOOLCHAIN_FILE=/nowhere CMAKE_BUILD_TYPE=Debug MAKEFLAGS=-n GTEST_FILTER=x LC_ALL=C LANG=C \
    NODE_ENV=production DESTDIR=/nowhere VERBOSE=1 CC=nonsense CFLAGS=-nonsense expect_silence setup/build release programs || return
  rm -r build
  NINJA_STATUS=%z CMAKE_GENERATOR=nonsense CMAKE_TOOLCHAIN_FILE=/nowhere CMAKE_BUILD_TYPE=Debug builds one &&
    grep -q 'CMAKE_BUILD_TYPE:.*=Release' build/release/CMakeCache.txt || return
  CXXFLAGS=-O1 expect_says 'configuring release' setup/build release programs &&
    CXXFLAGS=-O1 expect_silence setup/build release programs &&
    expect_says 'configuring release' setup/build release programs
}

test_a_build_of_another_user_is_taken_when_it_is_of_these_sources() {
  make_project
  builds one
  expect_silence as_another setup/build release programs || return
  chmod -R u+w .
  echo two >program.cc
  expect_says 'build/release was not built from these sources' as_another setup/build release programs &&
    expect_says 'cannot write to' as_another setup/build release programs
}

# What is left of a build that failed half-way is of no sources, not of those before either.
test_a_build_that_failed_is_not_taken_by_another_user() {
  make_project
  builds one
  cp program.cc CMakeLists.txt fakes/
  echo two >program.cc
  sed -i 's/program VERBATIM/program COMMAND false VERBATIM/' CMakeLists.txt
  ! setup/build release programs >said 2>&1 || return
  mv fakes/program.cc fakes/CMakeLists.txt .
  expect_says 'build/release was not built from these sources' as_another setup/build release programs
}

test_targets_that_were_built_before_others_of_the_same_sources_stay_built() {
  make_project
  echo 'add_custom_target(others COMMAND false)' >extra.cmake
  builds one
  ! setup/build release others >said 2>&1 || return
  expect_silence as_another setup/build release programs
}

# While the step copies the program, somebody writes the next one.
test_an_edit_during_a_build_is_not_stamped_as_built() {
  make_project
  sed -i 's|program VERBATIM|program COMMAND sh ${PROJECT_SOURCE_DIR}/edit VERBATIM|' CMakeLists.txt
  echo 'echo two >../../program.cc' >edit
  setup/build release programs >said 2>&1 || { cat said; return 1; }
  [[ $(<build/release/program) == one && $(<program.cc) == two ]] || return
  expect_says 'build/release was not built from these sources' as_another setup/build release programs
}

test_a_checkout_that_cannot_be_written_to_is_used_as_it_is() {
  ((EUID == 0)) && unshare --mount true 2>/dev/null || return 0
  make_project "$scratch/a"
  builds one "$scratch/a"
  mkdir b
  expect_silence unshare --mount bash -c 'mount --bind a b && mount -o remount,ro,bind b && b/setup/build release programs'
}

test_two_set_ups_at_once_build_once() {
  make_project
  mkfifo go
  echo 'execute_process(COMMAND sh -c "read -r _ <go" WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})' >extra.cmake
  setup/build release programs >first 2>&1 &
  local first=$! second
  until compgen -G 'build/release.lock' >/dev/null; do sleep 0.01; done
  setup/build release programs >second 2>&1 &
  second=$!
  until grep -q waiting first second; do sleep 0.01; done
  echo >go
  wait "$first" && wait "$second" && [[ $(cat first second | grep -c configuring) == 1 && $(<build/release/program) == one ]]
}

test_programs_that_are_in_use_are_not_built_again() {
  make_project
  builds one
  mkfifo begun go
  in_lib 'share_lock build/release.lock; exec bash -c "echo >begun; read -r _ <go"' &
  read -r <begun
  expect_silence setup/build release programs || return
  echo two >program.cc
  setup/build release programs >said 2>&1 &
  local build=$!
  until grep -q 'waiting for another set-up or run' said; do sleep 0.01; done
  [[ $(<build/release/program) == one ]] || return
  echo >go
  wait "$build" && [[ $(<build/release/program) == two ]]
}

test_what_later_stages_need_is_built_ahead_in_their_order() {
  printf '#!/bin/bash\necho "$*" >>built; [[ $1 != wasm ]]\n' >setup/build
  in_lib 'source setup/stages.sh; build_ahead format browser odr' &&
    [[ $(<built) == $'release programs\nwasm programs\nodr odr' ]]
}

test_a_stage_whose_build_fails_does_not_begin() {
  printf '#!/bin/bash\nfalse\n' >setup/build
  printf '#!/bin/bash\n' >setup/packages
  fake ctest 'touch tested'
  expect_says 'unit           FAILED ' ./run-tests unit && [[ ! -e tested ]]
}

test_what_is_built_ahead_has_no_precedence_and_ends_with_the_tests() {
  mkfifo begun
  printf '#!/bin/bash\n' >setup/packages
  printf '#!/bin/bash\necho "$$ $(ps -o ni= -p $$)" >begun\nexec sleep 60\n' >setup/build
  fake clang-format-14 'sleep 60'
  touch a.cc
  ./run-tests format odr 2>/dev/null &
  local builder precedence
  read -r builder precedence <begun
  kill -TERM $!
  wait $! || true
  while kill -0 "$builder" 2>/dev/null; do sleep 0.01; done
  ((precedence == 19))
}

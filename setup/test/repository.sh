# shellcheck shell=bash disable=SC2016,SC2154 # setup_test's scratch, code in strings
# Tests of what surrounds the code: the hook before a commit, the jobs of continuous integration, and the version.

# make_clone: a repository in the scratch folder with the hook enabled, in which `clang-format-14` takes out doubled spaces.
make_clone() {
  cp -r "$here/.githooks" .
  fake clang-format-14 'if [[ $1 == -i ]]; then shift; sed -i "s/  */ /g" "$@"; else shift 2; ! grep -l "  " "$@"; fi'
  git init -q . && git config core.hooksPath .githooks && git config user.name A && git config user.email a@b
}

commits() {
  git commit -q -m message >said 2>&1
}

test_the_hook_formats_what_is_staged() {
  make_clone
  echo 'int  a;' >a.cc
  echo 'int  b;' >b.cc
  git add a.cc
  commits && [[ $(git show HEAD:a.cc) == 'int a;' && $(<b.cc) == 'int  b;' && -z $(git status --porcelain a.cc) ]]
}

test_the_hook_stages_no_line_that_was_not() {
  make_clone
  echo 'int a;' >a.cc
  git add a.cc
  echo 'int  b;' >>a.cc
  ! commits && [[ $(git show :a.cc) == 'int a;' && $(<a.cc) == $'int a;\nint  b;' ]] &&
    grep -q 'nothing was committed' said
}

test_the_hook_refuses_scripts_that_shellcheck_does() {
  make_clone
  printf '#!/usr/bin/env bash\necho $1\n' >script
  git add script
  ! commits && grep -q SC2086 said
}

test_the_hook_formats_python_with_the_ruff_of_the_cache() {
  make_clone
  export ENXAME_CACHE=$PWD/cache
  mkdir -p cache/python-lint-1a2b3c/bin
  printf '%s\n' '#!/bin/sh' '[ "$1" != format ] || [ "$2" = --check ] || sed -i "s/  */ /g" "$2"' >cache/python-lint-1a2b3c/bin/ruff
  chmod +x cache/python-lint-1a2b3c/bin/ruff
  echo 'a  = 1' >a.py
  git add a.py
  commits && [[ $(git show HEAD:a.py) == 'a = 1' ]]
}

test_the_hook_refuses_python_that_ruff_does() {
  make_clone
  fake ruff '[ "$1" = format ]'
  echo 'import os' >a.py
  git add a.py
  ENXAME_CACHE=$PWD/none bash -c '! git commit -q -m message >said 2>&1' && grep -q 'nothing was committed' said
}

test_the_hook_names_what_it_could_not_check() {
  make_clone
  mkdir -p harness
  echo 'let a  = 1' >harness/a.ts
  git add harness
  commits && grep -q 'not checked, since harness/node_modules/.bin/biome is not installed: harness/a.ts' said
}

test_the_jobs_of_continuous_integration_are_all_stages() {
  local jobs
  jobs=$(sed -n 's/.*stages: \(.*\) }$/\1/p' "$here/.github/workflows/ci.yml")
  # shellcheck disable=SC2086 # a list
  diff <(in_lib 'source setup/stages.sh; stages_called; echo fuzz' | sort) <(in_lib "source setup/stages.sh; stages_called ${jobs//$'\n'/ }" | sort)
}

# CMake and run-experiment read the file; who cites reads a copy.
test_the_version_is_in_one_file_and_its_citation() {
  local version
  version=$(<"$here/VERSION")
  [[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] && grep -qxF "version: $version" "$here/CITATION.cff" &&
    date --date "$(sed -n 's/^date-released: "\(.*\)"$/\1/p' "$here/CITATION.cff" | grep .)" >/dev/null &&
    ! grep '"version"' "$here/harness/package.json"
}

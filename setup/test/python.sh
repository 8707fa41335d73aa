# shellcheck shell=bash
# Tests of setup/python-lint; sourced by setup_test.

test_linters_of_python_are_there_when_they_are_whole_and_then_fetched_no_more() {
  echo 'no-such-package==1 --hash=sha256:0' >setup/python/lint.txt
  PIP_NO_INDEX=1 expect_says 'putting ruff and mypy' setup/python-lint || return
  local prefix
  prefix=$(echo "$PWD"/cache/python-lint-*.lock)
  prefix=${prefix%.lock}
  [[ ! -e $prefix ]] || return
  mkdir "$prefix"
  [[ $(PIP_NO_INDEX=1 setup/python-lint 2>&1) == "$prefix/bin" ]] || return
  # Of other versions nothing is known yet.
  echo 'no-such-package==2 --hash=sha256:0' >setup/python/lint.txt
  PIP_NO_INDEX=1 expect_says 'putting ruff and mypy' setup/python-lint
}

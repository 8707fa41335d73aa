# shellcheck shell=bash
# Tests of setup/python-lint and setup/engine; sourced by setup_test.

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

test_an_engine_is_linked_when_it_is_whole() {
  echo 'wasmtime==1.2.3 --hash=sha256:0' >setup/python/wasmtime.txt
  PIP_NO_INDEX=1 expect_says 'putting Wasmtime' setup/engine wasmtime || return
  [[ ! -e build/engines ]] || return
  local prefix
  prefix=$(echo "$PWD"/cache/python-wasmtime-*.lock)
  prefix=${prefix%.lock}
  mkdir -p "$prefix/lib/python3/site-packages/wasmtime/linux-any"
  echo library >"$prefix/lib/python3/site-packages/wasmtime/linux-any/_libwasmtime.so"
  PIP_NO_INDEX=1 expect_silence setup/engine wasmtime || return
  [[ $(<build/engines/libwasmtime.so) == library && $(<build/engines/wasmtime.version) == 1.2.3 ]]
}

test_engines_on_path_are_taken_several_at_once() {
  fake bun 'echo 99.0.1'
  fake deno 'echo "deno 98.7.0 (stable)"'
  timeout 20 setup/engine bun deno &&
    [[ $(build/engines/bun) == 99.0.1 && $(<build/engines/bun.version) == 99.0.1 ]] &&
    [[ $(<build/engines/deno.version) == 98.7.0 ]]
}

test_an_engine_that_nobody_knows_is_named() {
  [[ $(setup/engine lucet 2>&1) == 'error: no engine is called lucet; known are: wasmtime node bun deno' ]] &&
    [[ $(setup/engine 2>&1) == 'error: no engine is named; known are: wasmtime node bun deno' ]]
}

# shellcheck shell=bash disable=SC2016,SC2154 # as in setup_test
# Tests of setup/engine; sourced by setup_test.

test_an_engine_is_linked_when_it_is_whole() {
  echo 'wasmtime==1.2.3 --hash=sha256:0' >setup/python/wasmtime.txt
  PIP_NO_INDEX=1 expect_says 'putting wasmtime' setup/engine wasmtime || return
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
  [[ $(setup/engine lucet 2>&1) == 'error: no engine is called lucet; known are: wasmtime node bun deno wazero '* ]] &&
    [[ $(setup/engine 2>&1) == 'error: no engine is named; known are: wasmtime node '* ]]
}

test_each_engine_is_fetched_from_where_its_line_says() {
  local name from machine packages version hash
  while read -r name from machine packages version _ hash; do
    case $from in
      pypi) [[ -f setup/python/$name.txt ]] && grep -q "^$packages==$version " "setup/python/$name.txt" ;;
      npm) [[ $hash == sha512-* && $machine != any ]] ;;
      go | go-arm64) grep -q " v$version\b" setup/go/go.mod ;;
      crates | debian) ;;
      *) false ;;
    esac || { echo "$name: $from"; return 1; }
  done < <(grep -v '^#' setup/engines.txt)
}

test_an_engine_that_cannot_be_built_says_what_is_missing() {
  # Neither the engine, nor what it is built with.
  local tool path=$scratch/tools
  mkdir "$path"
  for tool in bash env awk sed grep cat dirname basename realpath readlink find sort head sha256sum uname flock mkdir cut paste stat; do
    ln -s "$(type -P "$tool")" "$path/$tool"
  done
  [[ $(PATH=$path setup/engine wazero 2>&1) == "error: wazero is missing, and so is Go to build it with; put wazero 1.12.0 or newer, or a Go of "* ]] &&
    [[ $(PATH=$path setup/engine wasmi 2>&1) == "error: wasmi is missing, and so is Rust to build it with; put wasmi 2.0.0 or newer, or a cargo "* ]]
}

test_an_engine_that_does_not_run_is_not_kept() {
  fake go 'while (($# > 1)); do [[ $1 != -o ]] || out=$2; shift; done; mkdir -p "${out%/*}"; printf "#!/bin/sh\nexit 1\n" >"$out"; chmod +x "$out"'
  expect_says 'does not say its version' setup/engine wazero || return
  [[ -z $(find cache -maxdepth 1 -name 'wazero-*' ! -name '*.lock') && ! -e build/engines/wazero ]]
}

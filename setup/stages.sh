# shellcheck shell=bash
# The stages of ./run-tests: the lists of Debian packages that each needs (setup/debian/), what it builds of C++, and what it
# does. A stage first builds what it checks, then runs its check with the log test-STAGE. Sourced after lib.sh.

# All but fuzz, coverage and outside, which take part only when they are named. Those that wait more than they compute come before those
# whose builds are long: these are made meanwhile (build_ahead).
readonly STAGES=(format shell docs harness-lint python-lint harness notebooks paper model browser metrics unit wasm wasi asan tsan odr tidy)

# shellcheck disable=SC2034 # read by run-tests
declare -rA PACKAGES=(
  [format]="lint"
  [tidy]="lint build"
  [shell]="lint"
  [docs]="lint"
  [harness-lint]="node"
  [python-lint]="lint figures"
  [odr]="build"
  [unit]="build"
  [wasm]="build wasm node"
  [wasi]="build wasi node"
  [asan]="build clang"
  [tsan]="build clang"
  [harness]="node"
  [browser]="node build wasm wasi engines browser figures"
  [metrics]="node build wasm browser figures metrics"
  [notebooks]="figures notebooks lint"
  [paper]="figures paper lint"
  [model]="build model"
  [outside]="node build wasm wasi engines browser postgres database"
  [fuzz]="build clang"
  [coverage]="build coverage"
)

# A preset and targets, separated by spaces; several of them by semicolons. (Of what has threads ThreadSanitizer sees all; the rest
# could only repeat what the others found.)
declare -rA BUILDS=(
  [tidy]="tidy generated"
  [odr]="odr odr"
  [unit]="release"
  [wasm]="wasm"
  [wasi]="wasi"
  [asan]="asan+ubsan tests programs"
  [tsan]="tsan net/all http/all metrics/all native-baseline/all coordinator/all load/all"
  [browser]="release programs;wasm programs;wasi programs"
  [metrics]="release programs;wasm programs"
  [outside]="release programs;wasm programs;wasi programs"
  [coverage]="coverage tests programs"
)

# build STAGE: what that stage needs of C++.
build() {
  local builds build words
  IFS=';' read -ra builds <<<"${BUILDS[$1]-}"
  for build in "${builds[@]}"; do
    read -ra words <<<"$build"
    "$SETUP/build" "${words[@]}" || return
  done
}

# build_ahead STAGE...: builds for these stages, one after another and after all else on this machine, while they or others run. A
# stage waits for its build; what fails here fails there again, and is told there.
build_ahead() {
  local stage
  for stage in "$@"; do
    build "$stage" || true
  done
}

# stages_called NAME...: the stages of those names, one a line; all of them for no name.
stages_called() {
  (($# > 0)) || set -- "${STAGES[@]}"
  local name
  for name in "$@"; do
    case $name in
      lint) printf '%s\n' format shell docs harness-lint python-lint tidy ;;
      sanitizers) printf '%s\n' asan tsan ;;
      *) echo "$name" ;;
    esac
  done
}

stage_format() {
  attempt "checking the format of C++" test-format format_of_cxx
}

format_of_cxx() {
  cd "$REPOSITORY" && ours -name '*.h' -o -name '*.cc' | xargs -0 clang-format-14 --dry-run --Werror
}

stage_tidy() {
  build tidy &&
    attempt "clang-tidy" test-tidy tidy
}

# What the native build compiles, less tests, benchmarks and what is generated; a few files at a time, because most of the time goes
# into headers. Bounded, so that a slow machine says so in place of hanging; in the foreground, that is in the step's process group,
# which an interrupt ends.
tidy() {
  sed -nE 's|^ *"file": "(.*)",?$|\1|p' "$REPOSITORY/build/tidy/compile_commands.json" |
    grep -vE '/(test|bench|generated)/' | sort -u |
    timeout --foreground 900 xargs -P "$(nproc)" -n 1 clang-tidy-19 -p "$REPOSITORY/build/tidy" --quiet --warnings-as-errors='*'
}

stage_shell() {
  attempt "shellcheck, and the tests of the set-up" test-shell check_shell
}

check_shell() {
  cd "$REPOSITORY" &&
    ours -true | xargs -0 grep -lzE -m 1 '^#!/usr/bin/env (-S )?bash|^# shellcheck shell=bash' --null | xargs -0 shellcheck &&
    "$SETUP/test/setup_test"
}

stage_docs() {
  attempt "documents, and the tests of their check" test-docs check_docs
}

check_docs() {
  cd "$REPOSITORY" &&
    /usr/bin/python3 docs/check/check.py &&
    /usr/bin/python3 -m pytest -q -p no:cacheprovider docs/check
}

stage_harness-lint() {
  "$SETUP/harness" &&
    attempt "linting TypeScript" test-harness-lint npm_run lint
}

stage_python-lint() {
  local tools
  tools=$("$SETUP/python-lint") &&
    attempt "linting Python" test-python-lint lint_python "$tools"
}

# lint_python FOLDER: with the tools of that folder. notebooks/pyproject.toml says by which rules.
lint_python() {
  cd "$REPOSITORY/notebooks" &&
    "$1/ruff" format --no-cache --check . &&
    "$1/ruff" check --no-cache . &&
    "$1/python" -m mypy --cache-dir "$REPOSITORY/build/mypy"
}

# What links every library into one program finds nothing defined twice.
stage_odr() {
  build odr
}

stage_unit() {
  build unit &&
    attempt "C++ tests, native" test-unit run_ctest release
}

stage_wasm() {
  build wasm &&
    attempt "C++ tests, WebAssembly" test-wasm run_ctest wasm
}

stage_wasi() {
  build wasi &&
    attempt "the worker for WASI runtimes" test-wasi run_ctest wasi
}

stage_asan() {
  build asan &&
    attempt "C++ tests, address and undefined behaviour sanitizers" test-asan run_ctest asan+ubsan
}

stage_tsan() {
  build tsan &&
    attempt "C++ tests, thread sanitizer" test-tsan run_ctest tsan
}

stage_harness() {
  "$SETUP/harness" &&
    attempt "TypeScript tests" test-harness npm_run test:unit
}

stage_browser() {
  "$SETUP/engine" wasmtime runc duckdb dockerd &&
    build browser &&
    "$SETUP/harness" &&
    attempt "end-to-end tests in a browser" test-browser npm_run test:e2e
}

# Every engine that there is outside the browser.
stage_outside() {
  "$SETUP/engine" all &&
    build outside &&
    "$SETUP/harness" &&
    attempt "engines outside the browser" test-outside npm_run test:outside
}

stage_metrics() {
  build metrics &&
    "$SETUP/harness" &&
    attempt "a run under Prometheus" test-metrics npm_run test:metrics
}

# Debian's Python has the packages that draw the figures; another on PATH may not, and the user's own (~/.local) may differ.
stage_notebooks() {
  attempt "Python tests" test-notebooks /usr/bin/python3 -I -m pytest -q -p no:cacheprovider \
    --numprocesses "$(nproc)" --dist loadfile "$REPOSITORY/notebooks"
}

stage_paper() {
  attempt "a page of a paper" test-paper /usr/bin/python3 -I -m pytest -q -p no:cacheprovider "$REPOSITORY/docs/paper"
}

stage_model() {
  attempt "the model of leases, whole and without each guard" test-model "$REPOSITORY/coordinator/model/check" &&
    cat "$LOGS/test-model.log"
}

# Every test of mutated inputs for 20 s, or for ENXAME_FUZZ_SECONDS.
stage_fuzz() {
  attempt "fuzzing" test-fuzz "$SETUP/fuzz" "${ENXAME_FUZZ_SECONDS:-20}" &&
    grep 'executions$' "$LOGS/test-fuzz.log"
}

stage_coverage() {
  build coverage &&
    find "$REPOSITORY/build/coverage" -name '*.gcda' -delete &&
    attempt "C++ tests, counting lines" test-coverage run_ctest coverage &&
    attempt "adding lines up" coverage lines_by_folder &&
    cat "$LOGS/coverage.log"
}

# How many of each folder's lines the tests have run, less those of tests and benchmarks.
lines_by_folder() {
  cd "$REPOSITORY" &&
    gcovr build/coverage --root . --exclude '(.*/)?(test|bench|testing|build)/' --csv |
    awk -F , '
      NR > 1 {
        folder = $1
        if (!sub("/[^/]*$", "", folder)) folder = "."
        lines[folder] += $2; run[folder] += $3; lines["all"] += $2; run["all"] += $3
      }
      END { for (f in lines) printf "%-28s %6d of %6d lines run %6.1f %%\n", f, run[f], lines[f], 100 * run[f] / lines[f] }' |
    sort
}

# run_ctest PRESET: the tests of what the stage has built; CTest stands in for the others with one that cannot pass.
run_ctest() {
  cd "$REPOSITORY" && ctest --preset "$1" --parallel "$(nproc)" --exclude-regex '_NOT_BUILT$'
}

npm_run() {
  cd "$REPOSITORY/harness" && PATH=$("$SETUP/node"):$PATH npm run "$1"
}

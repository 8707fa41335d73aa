# shellcheck shell=bash disable=SC2016,SC2154 # setup_test's scratch, code in strings
# Tests of setup/harness, with a harness of one package, which the real npm installs, and of ./run-experiment.

# The package stands for the compiler: it makes a program that says what it is asked for.
make_harness() {
  mkdir -p harness/compiler
  (
    cd harness || exit
    echo '{"name": "compiler", "version": "1.0.0", "bin": {"compile": "compile"}}' >compiler/package.json
    cat >compiler/compile <<'END'
#!/bin/sh
mkdir -p ../build/harness
cat >../build/harness/main.js <<'PROGRAM'
const [word, ...rest] = process.argv.slice(2);
const { status } = require('child_process').spawnSync('flock', ['--nonblock', 'build/wasm.lock', 'true']);
if (word === 'run' && status === 0) console.error('not locked');
require('fs').appendFileSync(process.env.CALLS || '/dev/null', `${word} ${rest}\n`);
if (rest.includes('--wrkers')) { console.error("unknown option '--wrkers'"); process.exit(2); }
if (word === 'needs' && rest[0] === 'run') console.log('programs\nbrowser');
PROGRAM
END
    chmod +x compiler/compile
    cat >package.json <<'END'
{"name": "made-up", "version": "1.0.0", "scripts": {"build": "compile"}, "devDependencies": {"compiler": "file:compiler"}}
END
    npm install --package-lock-only --offline --no-audit --no-fund >/dev/null
  )
}

test_settings_of_npm_do_not_leave_out_what_builds() {
  make_harness
  NODE_ENV=production npm_config_omit=dev npm_config_global=true npm_config_bin_links=false npm_config_dry_run=true NODE_OPTIONS=--nonsense \
    expect_says 'building the harness ... ' setup/harness &&
    [[ -f build/harness/main.js ]] && expect_silence setup/harness
}

# expect_silence COMMAND...: it succeeds, and had nothing to do.
expect_silence() {
  local said
  said=$("$@" 2>&1) && [[ -z $said ]] && return
  printf 'expected nothing to be done by: %s\nbut it said:\n%s\n' "$*" "$said"
  return 1
}

test_a_harness_that_is_not_whole_is_made_again() {
  make_harness
  setup/harness 2>/dev/null
  (cd harness && NODE_ENV=production npm prune --offline --no-audit --no-fund >/dev/null)
  expect_says 'installing npm packages' setup/harness &&
    rm -r harness/node_modules && expect_says 'installing npm packages' setup/harness &&
    rm build/harness/main.js && expect_says 'building the harness' setup/harness &&
    : >build/harness/.made-from && expect_says 'building the harness' setup/harness && [[ -f build/harness/main.js ]] &&
    expect_silence setup/harness
}

# In English a comes before B; in C, after.
test_another_language_changes_nothing() {
  mkdir locales
  localedef -i en_US -f UTF-8 locales/en_US.UTF-8 2>/dev/null || return 0
  make_harness
  : >harness/a.ts
  : >harness/B.ts
  setup/harness 2>/dev/null
  expect_silence env LOCPATH="$scratch/locales" LC_ALL=en_US.UTF-8 setup/harness
}

test_an_interrupted_installation_is_begun_again() {
  make_harness
  local real
  real=$(command -v npm)
  fake npm '[[ $1 != ci ]] || { mkdir -p node_modules; kill -KILL $PPID; exit 1; }; exec '"$real"' "$@"'
  ! setup/harness 2>/dev/null
  rm fakes/npm
  setup/harness 2>/dev/null && [[ -f build/harness/main.js ]]
}

test_a_harness_is_used_where_nothing_can_be_written() {
  make_harness
  setup/harness 2>/dev/null
  cp -a . "$scratch.copy"
  (cd "$scratch.copy" && expect_silence setup/harness) || return
  rm -r "$scratch.copy"
  expect_silence as_another setup/harness || return
  ((EUID != 0)) || ! unshare --mount true 2>/dev/null ||
    expect_silence unshare --mount bash -c 'mount --bind -o ro . . 2>/dev/null && mount -o remount,ro,bind . && cd "$PWD" && setup/harness'
}

test_a_harness_of_another_user_that_is_out_of_date_is_not_touched() {
  make_harness
  setup/harness 2>/dev/null
  echo >harness/new.ts
  expect_says 'cannot write to' as_another setup/harness && [[ -f build/harness/main.js ]]
}

# The scripts that build and install are replaced: they only note that they were called.
test_a_wrong_flag_is_refused_before_anything_is_built() {
  make_harness
  fake chromium-headless-shell ''
  local script
  for script in build packages; do
    printf '#!/bin/sh\necho "%s $*" >>%q\n' "$script" "$scratch/set-up" >"setup/$script"
  done
  local status=0
  ./run-experiment run --wrkers 2 2>refused || status=$?
  ((status == 2)) && grep -q "unknown option '--wrkers'" refused && [[ $(<set-up) == 'packages node' ]] || return
  export CALLS=$scratch/calls
  : >build/release.lock
  : >build/wasm.lock
  [[ -z $(./run-experiment run x 2>&1) ]] && [[ $(<calls) == $'needs run,x\nrun x' ]] &&
    [[ $(<set-up) == *$'\npackages browser build wasm\nbuild release programs\nbuild wasm programs' ]] || return
  : >set-up
  ./run-experiment list && [[ $(<set-up) == 'packages node' ]]
}

test_completion_sets_nothing_up() {
  make_harness
  [[ -z $(./run-experiment complete '' 2>&1) && ! -e build/harness ]]
}

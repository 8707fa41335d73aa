import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { UsageError } from '../../src/base/errors.js';
import { REPOSITORY } from '../../src/base/shell.js';
import { parseFlags } from '../../src/cli/flags.js';
import { findExperiment, listExperiments, readExperiment } from '../../src/experiment/catalogue.js';
import { cellsOf, inFlightOf } from '../../src/experiment/cells.js';

const EXPERIMENTS = join(REPOSITORY, 'experiments');
const folder = mkdtempSync(join(tmpdir(), 'enxame-test-'));
after(() => rmSync(folder, { recursive: true }));

const QUESTION = 'question: What is the question here?\n';

/** The experiment of a file that says `text`, under these flags. */
function make(text: string, ...argv: string[]) {
  const path = join(folder, 'mine.yaml');
  writeFileSync(path, QUESTION + text);
  const request = parseFlags([path, ...argv], () => undefined);
  assert.equal(request?.command, 'run');
  const found = findExperiment(EXPERIMENTS, path);
  return readExperiment(EXPERIMENTS, found, request.overrides, 42);
}

const keysOf = (...args: Parameters<typeof make>) => cellsOf(make(...args)).map(({ key }) => key);

test('the experiments of this project can be read, and each says what it asks', () => {
  const entries = listExperiments(EXPERIMENTS);
  assert.ok(entries.some(({ name }) => name === 'scaling'));
  for (const entry of entries) {
    assert.ok(entry.question.length > 10);
    for (const overrides of [{}, { quick: true } as const]) {
      assert.ok(cellsOf(readExperiment(EXPERIMENTS, entry, overrides, 1)).length > 0);
    }
  }
});

test('what a file leaves out has a default; flags go before the file, and the file before --quick', () => {
  const { name, seed, repetition, systems, axes, stop } = make('');
  assert.equal(name, 'mine');
  assert.equal(seed, 42);
  assert.deepEqual(repetition, {
    launches: 3,
    duration_s: 10,
    samples: null,
    warm_up_s: 1,
    warm_up_limit_s: 10,
  });
  assert.deepEqual(axes.workers, [1, 2, 4]);
  assert.ok(systems.length >= 12);
  assert.equal(stop, null);
  assert.equal(make('').validity.other_load_share, 0.05);

  const file = 'repetition: {launches: 7, duration_s: 4}\norder: {seed: 5}\n';
  const own = make(file, '--launches', '9', '--n', '8,16');
  assert.deepEqual([own.repetition.launches, own.repetition.duration_s], [9, 4]);
  assert.deepEqual([own.seed, own.axes.n], [5, [8, 16]]);
  assert.deepEqual(make(file, '--quick').repetition.launches, 1);
  const bounded = 'repetition: {samples: 4000, warm_up_s: 0.5}\n';
  assert.deepEqual(
    [make(bounded).repetition.samples, make(bounded).repetition.warm_up_s],
    [4000, 0.5],
  );
  assert.equal(make(bounded, '--samples', '500').repetition.samples, 500);
  const quick = 'quick: {axes: {workers: 3}, repetition: {launches: 2}}\n';
  assert.deepEqual(make(file + quick, '--quick').axes.workers, [3]);
  assert.deepEqual(make(file + quick, '--quick').repetition.launches, 2);
});

test('a cell is a system with one value of each axis', () => {
  assert.deepEqual(keysOf('systems: [local]\naxes: {workers: "1..3:2", n: [8, 16]}\n'), [
    'local w1 n8',
    'local w1 n16',
    'local w3 n8',
    'local w3 n16',
  ]);
});

test('a value that a system cannot take makes no cell of it; without any it keeps its own', () => {
  const axes = 'axes: {workers: 1, codec: [json, binary], kernel: [naive, blas]}\n';
  assert.deepEqual(keysOf(`systems: [local, rpc-tcp, rest-wasm]\n${axes}`), [
    'local w1 codec=none kernel=naive',
    'local w1 codec=none kernel=blas',
    'rpc-tcp w1 codec=binary kernel=naive',
    'rpc-tcp w1 codec=binary kernel=blas',
    'rest-wasm w1 codec=json kernel=naive',
    'rest-wasm w1 codec=binary kernel=naive',
  ]);
});

test('what only browsers know does not multiply native cells', () => {
  const axes = 'axes: {workers: 1, attached: [false, true], browsers: [shared, per-worker]}\n';
  const keys = keysOf(`systems: [rpc-tcp, rest-wasm]\n${axes}`);
  assert.deepEqual(
    keys.map((key) => key.split(' ')[0]),
    ['rpc-tcp', 'rest-wasm', 'rest-wasm', 'rest-wasm', 'rest-wasm'],
  );
});

test('a closed load has requests in flight, as many as workers unless it says otherwise', () => {
  const [cell] = cellsOf(make('systems: [local]\naxes: {workers: 3}\n'));
  assert.ok(cell);
  assert.equal(inFlightOf(cell), 3);
  const [other] = cellsOf(make('systems: [local]\naxes: {workers: 3}\n', '--in-flight', '8'));
  assert.ok(other);
  assert.equal(inFlightOf(other), 8);
});

test('a closed load submits at once unless it is jittered, which says nothing of throughput', () => {
  const jittered = 'systems: [local]\nload: {kind: closed, submit: jittered}\n';
  assert.deepEqual(make('systems: [local]\n').load, { kind: 'closed', submit: 'at-once' });
  assert.deepEqual(make(jittered).load, { kind: 'closed', submit: 'jittered' });
  assert.deepEqual(make(jittered, '--rate', '50').load, {
    kind: 'open',
    arrivals: 'poisson',
    schedule: 'constant',
  });
  assert.throws(
    () => make(`${jittered}stop: {measure: throughput_per_s, relative_half_width: 1, budget_s: 9}`),
    /mine\.yaml:4:7: measure throughput_per_s is not given where load\.submit is jittered; expected median/,
  );
});

test('an open load has rates; a rate on the command line opens a closed one', () => {
  const open = 'systems: [local]\naxes: {workers: 1, rate_per_s: [10, 20]}\nload: {kind: open}\n';
  assert.deepEqual(keysOf(open), ['local w1 rate=10', 'local w1 rate=20']);
  const opened = make('systems: [local]\n', '--rate', '50');
  assert.deepEqual([opened.load.kind, opened.axes.rate_per_s], ['open', [50]]);
  const closed = make(open, '--in-flight', '4');
  assert.deepEqual([closed.load.kind, closed.axes.rate_per_s], ['closed', undefined]);
});

const THREE = 'systems: [local, rpc-tcp, ws-wasm]\naxes: {workers: 2, ';

test('what a system cannot be asked for makes no cell of it, and it does what it does anyhow', () => {
  assert.deepEqual(keysOf(`${THREE}split: [none, rows]}\n`), [
    'local w2 split=none',
    'rpc-tcp w2 split=none',
    'rpc-tcp w2 split=rows',
    'ws-wasm w2 split=none',
    'ws-wasm w2 split=rows',
  ]);
  assert.deepEqual(keysOf(`${THREE}service_ms: [100, 1000]}\n`), [
    'local w2 service=0ms',
    'rpc-tcp w2 service=100ms',
    'rpc-tcp w2 service=1000ms',
    'ws-wasm w2 service=100ms',
    'ws-wasm w2 service=1000ms',
  ]);
});

test('flags of the browser that are not its defaults are in the name of each cell, also when they do not vary', () => {
  assert.deepEqual(keysOf(`${THREE}browser_flags: [none, revectorize]}\n`), [
    'local w2',
    'rpc-tcp w2',
    'ws-wasm w2',
    'ws-wasm w2 non-default-flags=revectorize',
  ]);
  assert.deepEqual(
    keysOf('systems: [ws-wasm]\n', '--workers', '1', '--browser-flags', 'no-liftoff'),
    ['ws-wasm w1 non-default-flags=no-liftoff'],
  );
});

test('kernel origin takes only whole numbers', () => {
  const file = 'systems: [rpc-tcp, origin-rpc]\naxes: {workers: 1}\n';
  assert.throws(
    () => keysOf(file),
    /origin-rpc: values is 'real': kernel origin multiplies only whole numbers; expected integer; give --values integer/,
  );
  assert.deepEqual(keysOf(file, '--values', 'integer'), ['rpc-tcp w1', 'origin-rpc w1']);
  assert.deepEqual(keysOf(file, '--values', 'real,integer'), [
    'rpc-tcp w1 values=real',
    'rpc-tcp w1 values=integer',
    'origin-rpc w1 values=integer',
  ]);
});

test('what no system can be asked for is refused with the reason', () => {
  const refused = (...argv: string[]) => keysOf('systems: [local, rpc-tcp]\n', ...argv);
  assert.throws(
    () => refused('--browser-flags', 'revectorize'),
    /browser_flags 'revectorize' is not supported by local, rpc-tcp: engine native has no browser/,
  );
  assert.throws(
    () => refused('--collection', 'poll'),
    /collection 'poll' is not supported by local, rpc-tcp: collection of transport inproc is 'poll'/,
  );
});

test('a field that a system does not have is not in the names of its cells', () => {
  const systems = 'systems: [local, ws-wasm, rest-wasm]\naxes: {workers: 1}\n';
  assert.deepEqual(keysOf(systems, '--collection', 'long-poll,poll'), [
    'local w1',
    'ws-wasm w1',
    'rest-wasm w1 collection=long-poll',
    'rest-wasm w1 collection=poll',
  ]);
});

test('a product too small for a tile for each worker is refused', () => {
  const split = 'systems: [rpc-tcp]\naxes: {split: [none, rows], n: 4}\n';
  assert.equal(keysOf(split, '--workers', '4').length, 2);
  assert.throws(
    () => keysOf(split, '--workers', '5'),
    /rpc-tcp: split 'rows' of n 4 over 5 workers; expected an n of 5 or more/,
  );
});

test('a system may have fewer workers than others', () => {
  const file =
    'systems: [rpc-tcp, ws-wasm]\nmost_workers: {ws-wasm: 4}\naxes: {workers: [4, 256]}\n';
  assert.deepEqual(keysOf(file), ['rpc-tcp w4', 'rpc-tcp w256', 'ws-wasm w4']);
  assert.throws(
    () => keysOf(file, '--workers', '8'),
    /workers 8: ws-wasm has at most 4 in this experiment/,
  );
});

const BOMB = ['a: &a [1]', ...['b', 'c', 'd', 'e'].map(bombOf)].join('\n');

/** Ten times the list before. */
function bombOf(name: string): string {
  const before = String.fromCharCode(name.charCodeAt(0) - 1);
  return `${name}: &${name} [${Array(10).fill(`*${before}`).join(', ')}]`;
}

const WRONG: [what: string, text: string, message: RegExp][] = [
  ['an unknown field', 'axis: {n: 8}\n', /mine\.yaml:2:7: axis: there is no such field; expected/],
  [
    'a wrong type',
    'repetition: {launches: many}\n',
    /:2:24: repetition\.launches: "many" is not valid; expected a whole number from 1 up to 1000/,
  ],
  [
    'a number out of range',
    'repetition: {launches: 0}\n',
    /launches: 0 is not valid; expected a whole number from 1/,
  ],
  [
    'an unknown value',
    'axes:\n  codec: xml\n',
    /:3:10: axes\.codec: "xml" is not valid; expected none or json or binary/,
  ],
  ['a worker count', 'axes:\n  workers: 4..1\n', /:3:12: '4\.\.1' is not a valid worker count/],
  ['an unknown system', 'systems: [lokal]\n', /:2:10: unknown system 'lokal'; expected/],
  ['an open load without rates', 'load: {kind: open}\n', /:2:7: an open load needs arrival rates/],
  [
    'a rate of a closed load',
    'axes: {rate_per_s: 5}\n',
    /rate_per_s 5 applies only to an open load/,
  ],
  [
    'a service time',
    'axes: {service_ms: 0.5}\n',
    /service_ms: 0\.5 is not valid; expected a whole number from 0 up to 20000/,
  ],
  ['an unknown split', 'axes: {split: columns}\n', /axes\.split: "columns" is not valid/],
  ['workers of no system', 'most_workers: {lokal: 1}\n', /:2:15: unknown system 'lokal'/],
  [
    'an empty axis',
    'axes: {attached: []}\n',
    /:2:18: attached is empty; expected at least one value/,
  ],
  ['a count', 'axes: {in_flight: 0}\n', /expected a whole number from 1 up to 4096 or per-worker$/],
  [
    'a rate',
    'axes: {rate_per_s: .inf}\n',
    /Infinity is not valid; expected a number above 0 up to/,
  ],
  ['a mistyped field', 'axes: {wrokers: 4}\n', /:2:17: .*; did you mean 'workers'\?$/],
  ['a mistyped value', 'axes: {codec: binry}\n', /:2:15: .*; did you mean 'binary'\?$/],
  ['a mistyped system', 'systems: [rcp-tcp]\n', /; did you mean 'rpc-tcp'\?$/],
  ['a mistyped load', 'load: {kind: opne, arrivals: poisson}\n', /:2:14: .*did you mean 'open'\?$/],
  ['a system twice', 'systems: [local, local]\n', /:2:10: .* has the same entry twice/],
  ['an open bracket', 'axes: {n: [}\n', /mine\.yaml:2:12: a closing \] is missing, at "}"$/],
  ['an open quote', "axis: 'abc\n", /:3:1: .* closing quote is missing, at the end of the line$/],
  ['a field twice', 'question: Another question here?\n', /:2:1: a field that is given twice/],
  ['a tab', 'axes:\n\tn: 4\n', /:3:1: a tab at the beginning of the line; expected spaces/],
  ['two colons', 'axes: n: 4\n', /:2:7: a second ': ' in one line/],
  ['a second document', '---\na: b\n', /:2:1: a second document begins here/],
  ['a list for a name', '? [a, b]\n: 4\n', /:2:3: a field whose name is not a text/],
  ['an unknown tag', 'axes: !foo {n: 4}\n', /:2:7: an unknown tag/],
  ['an unknown alias', 'axes: *x\n', /:2:7: there is no anchor &x before \*x/],
  ['nesting', `axes: ${'['.repeat(200_000)}\n`, /: lists and maps are nested too deeply/],
  ['aliases of aliases', BOMB, /aliases of aliases make it too large/],
];

for (const [what, text, message] of WRONG) {
  test(`${what} is refused with its line`, () => {
    assert.throws(
      () => make(text),
      (error) => {
        assert.ok(error instanceof UsageError, String(error));
        assert.match(error.message, message);
        assert.ok(!error.message.includes('\n'));
        return true;
      },
    );
  });
}

test('a file that cannot be read is told in words', () => {
  const read = (path: string) =>
    readExperiment(EXPERIMENTS, { name: 'mine', path: join(folder, path) }, {}, 1);
  assert.throws(() => read('none.yaml'), /cannot read .*none\.yaml: there is no such file$/);
  assert.throws(() => read('.'), /cannot read .*: it is a folder; expected a file$/);
  assert.throws(
    () => readExperiment(EXPERIMENTS, { name: 'mine', path: '/dev/zero' }, {}, 1),
    /cannot read \/dev\/zero: it has more than 1048576 bytes/,
  );
  writeFileSync(join(folder, 'empty.yaml'), '');
  assert.throws(() => read('empty.yaml'), /empty\.yaml:1:1: the file: it is empty/);
});

test('browsers that no system has are refused', () => {
  for (const flags of [['--attached'], ['--browsers', 'per-worker']]) {
    assert.throws(() => keysOf('systems: [local]\n', ...flags), /is not supported by local:/);
  }
});

test('what is too large is refused by its numbers before any of it is made', () => {
  const begin = performance.now();
  assert.throws(
    () => keysOf('systems: [local]\n', '--workers', '1..1024', '--n', '1..8192'),
    /^UsageError: 25165824 trials \(8388608 cells × 3 launches\) would measure for 7 years; expected at most 100000: give fewer values of n \(now 8192\), or fewer values of workers \(now 1024\), or fewer launches \(now 3\)$/,
  );
  assert.ok(performance.now() - begin < 1000);
  const most = ['--workers', '1..100', '--n', '1..1000', '--launches', '1'];
  assert.equal(keysOf('systems: [local]\n', ...most).length, 100_000);
});

test('what the command line got wrong is not blamed on the file', () => {
  assert.throws(() => make('', '--systems', 'lokal'), /^UsageError: --systems: unknown system/);
  assert.throws(
    () => keysOf('systems: [rest-wasm]\n', '--kernel', 'blas'),
    /kernel 'blas' is not supported by rest-wasm: kernel of engine browser is 'blas'/,
  );
  assert.throws(
    () => findExperiment(EXPERIMENTS, 'scalling'),
    /unknown experiment 'scalling'; expected .*; did you mean 'scaling'\?$/,
  );
  assert.throws(
    () => findExperiment(EXPERIMENTS, 'verfy', ['run', 'verify']),
    /unknown experiment 'verfy'; .* or a command; did you mean 'verify'\?$/,
  );
});

test('the others are compared with the system that is named, or the first in which matrices travel', () => {
  const systems = 'systems: [local, local-blas, ws-native, rpc-tcp]\n';
  assert.equal(make(systems).over, 'ws-native');
  assert.equal(make('systems: [local, local-blas]\n').over, 'local');
  assert.equal(make(`${systems}over: rpc-tcp\n`).over, 'rpc-tcp');
  assert.equal(make(`${systems}over: rpc-tcp\n`, '--over', 'local').over, 'local');
  // It is not measured, then.
  assert.equal(make(`${systems}over: rpc-tcp\n`, '--systems', 'local,ws-native').over, 'ws-native');
  assert.throws(
    () => make(`${systems}over: rest-wasm\n`),
    /mine\.yaml:3:\d+: 'rest-wasm' is not measured, so nothing can be compared with it; expected one of local, /,
  );
  assert.throws(
    () => make(systems, '--over', 'rpc-tpc'),
    /--over: 'rpc-tpc' is not measured.*did you mean 'rpc-tcp'\?/,
  );
});

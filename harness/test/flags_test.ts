import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../src/errors.js';
import { type Flags, parseFlags } from '../src/flags.js';

function parse(...argv: string[]): Flags {
  const flags = parseFlags(argv, () => assert.fail('printed something'));
  assert.ok(flags);
  return flags;
}

test('without flags, only what has a default of its own is there', () => {
  const { build: _, ...flags } = parse();
  assert.deepEqual(flags, { workers: [1, 2, 4], browsers: 'shared' });
});

test('every flag is read into its own type', () => {
  const flags = parse(
    ...['--workers', '1..3', '--systems', 'local,rest-wasm', '--n', '64', '--duration', '0.5'],
    ...[
      '--launches',
      '2',
      '--seed',
      '7',
      '--in-flight',
      '8',
      '--codec',
      'binary',
      '--kernel',
      'naive',
    ],
    ...[
      '--browsers',
      'per-worker',
      '--browser-path',
      '/b',
      '--attached',
      '--quick',
      '--out',
      'o',
      '--build',
      'b',
    ],
  );
  assert.deepEqual(flags, {
    workers: [1, 2, 3],
    systems: ['local', 'rest-wasm'],
    n: 64,
    duration: 0.5,
    launches: 2,
    seed: 7,
    inFlight: 8,
    codec: 'binary',
    kernel: 'naive',
    browsers: 'per-worker',
    browserPath: '/b',
    attached: true,
    quick: true,
    out: 'o',
    build: 'b',
  });
});

const WRONG: [argv: string[], mentions: string[]][] = [
  [
    ['--workers', '0'],
    ["'0'", 'whole numbers from 1 to 1024'],
  ],
  [
    ['--workers', '4..1'],
    ["'4..1'", 'expected'],
  ],
  [
    ['--n', '0'],
    ["'0'", 'from 1 to 8192'],
  ],
  [
    ['--n', '1e3'],
    ["'1e3'", 'whole number'],
  ],
  [
    ['--duration', '-1'],
    ["'-1'", 'seconds'],
  ],
  [
    ['--duration', 'NaN'],
    ["'NaN'", 'seconds'],
  ],
  [
    ['--launches', '1.5'],
    ["'1.5'", 'whole number'],
  ],
  [
    ['--in-flight', '0'],
    ["'0'", 'from 1 to 4096'],
  ],
  [
    ['--seed', '4294967296'],
    ["'4294967296'", '4294967295'],
  ],
  [
    ['--codec', 'xml'],
    ["'xml'", 'json, binary'],
  ],
  [
    ['--kernel', 'magic'],
    ["'magic'", 'naive, blocked, simd, blas'],
  ],
  [
    ['--browsers', 'many'],
    ["'many'", 'shared, per-worker'],
  ],
  [
    ['--systems', 'local,'],
    ["'local,'", 'separated by commas'],
  ],
  [
    ['--worker', '4'],
    ['--worker', '--workers'],
  ],
  [['--workers'], ['--workers', 'missing']],
  [['fast'], ['fast']],
];

for (const [argv, mentions] of WRONG) {
  test(`${argv.join(' ')} is refused in one line that says why`, () => {
    assert.throws(
      () => parse(...argv),
      (error) => {
        assert.ok(error instanceof UsageError);
        assert.ok(!error.message.includes('\n'), error.message);
        for (const part of mentions)
          assert.ok(error.message.includes(part), `no ${part} in: ${error.message}`);
        return true;
      },
    );
  });
}

test('--help prints flags, examples and exit codes, and nothing is to be run', () => {
  let printed = '';
  const flags = parseFlags(['--help'], (text) => {
    printed += text;
  });
  assert.equal(flags, null);
  for (const part of ['--workers <counts>', './run-experiment --workers 1..4 --quick', '130']) {
    assert.ok(printed.includes(part), `no ${part}`);
  }
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../../src/base/errors.js';
import { commandLine, firstWords, parseFlags } from '../../src/cli/flags.js';
import type { DoctorRequest, Request } from '../../src/cli/request.js';

function parse(...argv: string[]): Request {
  const request = parseFlags(argv, () => assert.fail('printed something'));
  assert.ok(request);
  const { build: _, ...rest } = request;
  return rest;
}

test('without anything, the default experiment is run as its file says', () => {
  assert.deepEqual(parse(), {
    command: 'run',
    experiment: 'scaling',
    json: false,
    overrides: {},
  });
});

test('every flag is read into its own type', () => {
  const request = parse(
    ...['run', 'overhead', '--workers', '1..3', '--systems', 'local,rest-wasm', '--n', '64,128'],
    ...['--duration', '500ms', '--launches', '2', '--seed', '7', '--in-flight', '8'],
    ...['--codec', 'binary', '--kernel', 'naive', '--browsers', 'per-worker', '--attached'],
    ...['--values', 'integer', '--split', 'none,rows', '--service-ms', '0,100'],
    ...['--browser-flags', 'revectorize', '--collection', 'poll', '--connections', 'kept'],
    ...['--browser-path', '/b', '--quick', '--out', 'o', '--json', '--over', 'local'],
  );
  assert.deepEqual(request, {
    command: 'run',
    experiment: 'overhead',
    json: true,
    out: 'o',
    browserPath: '/b',
    overrides: {
      systems: ['local', 'rest-wasm'],
      over: 'local',
      launches: 2,
      duration: 0.5,
      seed: 7,
      quick: true,
      axes: {
        workers: '1..3',
        n: '64,128',
        in_flight: 8,
        codec: ['binary'],
        kernel: ['naive'],
        collection: ['poll'],
        connections: ['kept'],
        values: ['integer'],
        split: ['none', 'rows'],
        service_ms: [0, 100],
        browser_flags: ['revectorize'],
        browsers: 'per-worker',
        attached: true,
      },
    },
  });
});

test('each command has what it needs', () => {
  assert.deepEqual(parse('list'), { command: 'list', json: false });
  assert.deepEqual(parse('verify', 'r', '--json'), { command: 'verify', run: 'r', json: true });
  const resume = { command: 'resume', run: 'r', json: false };
  assert.deepEqual(parse('resume', 'r'), resume);
  assert.deepEqual(parse('resume', 'r', '--no-report'), { ...resume, report: false });
  assert.deepEqual(parse('report', 'r'), { command: 'report', run: 'r', json: false });
  assert.deepEqual(parse('compare', 'a', 'b', '--margin', '0.1'), {
    command: 'compare',
    before: 'a',
    after: 'b',
    margin: 0.1,
    anyMachine: false,
    json: false,
  });
  assert.deepEqual(parse('doctor', '--null', '--seconds', '2min', '--seed', '3'), {
    command: 'doctor',
    null: true,
    seconds: 120,
    seed: 3,
    duet: false,
    noise: 0,
    json: false,
  });
  const asked = ['--pin', 'apart', '--duet', '--noise', '0.25'];
  const { pin, duet, noise } = parse('doctor', '--null', ...asked) as DoctorRequest;
  assert.deepEqual([pin, duet, noise], ['apart', true, 0.25]);
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
    ["'-1'", 'time such as'],
  ],
  [
    ['--duration', 'NaN'],
    ["'NaN'", 'time such as'],
  ],
  [
    ['--duration', '2days'],
    ["'2days'", 'time such as'],
  ],
  [
    ['--rate', '0'],
    ["'0'", 'above 0'],
  ],
  [
    ['compare', 'a', 'b', '--margin', '5'],
    ["'5'", 'below 1'],
  ],
  [['compare', 'a'], ['after']],
  [['resume'], ['run']],
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
    ['--browsers', 'many'],
    ["'many'", 'shared, per-worker'],
  ],
  [
    ['--split', 'columns'],
    ["'columns'", 'none, rows, grid'],
  ],
  [
    ['--values', 'complex'],
    ["'complex'", 'real, integer'],
  ],
  [
    ['--service-ms', '1.5'],
    ["'1.5'", 'from 0 to 20000'],
  ],
  [
    ['--browser-flags', '--wasm-revectorize'],
    ["'--wasm-revectorize'", 'none, revectorize, no-liftoff'],
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
  [
    ['scaling', 'fast'],
    ['too many', "'fast'"],
  ],
  [
    ['verfy', 'x'],
    ["unknown command 'verfy'", "did you mean 'verify'?"],
  ],
  [
    ['compre', 'a', 'b', '--margin', '0.1'],
    ["unknown command 'compre'", "did you mean 'compare'?"],
  ],
  [
    ['--json', 'verify', 'x y'],
    ['the command must come first', "run-experiment verify --json 'x y'"],
  ],
  [
    ['help', 'verfy'],
    ["unknown command 'verfy'", "did you mean 'verify'?"],
  ],
  [['--vresion'], ["did you mean '--version'?"]],
  [['verify', '--hepl'], ["did you mean '--help'?"]],
  [['verify'], ['verify needs <run>', 'the folder of a run']],
  [
    ['export', 'r'],
    ['export needs --openmetrics <file>', 'export results/'],
  ],
  [
    ['verify', 'a', 'b\nc\u001b[2J'],
    ["'b\\nc\\u001b[2J'", 'too many'],
  ],
  [
    ['--rate', '5', '--in-flight', '2'],
    ['--rate 5 and --in-flight 2 contradict each other', 'open load', 'closed load'],
  ],
  [
    ['--kernel', 'blsa'],
    ["'blsa' is unknown", "did you mean 'blas'?"],
  ],
  [
    ['--browsers', 'per_worker'],
    ["'per_worker' is unknown", "did you mean 'per-worker'?"],
  ],
  [
    ['--workers', '4', '--workers=8'],
    ['--workers is given twice', "'8'"],
  ],
  [['--quick', '--quick'], ['--quick is given twice']],
  [['--json=yes'], ['--json takes no value', "'--json=yes'"]],
  [
    ['--out', '--json'],
    ["--out '--json'", 'expected a path'],
  ],
  [['--out', ''], ['expected a path']],
  [
    ['doctor', '--seconds', '1e9'],
    ["'1e9'", 'time such as'],
  ],
  [
    ['doctor', '--seconds', '1000000'],
    ["'1000000'", '86400'],
  ],
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
  for (const part of [
    '--workers <counts>',
    '/run-experiment --workers 1..4 --quick',
    'resume',
    '130',
  ]) {
    assert.ok(printed.includes(part), `no ${part}`);
  }
});

for (const command of [
  'run',
  'plan',
  'list',
  'resume',
  'report',
  'verify',
  'compare',
  'export',
  'doctor',
]) {
  test(`the help of ${command} shows an example of it`, () => {
    let printed = '';
    const request = parseFlags([command, '--help'], (text) => {
      printed += text;
    });
    assert.equal(request, null);
    assert.match(printed, new RegExp(`\\$ \\S*/run-experiment ${command}`));
  });
}

test('what is run or resumed can be watched, and nothing else', () => {
  const metricsOf = (...argv: string[]) => {
    const request = parseFlags(argv, () => undefined);
    return request !== null && 'metrics' in request ? request.metrics : undefined;
  };
  assert.equal(metricsOf(), undefined);
  assert.deepEqual(metricsOf('--prometheus'), { prometheus: true });
  assert.deepEqual(metricsOf('--metrics-port', '0'), { metricsPort: 0 });
  assert.deepEqual(metricsOf('resume', 'r', '--prometheus'), { prometheus: true });
  for (const port of ['65536', '-1', 'x']) {
    assert.throws(() => metricsOf('--metrics-port', port), new RegExp(`'${port}'`));
  }
  assert.throws(
    () => metricsOf('plan', '--prometheus'),
    /unknown option '--prometheus' of plan: it has no effect there; it is an option of run, resume/,
  );
});

/** Of each command, the options that it knows: any other would have no effect. */
const KNOWN: Record<string, readonly string[]> = {
  list: ['--json', '--build'],
  report: ['--json', '--out', '--over'],
  verify: ['--json', '--expect'],
  compare: ['--json', '--margin', '--any-machine', '--between-runs', '--aa'],
  check: ['--json', '--against', '--factor'],
  export: ['--json', '--openmetrics'],
  resume: ['--json', '--build', '--browser-path', '--metrics-port', '--prometheus', '--no-report'],
  doctor: [
    '--json',
    '--build',
    '--browser-path',
    '--out',
    '--seconds',
    '--null',
    '--seed',
    '--pin',
    '--duet',
    '--noise',
  ],
};
const PLACES = ['--out', '--build', '--browser-path', '--metrics-port', '--prometheus'];

test('an option without effect is refused, of every command', () => {
  const { commands } = commandLine();
  const all = new Set(commands.flatMap(({ options }) => options.flatMap(({ long }) => long ?? [])));
  assert.ok(all.size > 25);
  for (const command of commands) {
    const own = command.options.flatMap(({ long }) => long ?? []);
    const name = command.name();
    if (name === 'plan') {
      assert.deepEqual(
        own.filter((flag) => PLACES.includes(flag)),
        ['--build'],
      );
    }
    if (KNOWN[name]) assert.deepEqual([...own].sort(), [...KNOWN[name]].sort());
    const needed = [
      ...command.registeredArguments.filter(({ required }) => required).map(() => 'x'),
      ...command.options.flatMap(({ long, mandatory }) => (mandatory && long ? [long, 'x'] : [])),
    ];
    for (const flag of [...all].filter((each) => !own.includes(each))) {
      assert.throws(
        () => parse(name, ...needed, flag),
        new RegExp(
          `unknown option '${flag}' of ${name}: it has no effect there; it is an option of`,
        ),
      );
    }
  }
});

test('what doctor would ignore without --null is refused', () => {
  assert.throws(() => parse('doctor', '--seed', '4'), /--seed 4 has no effect without --null/);
  assert.throws(() => parse('doctor', '--duet'), /--duet has no effect without --null/);
  assert.throws(() => parse('doctor', '--pin', 'apart'), /--pin apart has no effect without/);
  assert.throws(() => parse('doctor', '--out', 'x'), /--out x has no effect without --null/);
});

test('a word that is no experiment may have been meant as a command or a flag', () => {
  assert.ok(firstWords().includes('verify'));
  assert.ok(firstWords().includes('--version'));
});

test('the version is asked for in every place', () => {
  for (const argv of [['--version'], ['-V'], ['verify', '--version'], ['--workers', '4', '-V']]) {
    assert.deepEqual(
      parseFlags(argv, () => undefined),
      { command: 'version', json: false },
    );
  }
});

test('help is that of the program or of a command', () => {
  const helpOf = (...argv: string[]) => {
    let printed = '';
    const request = parseFlags(argv, (text) => {
      printed += text;
    });
    assert.equal(request, null);
    return printed;
  };
  assert.equal(helpOf('help'), helpOf('--help'));
  assert.equal(helpOf('help', 'compare'), helpOf('compare', '--help'));
  assert.match(helpOf('help', 'help'), /explains a command/);
});

test('what plan would ignore without --power is refused', () => {
  assert.throws(
    () => parse('plan', '--spread', '0.1'),
    /--spread 0\.1 has no effect without --power/,
  );
  const request = parse('plan', '--power', '--spread', '0.1');
  assert.deepEqual('power' in request && request.power, { spread: 0.1 });
});

test('a fingerprint is that of verify', () => {
  const digits = 'AB'.repeat(32);
  const request = parse('verify', 'r', '--expect', digits);
  assert.equal('expect' in request && request.expect, digits.toLowerCase());
  assert.throws(
    () => parse('verify', 'r', '--expect', 'abc'),
    /--expect 'abc': expected the 64 hex/,
  );
});

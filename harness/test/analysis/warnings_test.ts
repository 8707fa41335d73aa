import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Evidence } from '../../src/analysis/evidence.js';
import { findWarnings, type Warning } from '../../src/analysis/warnings.js';
import { ENVIRONMENT, EXPERIMENT, makeRow, summaryOf } from '../examples.js';

function warn(row = makeRow({}), environment = {}, experiment = {}, run = {}): Warning[] {
  const rows = [row];
  const evidence: Evidence = {
    path: '',
    status: 'complete',
    plan: [row.trial],
    experiment: { ...EXPERIMENT, ...experiment },
    environment: { ...ENVIRONMENT, ...environment },
    rows,
    ...run,
  };
  return findWarnings(evidence, summaryOf(rows));
}

test('a good run on a quiet machine has no warnings', () => {
  assert.deepEqual(warn(), []);
});

const STOP = { measure: 'median_response_ms', budget_s: 60, most_launches: 9 };

const CASES: [what: string, kind: Warning['kind'], warnings: Warning[], mentions: RegExp][] = [
  [
    'a run that was interrupted',
    'incomplete',
    warn(
      undefined,
      {},
      {},
      { status: 'interrupted', plan: ['001-local-w1-l1', '002-local-w1-l2'] },
    ),
    /^The run is not complete \(interrupted\): 1 of 2 planned trials have ended; resume it/,
  ],
  [
    'wrong products',
    'invalid-trial',
    warn(makeRow({ valid: false, verdict: 'failed', invalid_because: '3 wrong products' })),
    /001-local-w1-l1 is invalid.*3 wrong products/,
  ],
  [
    'other programs',
    'other-load',
    warn(makeRow({}, { machine_other_share: 0.021 })),
    /^Programs that are not part .* up to 2\.1 % of the processor time during 001-local-w1-l1; close/,
  ],
  [
    'an unsteady warm-up',
    'unsteady',
    warn(makeRow({}, { steady: false })),
    /warm-up of 001-local-w1-l1.*--duration/,
  ],
  [
    'a level that changed within the window',
    'level-shift',
    warn(makeRow({}, { level_shift: { at_s: 0.15, ratio: 4, p: 0.001 } })),
    /changed within the measured time of 001-local-w1-l1.*--pin/,
  ],
  [
    'a processor that became slower',
    'clock-changed',
    warn(makeRow({}, { clock_probe_ms: { before: 10, after: 12 } })),
    /fixed work took more than 10 % longer or shorter after the load of 001-local-w1-l1/,
  ],
  [
    'a program that had to be killed',
    'bad-endings',
    warn(makeRow({ endings: { coordinator: 'SIGKILL', 'load-generator': 0 } })),
    /did not exit cleanly: coordinator of 001-local-w1-l1 with SIGKILL; see logs/,
  ],
  [
    'a busy machine',
    'load-average',
    warn(undefined, { load_average: 3 }),
    /load average was 3\.0 on 2 cores.*repeat/,
  ],
  [
    'a governor',
    'governor',
    warn(undefined, { governor: 'powersave' }),
    /'powersave'.*'performance'/,
  ],
  ['turbo', 'turbo', warn(undefined, { turbo: true }), /Turbo is on.*switch it off/],
  [
    'unknown turbo',
    'turbo-unknown',
    warn(undefined, { turbo: null }),
    /^Whether turbo is on is unknown/,
  ],
  [
    'a commit that is not known',
    'commit-unknown',
    warn(undefined, { git: { commit: null, dirty: null, unknown_because: 'no checkout' } }),
    /^The commit that was measured is unknown \(no checkout\).*measure from a git checkout/,
  ],
  [
    'a checkout with changes',
    'uncommitted-changes',
    warn(undefined, { git: { commit: '0123456789abcdef', dirty: true } }),
    /changes beyond commit 0123456789,.*commit them/,
  ],
  [
    'a checkout that cannot be looked through',
    'uncommitted-changes',
    warn(undefined, { git: { commit: '0123456789abcdef', dirty: null, unknown_because: 'EIO' } }),
    /^Whether .* is unknown \(EIO\)/,
  ],
  [
    'a clock that was set',
    'clock-set',
    warn(makeRow({ clock_jump_s: -3600 })),
    /clock was set during 001-local-w1-l1 \(by -3600 s\)/,
  ],
  [
    'a machine that slept',
    'suspended',
    warn(makeRow({ suspended_s: 12 })),
    /suspended during 001-local-w1-l1; keep it awake/,
  ],
  ['steal', 'steal', warn(makeRow({}, { machine_steal_share: 0.034 })), /3\.4 %.*quieter host/],
  [
    'a quota that throttles',
    'throttled',
    warn(makeRow({}, { machine_throttled_share: 0.125 })),
    /12\.5 % of their time in 1 trials.*cpuset/,
  ],
  [
    'what was not seen on the side',
    'unobserved',
    warn(makeRow({}, { unobserved: ['metrics: GET http://127.0.0.1:1/metrics failed'] })),
    /^Some secondary observations are missing in 001-local-w1-l1.*\(first: metrics: GET/,
  ],
  [
    'few samples',
    'few-samples',
    warn(makeRow({}, { samples: 199 })),
    /p95 of local w1 is not given.*fewer than 200/,
  ],
  [
    'tasks held for longer than their service time',
    'overheld-tasks',
    warn(makeRow({ service_ms: 1 })),
    /^Workers of local w1 held tasks for more than 1\.1 times .* \(oversubscribed\); raise --service-ms/,
  ],
  [
    'one launch',
    'one-launch',
    warn(undefined, {}, { repetition: { ...EXPERIMENT.repetition, launches: 1 } }),
    /one launch.*--launches 3/,
  ],
  [
    'an interval that is too wide',
    'imprecise',
    warn(undefined, {}, { stop: { ...STOP, relative_half_width: 0.01 } }),
    /median_response_ms has reached ± 1\.0 %.*stop\.budget_s/,
  ],
  [
    'attached pages',
    'attached-pages',
    warn(undefined, {}, { axes: { ...EXPERIMENT.axes, attached: [true] } }),
    /attached.*that does without/,
  ],
  [
    'flags of the browser',
    'non-default-browser',
    warn(makeRow({ cell: 'x w1', browser_flags: 'revectorize' })),
    /browser of x w1 ran with non-default flags.*--browser-flags none/,
  ],
];

for (const [what, kind, warnings, mentions] of CASES) {
  test(`${what}: one sentence that says what to do`, () => {
    assert.deepEqual(
      warnings.map((warning) => warning.kind),
      [kind],
    );
    assert.match(warnings[0]?.text ?? '', mentions);
    assert.match(warnings[0]?.text ?? '', /\.$/);
  });
}

test('a warning names all that it is about, and its sentence the first of them', () => {
  const rows = [1, 2, 3, 4, 5].map((launch) => makeRow({ launch }, { steady: false }));
  const run = { status: 'running', plan: ['001-local-w1-l1', '006-local-w1-l6'], rows };
  const [incomplete, unsteady] = warn(undefined, {}, {}, run);
  assert.deepEqual(incomplete?.of, ['006-local-w1-l6']);
  assert.equal(unsteady?.of.length, 5);
  assert.match(unsteady?.text ?? '', /-l4 and 1 more ended/);
});

test('what faults and a rate that changes do is no reason to doubt a trial', () => {
  const disturbed = {
    level_shift: { at_s: 1, ratio: 2, p: 0.001 },
    unobserved: ['metrics: GET http://127.0.0.1:1/metrics failed'],
  };
  const kinds = (row = {}, experiment = {}) => {
    const endings = { 'load-generator': 0, 'swarm-worker-1': 'SIGKILL' };
    return warn(makeRow({ endings, ...row }, disturbed), {}, experiment).map(({ kind }) => kind);
  };
  assert.deepEqual(kinds(), ['level-shift', 'bad-endings', 'unobserved']);
  const killed = { kind: 'kill', of: 'w1', part: 'swarm-worker-1', planned_s: 1 } as const;
  const injected_faults = [{ ...killed, at_s: 1, until_s: null }];
  assert.deepEqual(kinds({ faults: 'kill-worker', injected_faults }), []);
  const load = { kind: 'open', arrivals: 'poisson', schedule: 'ramp:0.1:2' };
  assert.deepEqual(kinds({}, { load }), ['bad-endings', 'unobserved']);
});

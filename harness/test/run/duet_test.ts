import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { allowedProcessors } from '../../src/base/processors.js';
import { makePaths } from '../../src/experiment/paths.js';
import type { Trial } from '../../src/experiment/plan.js';
import { Programs } from '../../src/launch/parts/processes.js';
import type { EndedTrial } from '../../src/measure/trial.js';
import { Relay } from '../../src/metrics/relay.js';
import { judgeTogether, type MeasuredTime, MeetingPoint } from '../../src/run/duet.js';
import type { RunObserver } from '../../src/run/observer.js';
import { type Run, runTrials } from '../../src/run/trials.js';
import type { TrialRow } from '../../src/run_folder/rows.js';
import { RunFolder } from '../../src/run_folder/run_folder.js';
import { ENVIRONMENT, EXPERIMENT, SYSTEMS } from '../examples.js';
import { makeFakeBuild } from '../fakes/build.js';
import { manifestOf } from '../run_folder.js';

const NAMES = ['local', 'rpc-tcp'];
const DUET = {
  ...EXPERIMENT,
  duet: true,
  systems: SYSTEMS.filter(({ name }) => NAMES.includes(name)),
  axes: { ...EXPERIMENT.axes, workers: [1] },
  repetition: { launches: 2, duration_s: 0.1, samples: null, warm_up_s: 0, warm_up_limit_s: 1 },
};

interface Options {
  /** What the fakes do (test/fakes). */
  readonly fake?: string;
  readonly told?: string[];
  /** Rows that were kept before. */
  readonly earlier?: readonly TrialRow[];
}

async function runDuet(
  t: TestContext,
  { fake, told = [], earlier = [] }: Options = {},
): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), 'enxame-test-'));
  if (fake !== undefined) process.env['ENXAME_FAKE'] = fake;
  t.after(() => {
    delete process.env['ENXAME_FAKE'];
    rmSync(folder, { recursive: true });
  });
  makeFakeBuild(folder);
  const run = RunFolder.create(join(folder, 'results'), manifestOf(DUET), ENVIRONMENT);
  const observer: RunObserver = {
    begin: ({ id }) => told.push(`begin ${id}`),
    update: () => undefined,
    end: ({ validity }) => told.push(`end ${validity}`),
  };
  return runTrials(run, ENVIRONMENT, earlier, {
    experiment: DUET,
    paths: makePaths(folder, { build: folder }),
    programs: new Programs(),
    observers: [observer],
    signal: new AbortController().signal,
    relay: new Relay(),
  });
}

const skip = allowedProcessors().length < 2 && 'there is a single processor';

test('two systems run at the same time, on processors of their own, and change sides', {
  skip,
}, async (t) => {
  const told: string[] = [];
  const { rows, status } = await runDuet(t, { told });
  assert.equal(status, 'complete');
  assert.equal(rows.length, 4);
  const sides = new Map<string, unknown[]>();
  for (const [i, row] of rows.entries()) {
    const partner = rows[i % 2 === 0 ? i + 1 : i - 1];
    assert.equal(row.valid, true, row.invalid_because);
    assert.equal(row.duet?.partner, partner?.trial);
    assert.notEqual(row.system, partner?.system);
    assert.equal(row.launch, partner?.launch);
    // Both were there at the same time.
    assert.ok(row.started_at < (partner?.ended_at ?? '') && (row.files.length ?? 0) > 0);
    sides.set(row.system, [...(sides.get(row.system) ?? []), row.duet?.processors]);
  }
  for (const [first, second] of sides.values()) assert.notDeepEqual(first, second);
  assert.deepEqual(sides.get('local')?.[0], sides.get('rpc-tcp')?.[1]);
  // One trial at a time, for those who watch.
  assert.deepEqual(
    told.map((each) => each.split(' ')[0]),
    rows.flatMap(() => ['begin', 'end']),
  );
});

test('where one of the two does not count, neither does', { skip }, async (t) => {
  const { rows } = await runDuet(t, { fake: 'load:wrong@tcp' });
  for (const row of rows) {
    assert.equal(row.verdict, 'failed');
    const because =
      row.system === 'local' ? /its partner in the duet, .*rpc-tcp.*, does not count/ : /1 wrong/;
    assert.match(row.invalid_because, because);
  }
});

test('one whose partner was kept before the harness was killed does not run alone', {
  skip,
}, async (t) => {
  const whole = await runDuet(t);
  const [first] = whole.rows as [TrialRow];
  const { rows } = await runDuet(t, { earlier: [{ ...first, files: [] }] });
  const [kept, other, ...later] = rows;
  assert.equal(kept?.trial, first.trial);
  assert.equal(other?.trial, first.duet?.partner);
  assert.equal(other?.verdict, 'failed');
  assert.match(
    other?.invalid_because ?? '',
    /the harness was killed before it was kept; its partner in the duet, .*, was$/,
  );
  assert.deepEqual(
    later.map(({ valid }) => valid),
    [true, true],
  );
});

const PARTS = NAMES.map((id) => ({ trial: { id } as Trial }));
const VALID: EndedTrial = {
  validity: 'valid',
  invalidBecause: '',
  loadAverageBefore: 0,
  endings: {},
};

test('what was measured one after the other was not measured at the same time', () => {
  const judge = (...times: (MeasuredTime | undefined)[]) =>
    judgeTogether(PARTS, [VALID, VALID], times).map(({ validity }) => validity);
  const time = (opens: number) => ({ opens, closes: opens + 2 });
  assert.deepEqual(judge(time(100), time(100.3)), ['valid', 'valid']);
  assert.deepEqual(judge(time(100.5), time(100)), ['failed', 'failed']);
  assert.deepEqual(judge(time(100), time(103)), ['failed', 'failed']);
  assert.deepEqual(judge(time(100), undefined), ['failed', 'failed']);
  const [first] = judgeTogether(PARTS, [VALID, VALID], [time(100), time(101)]);
  assert.match(first?.invalidBecause ?? '', /at the same time for only 50 % of it, less than 80 %/);
});

test('a trial without a partner is judged by itself', () => {
  assert.deepEqual(judgeTogether(PARTS.slice(0, 1), [VALID], [undefined]), [VALID]);
});

test('parts wait for each other, and for none that will not come', async () => {
  const meeting = new MeetingPoint(2);
  let met = false;
  const arrived = meeting.arrive(0).then(() => {
    met = true;
  });
  // It has come once, however often it is said.
  meeting.leave(0);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(met, false);
  meeting.leave(1);
  await arrived;
  assert.equal(met, true);
});

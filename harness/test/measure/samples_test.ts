import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { measure } from '../../src/measure/measurement.js';
import { readSamples, type Sample } from '../../src/measure/samples.js';
import { csvRow, HEADER } from '../samples_csv.js';

const WINDOW = { warm_up_s: 0, measured_s: 2, open: false };
const folder = mkdtempSync(join(tmpdir(), 'enxame-test-'));
after(() => rmSync(folder, { recursive: true }));

function file(...lines: string[]): string {
  const path = join(folder, 'samples.csv');
  writeFileSync(path, [HEADER, ...lines].join('\n'));
  return path;
}

async function read(path: string): Promise<Sample[]> {
  const samples: Sample[] = [];
  for await (const sample of readSamples(path)) samples.push(sample);
  return samples;
}

const row = (stage: string, responseMs: number, outcome = 'ok', error = '') =>
  csvRow({ stage, responseMs, outcome, error });

test('each row is a sample with its phases', async () => {
  const [sample] = await read(file(row('measured', 8), ''));
  const { unaccountedMs, ...told } = sample ?? assert.fail('no sample');
  near(unaccountedMs, 0.8);
  assert.deepEqual(told, {
    stage: 'measured',
    outcome: 'ok',
    error: '',
    worker: 'w1',
    startMs: 0,
    responseMs: 8,
    latenessMs: 0,
    clockErrorMs: 0.05,
    phasesMs: [0, 0, 0.125, 0.25, 0.375, 0.5, 4, 0.625, 0.5, 0.825],
  });
});

test('a compressed file reads the same', async () => {
  const plain = file(row('measured', 8), row('tail', 9), '');
  const compressed = join(folder, 'samples.csv.gz');
  writeFileSync(compressed, gzipSync(readFileSync(plain)));
  assert.deepEqual(await read(compressed), await read(plain));
});

test('a compressed file that was cut short, and one that is not there, are errors', async () => {
  const compressed = join(folder, 'cut.csv.gz');
  writeFileSync(compressed, gzipSync(readFileSync(file(row('measured', 8), ''))).subarray(0, 60));
  await assert.rejects(read(compressed), /unexpected end of file/);
  await assert.rejects(read(join(folder, 'none.csv.gz')), /ENOENT/);
  await assert.rejects(read(join(folder, 'none.csv')), /ENOENT/);
});

test('errors may hold commas, quotes and line breaks', async () => {
  const samples = await read(
    file(row('tail', 1, 'error', '"a ""b"", c\nd"'), row('measured', 2), ''),
  );
  assert.deepEqual(
    samples.map((sample) => sample.error),
    ['a "b", c\nd', ''],
  );
});

for (const cut of [1, 20, 40]) {
  test(`a last row that lacks its last ${cut} characters is left out`, async () => {
    const samples = await read(
      file(row('measured', 1), row('measured', 2), row('measured', 3, 'ok', '"x"').slice(0, -cut)),
    );
    assert.equal(samples.length, 2);
  });
}

test('an empty file has no samples', async () => {
  const path = join(folder, 'empty.csv');
  writeFileSync(path, '');
  assert.deepEqual(await read(path), []);
});

test('a short row that is not the last is an error with its place', async () => {
  const path = file(row('measured', 1), '1,measured', row('measured', 2), '');
  await assert.rejects(read(path), /samples\.csv: row 3 has 2 columns; expected 19/);
});

test('a missing column is an error with its name', async () => {
  const path = join(folder, 'columns.csv');
  writeFileSync(path, 'stage,outcome,response_ms\n');
  await assert.rejects(
    read(path),
    /no column error, worker, start_ms, clock_error_ms, lateness_ms, backlog_ms, submit_ms/,
  );
});

/** As right as the histogram is. */
function near(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) <= expected * 1e-4, `${actual} is not ${expected}`);
}

test('what an open load gave up counts with the time it had waited, and as no product', async () => {
  const path = file(row('measured', 10), row('measured', 90, 'unfinished', 'unfinished after'), '');
  const measurement = await measure(readSamples(path), { ...WINDOW, open: true });
  assert.deepEqual([measurement.samples, measurement.unfinished, measurement.errors], [1, 1, 0]);
  assert.equal(measurement.throughputPerS, 0.5);
  assert.equal(measurement.meanResponseMs, 50);
  assert.equal(measurement.meanPhasesMs.compute, 5);
  assert.equal(measurement.computeShare, 0.5);
  assert.equal(measurement.firstError, '');
});

test('the throughput of an open load is what ended in the window, whenever it arrived', async () => {
  const arrivals = [900, 1000, 2990, 3100].map((startMs) =>
    csvRow({ startMs, stage: startMs < 1000 ? 'warm-up' : 'measured', responseMs: 200 }),
  );
  const path = file(...arrivals, '');
  const window = { warm_up_s: 1, measured_s: 2, open: true };
  const measurement = await measure(readSamples(path), window);
  assert.equal(measurement.samples, 3);
  assert.equal(measurement.throughputPerS, 1);
});

test('until an arrival is submitted, lateness and backlog are phases that add up', async () => {
  const late = { backlogMs: 3, latenessMs: 1, responseMs: 13 };
  const path = file(csvRow(late), csvRow({ ...late, latenessMs: 2 }), '');
  const { meanPhasesMs, meanResponseMs, meanLatenessMs } = await measure(readSamples(path), {
    ...WINDOW,
    open: true,
  });
  assert.deepEqual([meanPhasesMs.lateness, meanPhasesMs.backlog, meanLatenessMs], [1.5, 1.5, 1.5]);
  const sum = Object.values(meanPhasesMs).reduce((total, ms) => total + ms, 0);
  near(meanResponseMs - sum, 0.1 * 10);
});

test('only requests that ended in the measured time and well are timed', async () => {
  const path = file(
    csvRow({ stage: 'warm-up', startMs: 800, responseMs: 100 }),
    csvRow({ startMs: 1000, responseMs: 10 }),
    csvRow({ startMs: 1010, responseMs: 20 }),
    csvRow({ startMs: 1030, responseMs: 30 }),
    csvRow({ startMs: 1060, responseMs: 500, outcome: 'wrong' }),
    csvRow({ stage: 'tail', startMs: 2900, responseMs: 700, outcome: 'error', error: 'gone' }),
    '',
  );
  const measurement = await measure(readSamples(path), { ...WINDOW, warm_up_s: 1 });
  assert.equal(measurement.samples, 3);
  assert.equal(measurement.wrong, 1);
  assert.equal(measurement.errors, 1);
  assert.equal(measurement.firstError, 'gone');
  assert.equal(measurement.throughputPerS, 1.5);
  near(measurement.medianResponseMs, 20);
  near(measurement.p95ResponseMs, 30);
  assert.equal(measurement.meanResponseMs, 20);
  assert.equal(measurement.computeShare, 0.5);
  assert.equal(measurement.meanPhasesMs.compute, 10);
  near(measurement.meanClockErrorMs, 0.05);
  near(measurement.medianUnaccountedShare, 0.1);
  assert.equal(measurement.firstResponseMs, 100);
  assert.deepEqual(measurement.workers, [
    { worker: 'w1', samples: 3, mean_ms: 20, variance_ms2: 100 },
  ]);
});

test('of each worker the longest silence in the measured time is known, warm-up and tail only bound it', async () => {
  const at = (worker: string, endMs: number, stage: string, outcome = 'ok') =>
    csvRow({ worker, stage, outcome, startMs: endMs - 1, responseMs: 1 });
  const path = file(
    at('w1', 900, 'warm-up'),
    at('w2', 950, 'warm-up'),
    at('w1', 1400, 'measured'),
    at('w1', 2100, 'measured'),
    at('w1', 1900, 'measured'),
    at('w3', 2500, 'measured'),
    at('w2', 2600, 'measured', 'wrong'),
    at('w1', 3500, 'tail'),
  );
  const { silences } = await measure(readSamples(path), { ...WINDOW, warm_up_s: 1 });
  assert.deepEqual(silences, [
    { worker: 'w1', longestMs: 900 },
    { worker: 'w2', longestMs: 2000 },
    { worker: 'w3', longestMs: 1500 },
  ]);
});

test('response times that shift within the window are worth few independent ones', async () => {
  const worth = async (of: (i: number) => number) => {
    const rows = Array.from({ length: 400 }, (_, i) => row('measured', of(i)));
    const { samples, effectiveSamples } = await measure(readSamples(file(...rows, '')), WINDOW);
    assert.equal(samples, 400);
    return effectiveSamples;
  };
  assert.equal(await worth((i) => 10 + ((i * 97) % 400) / 100), 400);
  const shifted = await worth((i) => (i < 150 ? 10 : 20) + ((i * 97) % 400) / 100);
  assert.ok(shifted < 100, `${shifted}`);
});

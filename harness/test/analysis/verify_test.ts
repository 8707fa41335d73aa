import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { verify } from '../../src/analysis/verify.js';
import type { Experiment } from '../../src/experiment/experiment.js';
import { readTrials } from '../../src/run_folder/store.js';
import { EXPERIMENT, SYSTEMS } from '../examples.js';
import { makeRun } from '../run_folder.js';

const SMALL: Experiment = {
  ...EXPERIMENT,
  systems: SYSTEMS.slice(0, 2),
  axes: { ...EXPERIMENT.axes, workers: [1] },
  repetition: { ...EXPERIMENT.repetition, launches: 2 },
};

const JUDGED = ['warnings.json', 'comparisons.json'];

let folder: string;
let path: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'enxame-test-'));
  path = await makeRun(folder, SMALL, (row) => (row.system === 'local' ? 2 : 10));
});
afterEach(() => rmSync(folder, { recursive: true }));

const problems = async () => (await verify(path, () => undefined)).problems;
const edit = (name: string, change: (text: string) => string) => {
  const file = join(path, name);
  writeFileSync(file, change(readFileSync(file, 'utf8')));
};

test('a run that nobody touched is what it says', async () => {
  assert.deepEqual(await verify(path, () => undefined), {
    problems: [],
    trials: 4,
    samples: 1200,
    claims: 0,
  });
});

test('one changed raw sample is found, in its file and in every figure that rests on it', async () => {
  const row = readTrials(path)[2];
  const name = row?.files[0]?.path ?? '';
  const text = gunzipSync(readFileSync(join(path, name))).toString();
  const changed = text.replace(/^(7,measured,0,542,)[\d.]+/m, '$1999');
  assert.notEqual(changed, text);
  writeFileSync(join(path, name), gzipSync(changed, { level: 3 }));
  const found = await problems();
  assert.ok(
    found.some((each) => each.startsWith(`${name}: `)),
    found.join('\n'),
  );
  const figure = new RegExp(`^trials\\.jsonl:3: ${row?.trial}: results\\.mean_response_ms: `);
  assert.ok(
    found.some((each) => figure.test(each)),
    found.join('\n'),
  );
});

test('a changed row, summary, environment or experiment is found and named', async () => {
  edit('trials.jsonl', (text) => text.replace('"steady":true', '"steady":false'));
  assert.match((await problems()).join('\n'), /^trials\.jsonl: .*\ntrials\.jsonl:1: was changed/m);
  edit('trials.jsonl', (text) => text.replace('"steady":false', '"steady":true'));
  assert.deepEqual(await problems(), []);

  edit('summary.json', (text) => text.replace('"samples": 600', '"samples": 601'));
  assert.match(
    (await problems()).join('\n'),
    /summary\.json: 0\.samples: 601 → 600 according to the trials/,
  );
  edit('summary.json', (text) => text.replace('"samples": 601', '"samples": 600'));

  edit('comparisons.json', (text) => text.replace('"slower"', '"faster"'));
  assert.match(
    (await problems()).join('\n'),
    /comparisons\.json: 0\.verdict: "faster" → "slower" according to the trials/,
  );
  edit('comparisons.json', (text) => text.replace('"faster"', '"slower"'));

  edit('environment.json', (text) => text.replace('"cores": 2', '"cores": 4'));
  assert.match((await problems()).join('\n'), /^environment\.json: has changed/m);
  edit('environment.json', (text) => text.replace('"cores": 4', '"cores": 2'));

  edit('manifest.json', (text) => text.replace('"seed": 1', '"seed": 2'));
  assert.match((await problems()).join('\n'), /^manifest\.json: experiment: its hash is/m);
});

test('warnings are checked by what they are about, and may be put in other words', async () => {
  rmSync(path, { recursive: true });
  const one = { ...SMALL, repetition: { ...SMALL.repetition, launches: 1 } };
  path = await makeRun(folder, one, () => 2);
  assert.deepEqual(await problems(), []);
  edit('warnings.json', (text) => text.replace('With one launch', 'With a single launch'));
  assert.match((await problems()).join('\n'), /^warnings\.json: has \d+ bytes; expected \d+$/);
  edit('warnings.json', (text) => text.replace('one-launch', 'turbo'));
  assert.match(
    (await problems()).join('\n'),
    /warnings\.json: 0\.kind: "turbo" → "one-launch" according to the trials/,
  );
});

test('a run of before there were any judgements needs none', async () => {
  edit('manifest.json', (text) => {
    const manifest = JSON.parse(text);
    const files = manifest.files.filter(
      ({ path: name }: { path: string }) => !JUDGED.includes(name),
    );
    return JSON.stringify({ ...manifest, files });
  });
  for (const name of JUDGED) rmSync(join(path, name));
  assert.deepEqual(await problems(), []);
});

test('a file that is missing or too many, and a trial that is missing, are named', async () => {
  const [name = ''] = readTrials(path)[0]?.files.map((file) => file.path) ?? [];
  rmSync(join(path, name));
  writeFileSync(join(path, 'samples/more.csv.gz'), '');
  const found = (await problems()).join('\n');
  assert.match(found, new RegExp(`^${name}: missing`, 'm'));
  assert.match(found, /^samples\/more\.csv\.gz: this file belongs to no trial/m);
  edit('trials.jsonl', (text) => text.split('\n').slice(1).join('\n'));
  assert.match((await problems()).join('\n'), /was planned but never ended/);
});

const CLAIM = (value: number, more = '') =>
  `- {claim: so, cell: rpc-tcp w1, measure: median_response_ms, value: ${value}, tolerance: 0.01${more}}\n`;

test('claims are recomputed; one that does not hold is named with its line', async () => {
  const claims = join(path, 'claims.yaml');
  writeFileSync(claims, CLAIM(10) + CLAIM(5, ', over: local w1'));
  assert.deepEqual(await problems(), []);
  assert.equal((await verify(path, () => undefined)).claims, 2);
  writeFileSync(claims, CLAIM(10) + CLAIM(5.2, ', over: local w1'));
  const [problem = ''] = await problems();
  assert.match(
    problem,
    /claims\.yaml:2:\d+: rpc-tcp w1 over local w1, median_response_ms: 5\.2 is claimed \(± 1\.0 %\); the samples give 5\.0/,
  );
  writeFileSync(claims, CLAIM(10).replace('rpc-tcp w1', 'rpc-tcp w9'));
  assert.match((await problems())[0] ?? '', /claims\.yaml:1:.*no valid trial/);
  writeFileSync(claims, CLAIM(10).replace('median_response_ms', 'median'));
  await assert.rejects(
    problems(),
    /claims\.yaml:1:\d+: 0\.measure: "median" is not valid; expected median_response_ms or .*; did you mean 'median_response_ms'\?$/,
  );
});

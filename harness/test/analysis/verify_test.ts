import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { verify } from '../../src/analysis/verify.js';
import type { Experiment } from '../../src/experiment/experiment.js';
import { type FileRecord, hashOf, hashOfValue, recordFile } from '../../src/run_folder/hash.js';
import type { TrialRow } from '../../src/run_folder/rows.js';
import { readTrials } from '../../src/run_folder/store.js';
import { EXPERIMENT, SYSTEMS } from '../examples.js';
import { makeRun } from '../run_folder.js';

const SMALL: Experiment = {
  ...EXPERIMENT,
  systems: SYSTEMS.slice(0, 2),
  axes: { ...EXPERIMENT.axes, workers: [1] },
  repetition: { ...EXPERIMENT.repetition, launches: 2 },
};

const JUDGED = ['warnings.json', 'comparisons.json', 'contrasts.json'];

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
  const { fingerprint, ...found } = await verify(path, () => undefined);
  assert.deepEqual(found, { problems: [], trials: 4, samples: 1200, claims: 0 });
  assert.match(fingerprint, /^[0-9a-f]{64}$/);
});

test('a run that was changed and hashed again has another fingerprint than the one expected', async () => {
  const { fingerprint } = await verify(path, () => undefined);
  const problemsExpecting = async (expected: string) =>
    (await verify(path, () => undefined, expected)).problems;
  assert.deepEqual(await problemsExpecting(fingerprint), []);
  const [problem = ''] = await problemsExpecting('0'.repeat(64));
  assert.match(problem, /fingerprint is [0-9a-f]{64}; expected 0{64}: this is another run/);

  edit('environment.json', (text) => text.replace('"a CPU"', '"another CPU"'));
  const { bytes, sha256 } = await recordFile(join(path, 'environment.json'), 'environment.json');
  edit('manifest.json', (text) => {
    const manifest = JSON.parse(text);
    const files = manifest.files.map((file: { path: string }) =>
      file.path === 'environment.json' ? { path: file.path, bytes, sha256 } : file,
    );
    return JSON.stringify({ ...manifest, files });
  });
  assert.deepEqual(await problems(), []);
  assert.equal((await problemsExpecting(fingerprint)).length, 1);
});

/** Puts something else into a row, and hashes everything anew, as a forger would. */
async function forge(change: (row: TrialRow, place: number) => object): Promise<void> {
  const rows = readTrials(path).map((row, i) => ({ ...row, ...change(row, i) }));
  let before = '';
  const lines = rows.map((row) => {
    before = JSON.stringify({ ...row, previous_sha256: hashOf(before) });
    return before;
  });
  writeFileSync(join(path, 'trials.jsonl'), `${lines.join('\n')}\n`);
  const trials = await recordFile(join(path, 'trials.jsonl'), 'trials.jsonl');
  edit('manifest.json', (text) => {
    const manifest = JSON.parse(text);
    const files = manifest.files.map((file: FileRecord) =>
      file.path === trials.path ? trials : file,
    );
    return JSON.stringify({ ...manifest, files });
  });
}

test('a trial counts only if what was recorded of it says so', async () => {
  await forge(({ results }, i) =>
    i === 1 ? { results: { ...results, machine_other_share: 0.99 } } : {},
  );
  assert.doesNotMatch((await problems()).join('\n'), /verdict/);
  edit('manifest.json', (text) => text.replace('"other_load_share":1', '"other_load_share":0.2'));
  edit('manifest.json', (text) => {
    const manifest = JSON.parse(text);
    const experiment_sha256 = hashOfValue(manifest.experiment);
    return JSON.stringify({ ...manifest, experiment_sha256 });
  });
  const found = (await problems()).join('\n');
  assert.match(
    found,
    /^trials\.jsonl:2: .*: verdict: 'valid' → 'noisy' according to .*: 99\.0 % of the processor time was used by other programs, more than 20\.0 %$/m,
  );
});

test('a trial is left out only for a reason that is there', async () => {
  const because = 'the machine was busy';
  await forge((_, i) =>
    i === 2 ? { valid: false, verdict: 'noisy', invalid_because: because } : {},
  );
  const found = (await problems()).join('\n');
  assert.match(
    found,
    /^trials\.jsonl:3: .*: verdict: 'noisy' → 'valid' .*: all is within limits$/m,
  );
  await forge((_, i) => (i === 2 ? { valid: true } : {}));
  assert.match((await problems()).join('\n'), /valid is true, and verdict 'noisy'/);
});

test('a histogram holds the response times of its samples', async () => {
  const [one, other] = readTrials(path).map(({ files }) => files[1]?.path ?? '');
  writeFileSync(join(path, one ?? ''), readFileSync(join(path, other ?? '')));
  const { bytes, sha256 } = await recordFile(join(path, one ?? ''), one ?? '');
  await forge(({ files }, i) =>
    i === 0 ? { files: [files[0], { path: one, bytes, sha256 }] } : {},
  );
  const found = (await problems()).join('\n');
  assert.match(found, new RegExp(`: ${one} does not hold the response times of its samples`));
});

test('the plan follows from the seed; of another planner only what each block holds', async () => {
  const swap = (text: string) => {
    const manifest = JSON.parse(text);
    const [first, second, ...rest] = manifest.plan;
    return JSON.stringify({ ...manifest, plan: [second, first, ...rest] });
  };
  edit('manifest.json', swap);
  assert.match(
    (await problems()).join('\n'),
    /^manifest\.json: plan\.0: .* its experiment and seed$/m,
  );
  edit('manifest.json', (text) => text.replace('"planner":2,', ''));
  assert.deepEqual(await problems(), []);
  edit('manifest.json', (text) => text.replace(/-l1/, '-l2'));
  assert.match((await problems()).join('\n'), /^manifest\.json: plan/m);
});

test('a file that the manifest leaves out is missed', async () => {
  edit('manifest.json', (text) => text.replace('"path": "trials.jsonl"', '"path": "summary.csv"'));
  assert.match(
    (await problems()).join('\n'),
    /files: trials\.jsonl is missing, so nothing holds it/,
  );
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

test('a missing histogram is a problem among others, with claims and without', async () => {
  const name = readTrials(path)[0]?.files[1]?.path ?? '';
  rmSync(join(path, name));
  const { problems: found, fingerprint } = await verify(path, () => undefined);
  assert.match(found.join('\n'), new RegExp(`^${name}: missing`, 'm'));
  assert.doesNotMatch(found.join('\n'), /claims/);
  assert.match(fingerprint, /^[0-9a-f]{64}$/);
  writeFileSync(join(path, 'claims.yaml'), CLAIM(10));
  assert.match((await problems()).join('\n'), /^claims\.yaml: cannot be checked: Error: ENOENT/m);
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

test('a claim with a wide tolerance says why, and a reference run without claims is told', async () => {
  const claims = join(path, 'claims.yaml');
  const wide = CLAIM(9.4).replace('0.01', '0.1');
  writeFileSync(claims, wide);
  assert.match((await problems())[0] ?? '', /claims\.yaml:1:.* tolerance 0\.1 is more than 0\.05/);
  writeFileSync(claims, wide.replace('}', ', tolerance_because: few launches}'));
  assert.deepEqual(await problems(), []);
  rmSync(claims);
  mkdirSync(join(folder, 'reference'));
  path = await makeRun(join(folder, 'reference'), SMALL, () => 2);
  assert.match((await problems()).join('\n'), /^claims\.yaml: no claims; a reference run states/);
});

test('a claim states the interval that the run gives, where it gives one', async () => {
  const of = join(folder, 'apart');
  mkdirSync(of);
  path = await makeRun(of, SMALL, ({ launch }) => (launch === 1 ? 10 : 11));
  const claims = join(path, 'claims.yaml');
  writeFileSync(claims, CLAIM(10.49));
  assert.match(
    (await problems())[0] ?? '',
    /claims\.yaml:1:.*: no interval is claimed .*; the samples give \[5\.7\d+, 19\.\d+\]$/,
  );
  writeFileSync(claims, CLAIM(10.49, ', interval: [5.72, 19.2]'));
  assert.deepEqual(await problems(), []);
  for (const wrong of ['[9.5, 19.2]', '[5.72, 12]']) {
    writeFileSync(claims, CLAIM(10.49, `, interval: ${wrong}`));
    assert.match((await problems())[0] ?? '', /the interval \[.*\] is claimed/);
  }
  const ratio = CLAIM(1, ', over: local w1, interval: [0.9, 1.1]');
  writeFileSync(claims, ratio);
  assert.match((await problems())[0] ?? '', /the interval \[0\.9, 1\.1\] is claimed .* give none$/);
  writeFileSync(claims, CLAIM(10.49, ', interval: [5.72]'));
  await assert.rejects(problems(), /claims\.yaml:1:\d+: 0\.interval/);
});

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

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { powerOf, renderPower } from '../../src/cli/commands/plan_power.js';
import { makePaths } from '../../src/experiment/paths.js';
import { twoSystems } from '../examples.js';
import { makeRun } from '../run_folder.js';
import { near } from '../stats/near.js';

const folder = mkdtempSync(join(tmpdir(), 'enxame-test-'));
after(() => rmSync(folder, { recursive: true }));

const FIVE = twoSystems(5);

/** Paths of a repository whose results lie in the folder. */
function pathsIn(root: string) {
  mkdirSync(join(root, 'results', 'reference'), { recursive: true });
  return makePaths(root, {});
}

test('with a spread that is given, the smallest ratio is that of docs/statistics.md', () => {
  const found = powerOf(FIVE, pathsIn(folder), { spread: 0.02 });
  assert.deepEqual(
    found.map(({ cell, over, runs }) => [cell, over, runs]),
    [['rpc-tcp w1', 'local w1', undefined]],
  );
  // Paired, 5 launches, one test: 3.4 %.
  near(found[0]?.smallest_ratio, 1.034, 0.001);
  assert.match(renderPower(FIVE, found), /^rpc-tcp w1 +2\.0 % +– +3\.4 % +4$/m);
});

test('more cells are a larger family; one launch finds nothing', () => {
  const many = { ...FIVE, axes: { ...FIVE.axes, workers: [1, 2, 4] } };
  const [one] = powerOf(many, pathsIn(folder), { spread: 0.02 });
  assert.ok((one?.smallest_ratio ?? 0) > 1.04);
  const single = { ...FIVE, repetition: { ...FIVE.repetition, launches: 1 } };
  const found = powerOf(single, pathsIn(folder), { spread: 0.02 });
  assert.equal(found[0]?.smallest_ratio, undefined);
  assert.match(renderPower(single, found), /One launch finds nothing/);
});

test('without one it is that of the same cells in earlier runs, whatever else those measured', async () => {
  const root = join(folder, 'measured');
  const { results } = pathsIn(root);
  const paths = pathsIn(root);
  assert.equal(powerOf(FIVE, paths, {})[0]?.spread, undefined);
  assert.match(renderPower(FIVE, powerOf(FIVE, paths, {})), /no earlier run compared/);

  // Logarithms of ratios that differ by 0.1 either way: a standard deviation of 0.1.
  const wobble = (launch: number) => Math.exp(0.1 * (launch - 2));
  const three = { ...FIVE, repetition: { ...FIVE.repetition, launches: 3 } };
  const wide = { ...three, over: 'rpc-tcp', axes: { ...three.axes, workers: [1, 2], n: [8, 64] } };
  for (const [at, random] of [
    [results, 'a'],
    [join(results, 'reference'), 'b'],
  ] as const) {
    await makeRun(
      at,
      wide,
      ({ system, launch, n }) => (system === 'local' && n === 64 ? 2 * wobble(launch) : 3),
      random,
    );
  }
  const [found] = powerOf(FIVE, paths, {});
  near(found?.spread, 0.1, 0.001);
  assert.equal(found?.runs, 2);
  assert.equal(powerOf({ ...FIVE, duet: true }, paths, {})[0]?.spread, undefined);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stopRuleCoverageOf } from '../../simulation/stopping.js';
import { seededRandom } from '../../src/experiment/random.js';
import { isDone, type LaunchesOfCell, nextLaunch, STOP_RULE } from '../../src/stats/allocation.js';
import { normals } from './models.js';
import { near } from './near.js';

/** Values whose logarithms have exactly this spread about `centre`. */
function valuesOf(launches: number, spread: number, centre = 10): number[] {
  const places = Array.from({ length: launches }, (_, i) => i - (launches - 1) / 2);
  const squares = places.reduce((sum, place) => sum + place ** 2, 0);
  const unit = Math.sqrt((launches - 1) / squares);
  return places.map((place) => centre * Math.exp(place * unit * spread));
}

function launchesOf(cell: string, launches: number, spread: number, cost_s = 10): LaunchesOfCell {
  return { cell, values: valuesOf(launches, spread), cost_s };
}

test('a cell is done when its interval is narrow enough with launches to spare', () => {
  // sinh(scipy.stats.t.ppf(0.975, n - 1) * 0.05 / n**0.5) is 0.0463 for n = 7 and 0.0525 for n = 6
  assert.equal(isDone(launchesOf('a', 11, 0.05), STOP_RULE), true);
  assert.equal(isDone(launchesOf('a', 10, 0.05), STOP_RULE), false);
  assert.equal(isDone(launchesOf('a', 4, 0), STOP_RULE), false);
  assert.equal(isDone(launchesOf('a', 30, 5), STOP_RULE), true);
});

test('the next launch goes where it narrows most', () => {
  const choose = (...cells: LaunchesOfCell[]) => nextLaunch(cells, STOP_RULE)?.cell;
  assert.equal(choose(launchesOf('done', 10, 0.01), launchesOf('wide', 10, 0.1)), 'wide');
  assert.equal(choose(launchesOf('many', 20, 0.3), launchesOf('few', 8, 0.3)), 'few');
  assert.equal(choose(launchesOf('dear', 8, 0.3, 60), launchesOf('cheap', 8, 0.3, 5)), 'cheap');
  assert.equal(choose(launchesOf('some', 6, 0.3), launchesOf('none', 0, 0)), 'none');
  assert.equal(choose(launchesOf('two', 2, 0.3), launchesOf('one', 1, 0)), 'one');
  assert.equal(choose(launchesOf('done', 10, 0.01)), undefined);
  assert.equal(choose(), undefined);
});

test('where the interval lies changes nothing', () => {
  const here = { cell: 'a', values: valuesOf(9, 0.05, 10), cost_s: 1 };
  const there = { cell: 'a', values: valuesOf(9, 0.05, 1e4), cost_s: 1 };
  assert.equal(isDone(here, STOP_RULE), isDone(there, STOP_RULE));
});

test('chosen one by one, launches reach the target with fewer than in turns', () => {
  const spreads = [0.02, 0.04, 0.1];
  const launchesUntilDone = (
    choose: (cells: readonly LaunchesOfCell[], turn: number) => LaunchesOfCell,
  ) => {
    const random = seededRandom(1);
    const normal = normals(random);
    const cells = spreads.map((_, i) => ({ cell: `${i}`, values: [] as number[], cost_s: 1 }));
    let turn = 0;
    while (cells.some((cell) => !isDone(cell, STOP_RULE))) {
      const cell = choose(cells, turn) as (typeof cells)[number];
      cell.values.push(Math.exp((spreads[Number(cell.cell)] as number) * normal()));
      turn++;
    }
    return turn;
  };
  const chosen = launchesUntilDone((cells) => nextLaunch(cells, STOP_RULE) as LaunchesOfCell);
  const inTurns = launchesUntilDone((cells, turn) => cells[turn % cells.length] as LaunchesOfCell);
  assert.ok(chosen < 0.8 * inTurns, `${chosen} and ${inTurns}`);
});

test('the stop rule leaves the intervals a coverage of about 94 %; stopping at once does not', () => {
  for (const spread of [0.03, 0.1]) {
    near(stopRuleCoverageOf(spread, STOP_RULE, 4000).share, 0.945, 0.01);
  }
  const atOnce = { ...STOP_RULE, spareLaunches: 0 };
  assert.ok(stopRuleCoverageOf(0.1, atOnce, 4000).share < 0.92);
});

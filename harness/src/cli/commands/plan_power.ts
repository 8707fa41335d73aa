import { join } from 'node:path';
import { comparedCells } from '../../analysis/comparisons.js';
import { EarlierSpreads } from '../../analysis/earlier_spreads.js';
import { alignColumns } from '../../base/console.js';
import { cellsOf } from '../../experiment/cells.js';
import type { Experiment } from '../../experiment/experiment.js';
import type { Paths } from '../../experiment/paths.js';
import { percent, plain, UNKNOWN } from '../../report/numbers.js';
import { COMPARISON_RULE } from '../../stats/comparison.js';
import { launchesToFind, smallestRatio } from '../../stats/power.js';
import type { PowerWish } from '../request.js';

/** What a run could find of two cells that it compares. */
export interface PlannedPower {
  readonly cell: string;
  readonly over: string;
  /** Standard deviation of the logarithm of the ratio from block to block; absent where it is unknown. */
  readonly spread?: number;
  /** Of that, the earlier runs that have it; absent where it was given. */
  readonly runs?: number;
  /** The smallest ratio above 1 that is found with the probability of COMPARISON_RULE.power. */
  readonly smallest_ratio?: number;
  /** The fewest launches that find a difference by the margin of COMPARISON_RULE as probably. */
  readonly launches_for_margin?: number;
}

const { alpha, power, margin } = COMPARISON_RULE;

/** For each two cells that the run would compare, with as many launches as are planned. */
export function powerOf(experiment: Experiment, paths: Paths, wish: PowerWish): PlannedPower[] {
  const compared = comparedCells(
    experiment.over,
    cellsOf(experiment).map((cell) => ({ cell })),
  );
  const { results, root } = paths;
  const folders = [results, join(root, 'results', 'reference')];
  const earlier = new EarlierSpreads(wish.spread === undefined ? folders : []);
  const { duet = false } = experiment;
  return compared.map(([{ cell }, { cell: over }]) => {
    const known =
      wish.spread === undefined ? earlier.of(cell, over, duet) : { spread: wish.spread };
    return {
      ...{ cell: cell.key, over: over.key },
      ...(known && { ...known, ...findable(experiment, known.spread, compared.length) }),
    };
  });
}

function findable({ repetition }: Experiment, spread: number, family: number) {
  const { launches } = repetition;
  const test = { design: 'paired', spread, alpha: alpha / family } as const;
  const enough = launchesToFind(test, 1 + margin, power);
  return {
    ...(launches > 1 && {
      smallest_ratio: smallestRatio({ ...test, launches: [launches, launches] }, power),
    }),
    ...(enough !== undefined && { launches_for_margin: enough }),
  };
}

/** For the console. */
export function renderPower(
  { repetition, over }: Experiment,
  found: readonly PlannedPower[],
): string {
  if (found.length === 0)
    return `\nNo cell is compared with ${over}, so no difference can be found.`;
  const rows = found.map(({ cell, spread, runs, smallest_ratio, launches_for_margin }) => [
    cell,
    spread === undefined ? UNKNOWN : percent(spread),
    runs === undefined ? UNKNOWN : String(runs),
    smallest_ratio === undefined ? UNKNOWN : asChange(smallest_ratio),
    launches_for_margin === undefined ? UNKNOWN : String(launches_for_margin),
  ]);
  const header = [
    ...['cell', 'spread', 'earlier runs', 'smallest change'],
    `launches for ${percent(margin)}`,
  ];
  const unknown = found.some(({ spread }) => spread === undefined)
    ? `\n${UNKNOWN}: no earlier run compared that cell with ${over}; give --spread, the standard deviation of a ratio from block to block (0.05: 5 %).`
    : '';
  const single =
    repetition.launches === 1 ? ' One launch finds nothing: plan with --launches.' : '';
  return (
    [
      `\nWhat the run could find: the smallest increase of the median response time over ${over} that ${repetition.launches} launches find with probability ${power}, corrected for ${found.length} comparisons.${single}`,
      ...alignColumns([header, ...rows]),
    ].join('\n') + unknown
  );
}

/** What more than doubles is a factor. */
function asChange(ratio: number): string {
  return ratio < 2 ? percent(ratio - 1) : `× ${plain(ratio)}`;
}

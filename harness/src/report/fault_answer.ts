import type { CellSummary } from '../analysis/summary.js';
import { plain } from './numbers.js';

/** What was lost under all plans together, and which system was back last. */
export function faultAnswer(cells: readonly CellSummary[]): string {
  const faulty = cells.flatMap(({ system, faults, fault_effects }) =>
    fault_effects === undefined ? [] : [{ where: `${system}, ${faults}`, ...fault_effects }],
  );
  if (faulty.length === 0) return 'no number: no trial with faults is valid';
  const sum = (name: 'accepted' | 'lost' | 'failed' | 'wrong' | 'duplicated') =>
    faulty.reduce((total, effects) => total + effects[name], 0);
  const losing = faulty.filter(({ lost }) => lost > 0).map(({ where }) => where);
  const away = faulty.filter(({ recovered_s }) => recovered_s === null);
  const [slowest] = faulty
    .filter(({ recovered_s }) => recovered_s !== null)
    .sort((a, b) => (b.recovered_s ?? 0) - (a.recovered_s ?? 0));
  const counts = `of ${sum('accepted')} accepted requests ${sum('lost')} were lost${inPlaces(losing)}, ${sum('failed')} failed, ${sum('wrong')} had a wrong product and ${sum('duplicated')} were answered twice`;
  const back =
    slowest === undefined
      ? []
      : [
          `throughput was back after ${plain(slowest.recovered_s ?? 0)} s at the latest (${slowest.where})`,
        ];
  const notBack =
    away.length === 0 ? [] : [`it was not back${inPlaces(away.map(({ where }) => where))}`];
  return [counts, ...back, ...notBack].join('; ');
}

/** ` (ws-native, kill-worker; and 2 more)` */
function inPlaces(places: readonly string[]): string {
  const [first] = places;
  if (first === undefined) return '';
  return ` (${first}${places.length > 1 ? `; and ${places.length - 1} more` : ''})`;
}

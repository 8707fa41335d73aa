import { MODELS, HARD_MODEL } from '../test/stats/models.js';
import { MEASURES } from '../src/stats/launch.js';
import { CANDIDATES } from './candidates.js';
import { coverageOf } from './coverage.js';
const reps = Number(process.argv[2]);
const only = process.argv[3] ? [CANDIDATES[0]!] : CANDIDATES;
for (const model of [...MODELS, HARD_MODEL]) for (const m of MEASURES) for (const n of [3,5,10,30]) {
  const c = coverageOf(only, model, m, n, reps, 7);
  console.log(model.name.padEnd(24), m.padEnd(20), String(n).padStart(3), c.map(x=>(x.share*100).toFixed(1).padStart(6)).join(' '), ' w', c.map(x=>x.width.toFixed(3)).join(' '));
}

/** Makes a run in a folder and writes files of one kind into it until that fails; prints what was thrown. */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesOf } from '../../src/analysis/analysis.js';
import { messageOf } from '../../src/base/errors.js';
import { RunFolder } from '../../src/run_folder/run_folder.js';
import { ENVIRONMENT, EXPERIMENT, makeRow, summaryOf } from '../examples.js';
import { manifestOf } from '../run_folder.js';

const [, , results = '', what = ''] = process.argv;
const noise = () => randomBytes(7000).toString('base64url');

async function write(): Promise<void> {
  const run = RunFolder.create(results, manifestOf(EXPERIMENT), ENVIRONMENT);
  switch (what) {
    case 'rows':
      for (let i = 0; ; i++) run.appendTrials([makeRow({ trial: `t${i}` })]);
    case 'summary':
      return run.writeDerived(
        filesOf(run.manifest, {
          cells: summaryOf(Array.from({ length: 16 }, (_, i) => makeRow({ workers: i + 1 }))),
          warnings: [],
          comparisons: [],
          contrasts: [],
        }),
      );
    case 'histogram':
      return run.writeText('histograms/t.hlog', noise());
    case 'metrics':
      return run.writeCompressed('metrics/t.prom.gz', noise() + noise());
    case 'samples': {
      const plain = join(run.path, 'samples/t.csv');
      // Which fits as it is, and not with what is added when it is compressed.
      writeFileSync(plain, randomBytes(7995));
      await run.compress(plain, 'samples/t.csv.gz');
    }
  }
}

await write().then(
  () => process.exit(1),
  (error: unknown) => process.stdout.write(messageOf(error)),
);

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Programs } from '../launch/parts/processes.js';

const PROGRAM = fileURLToPath(new URL('./make_noise.js', import.meta.url));

/** What `work` gives while another program keeps `share` of a processor busy, 0 (nothing) to 1. */
export async function withNoise<T>(share: number, work: () => Promise<T>): Promise<T> {
  if (share === 0) return work();
  const folder = mkdtempSync(join(tmpdir(), 'enxame-noise-'));
  const log = join(folder, 'noise.log');
  const noise = new Programs().start('noise', process.execPath, [PROGRAM, String(share)], log);
  try {
    return await work();
  } finally {
    await noise.stop();
    rmSync(folder, { recursive: true });
  }
}

import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Makes a build folder whose programs, and those of `more`, are the fakes of this folder. */
export function makeFakeBuild(folder: string, more: Readonly<Record<string, string>> = {}): void {
  const bin = join(folder, 'release', 'bin');
  const site = join(folder, 'wasm', 'site');
  mkdirSync(bin, { recursive: true });
  mkdirSync(site, { recursive: true });
  writeFileSync(join(site, 'worker.html'), 'the fake coordinator has a page of its own\n');
  const fakes = {
    coordinator: 'listener',
    'matmul-worker': 'listener',
    'swarm-worker': 'swarm_worker',
    'load-generator': 'load_generator',
    ...more,
  };
  for (const [program, fake] of Object.entries(fakes)) {
    const script = fileURLToPath(new URL(`./${fake}.js`, import.meta.url));
    const path = join(bin, program);
    writeFileSync(path, `#!/bin/sh\nexec '${process.execPath}' '${script}' "$@"\n`);
    chmodSync(path, 0o755);
  }
}

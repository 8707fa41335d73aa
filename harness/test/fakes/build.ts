import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CODECS, KERNELS } from '../../src/systems/fields.js';
import { TRANSPORTS } from '../../src/transports/all.js';

/** What a fake prints with --capabilities, besides what it does not say: everything. */
export type FakeCapabilities = Readonly<Record<string, unknown>>;

/**
 * Makes a build folder whose programs, and those of `more`, are the fakes of this folder. Each supports
 * everything but what `capabilities` gives it by its name.
 */
export function makeFakeBuild(
  folder: string,
  more: Readonly<Record<string, string>> = {},
  capabilities: Readonly<Record<string, FakeCapabilities>> = {},
): void {
  const bin = join(folder, 'release', 'bin');
  const site = join(folder, 'wasm', 'site');
  mkdirSync(bin, { recursive: true });
  mkdirSync(site, { recursive: true });
  writeFileSync(join(site, 'worker.html'), 'the fake coordinator has a page of its own\n');
  const fakes = {
    coordinator: 'listener',
    'matmul-server': 'listener',
    'matmul-worker': 'listener',
    'swarm-worker': 'swarm_worker',
    'load-generator': 'load_generator',
    ...more,
  };
  for (const [program, fake] of Object.entries(fakes)) {
    const script = fileURLToPath(new URL(`./${fake}.js`, import.meta.url));
    const path = join(bin, program);
    const answer = JSON.stringify({ ...everything(), ...capabilities[program] });
    const lines = [
      '#!/bin/sh',
      `if [ "$1" = --capabilities ]; then echo '${answer}'; exit; fi`,
      `exec '${process.execPath}' '${script}' "$@"`,
    ];
    writeFileSync(path, `${lines.join('\n')}\n`);
    chmodSync(path, 0o755);
  }
}

function everything(): FakeCapabilities {
  return {
    kernels: KERNELS,
    codecs: CODECS,
    transports: [...TRANSPORTS.all().map(({ name }) => name), 'http'],
  };
}

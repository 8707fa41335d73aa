/** Where the same file multiplies: in each engine of this machine, and on a machine of another kind, which QEMU imitates. */
import { join } from 'node:path';
import { messageOf } from '../base/errors.js';
import type { EngineNeed } from '../engines/engine.js';
import { moduleOf } from '../engines/wasi.js';
import type { Built } from '../systems/fields.js';
import { multiplyOnce } from './footprint.js';
import type { Host } from './isolation.js';

export interface Place {
  /** The file: machine code for one kind of machine, or WebAssembly. */
  readonly file: 'stdio-worker' | 'stdio-worker.wasm';
  readonly engine: string;
  readonly machine: string;
  /** Whether its product was right. */
  readonly multiplies: boolean;
  /** Why not. */
  readonly because?: string;
}

/** The machine that is imitated, whatever this one is. */
export const FOREIGN = 'aarch64';
export const FOREIGN_NEEDS: readonly EngineNeed[] = [
  ...(['engine:qemu-aarch64', 'engine:wazero-aarch64', 'wasi'] as const),
];

/** Has every engine multiply once. */
export async function places(
  built: Built,
  engines: readonly Host[],
  machine: string,
  onPlace: (place: Place) => void,
): Promise<readonly Place[]> {
  const found: Place[] = [];
  const note = async (place: Omit<Place, 'multiplies'>, multiply: () => Promise<void>) => {
    const why = await multiply().then(() => undefined, messageOf);
    // Wherever it was built.
    const because = why?.replaceAll(`${built.bin}/`, '');
    const came = {
      ...{ ...place, multiplies: because === undefined },
      ...(because !== undefined && { because }),
    };
    found.push(came);
    onPlace(came);
  };
  for (const { name, guests, needs = [] } of engines) {
    const file = needs.includes('wasi') ? 'stdio-worker.wasm' : 'stdio-worker';
    await note({ file, engine: name, machine }, async () => {
      await guests.prepare(built, 'stdio-worker');
      await multiplyOnce(guests.command(built, { program: 'stdio-worker', flags: [] }), name);
    });
  }
  const qemu = join(built.engines, 'qemu-aarch64');
  const wazero = [join(built.engines, 'wazero-aarch64'), 'run', moduleOf(built)];
  await note({ file: 'stdio-worker.wasm', engine: 'wazero in QEMU', machine: FOREIGN }, () =>
    multiplyOnce([qemu, ...wazero], 'wazero in QEMU'),
  );
  await note({ file: 'stdio-worker', engine: 'QEMU', machine: FOREIGN }, () =>
    multiplyOnce([qemu, join(built.bin, 'stdio-worker')], 'QEMU'),
  );
  return found;
}

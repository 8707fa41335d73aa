import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, statSync } from 'node:fs';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Built } from '../systems/fields.js';
import type { EngineNeed, ImageSize } from './engine.js';
import { Prepared, runToPrepare } from './prepared.js';
import { moduleOf } from './wasi.js';

/** The image of workers, as it is called in a store of this harness's own. */
export const IMAGE = 'localhost/enxame-worker';
/** The same with what a worker needs to multiply in WebAssembly. */
export const WASM_WORKER_IMAGE = 'localhost/enxame-wasm-worker';
/** A module and nothing else. */
export const WASM_IMAGE = 'localhost/enxame-wasm';

/** What runs containers of the image of workers: with a store, a state and control groups of its own, which go with this process. */
export abstract class ImageStore {
  private readonly prepared: Prepared;
  private place: string | undefined;
  private wasm: Promise<void> | undefined;

  /** `program`: as setup/engine calls it. */
  constructor(readonly program: string) {
    this.prepared = new Prepared(program, async (built, _, folder) => {
      const context = join(folder, 'image');
      this.place = folder;
      await runToPrepare(program, [join(built.bin, 'worker-image'), context]);
      // Before the folder is gone, in which containers may have files open.
      process.prependOnceListener('exit', () => this.close());
      removeControlGroups('');
      await this.open(built, folder);
      await this.build(built, IMAGE, context);
      await runToPrepare(program, [
        ...[...this.run(built), '--interactive', '--network', 'none'],
        ...[IMAGE, '/stdio-worker'],
      ]);
    });
  }

  get needs(): readonly EngineNeed[] {
    return [`engine:${this.program}`];
  }

  /** Has it ready, with the image in it. Throws an Error where this machine does not allow it. */
  prepare(built: Built): Promise<void> {
    return this.prepared.prepare(built, 'stdio-worker');
  }

  /** The words that run a container, before its flags and its image: in the foreground, and gone when it has ended. */
  abstract run(built: Built): readonly string[];

  /** Processes, beside those that run() starts, whose families are part of what containers take. */
  abstract pids(): readonly number[];

  /** The programs that decide its figures, by name. */
  abstract artefacts(built: Built): Readonly<Record<string, string>>;

  /** A folder in its own, which goes with it. */
  folderFor(name: string): string {
    const folder = join(this.folder, name);
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  /** Without what registries and stores compress. */
  size(): ImageSize {
    const own_bytes = bytesIn(join(this.folder, 'image', 'programs'));
    return { bytes: own_bytes + bytesIn(join(this.folder, 'image', 'libraries')), own_bytes };
  }

  protected abstract open(built: Built, folder: string): Promise<void>;

  /** Makes the image of what worker-image has put into a folder. */
  protected abstract build(built: Built, image: string, context: string): Promise<void>;

  /** Beside the image of workers, those of the same workers and of a module in WebAssembly, once; after it was prepared. */
  addWasmImages(built: Built): Promise<void> {
    this.wasm ??= this.buildWasmImages(built);
    return this.wasm;
  }

  private async buildWasmImages(built: Built): Promise<void> {
    const [worker, alone] = ['wasm-worker', 'wasm'].map((name) => join(this.folder, name));
    const module = moduleOf(built);
    const library = join(built.engines, 'libwasmtime.so');
    await runToPrepare(this.program, [
      ...[join(built.bin, 'worker-image'), worker ?? '', module, library],
    ]);
    await this.build(built, WASM_WORKER_IMAGE, worker ?? '');
    await mkdir(alone ?? '');
    await copyFile(module, join(alone ?? '', basename(module)));
    const file = `FROM scratch\nCOPY ${basename(module)} /\n`;
    await writeFile(join(alone ?? '', 'Containerfile'), file);
    await this.build(built, WASM_IMAGE, alone ?? '');
  }

  /** Ends whatever runs, without waiting for promises. */
  protected abstract end(): void;

  protected get folder(): string {
    if (this.place === undefined) throw new Error(`${this.program} was not prepared`);
    return this.place;
  }

  /** Of the containers, in each hierarchy. */
  protected get controlGroup(): string {
    return `enxame-${this.program}-${process.pid}`;
  }

  private close(): void {
    this.end();
    removeControlGroups(this.controlGroup);
  }
}

/**
 * Namespaces in which a command is the first process, so that when it ends or is killed, whatever it has started ends with it, and its mounts
 * are gone.
 */
export const OF_ITS_OWN = [
  ...['unshare', '--pid', '--fork', '--kill-child', '--mount', '--mount-proc', '--'],
];

function bytesIn(folder: string): number {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const files = names.map((name) => statSync(join(folder, name))).filter((each) => each.isFile());
  return files.reduce((sum, { size }) => sum + size, 0);
}

const HIERARCHIES = '/sys/fs/cgroup';

/** The kernel keeps control groups of processes that have ended. Removes that one, and those of harnesses that were killed. */
function removeControlGroups(own: string): void {
  const isOver = (name: string) =>
    name === own ||
    (/^enxame-\w+-(\d+)$/.test(name) && !existsSync(`/proc/${name.split('-').at(-1)}`));
  for (const group of controlGroups()) {
    if (isOver(basename(group))) removeTree(group);
  }
}

/** Those at the top of each hierarchy. */
export function controlGroups(): string[] {
  return [HIERARCHIES, ...foldersIn(HIERARCHIES)].flatMap(foldersIn);
}

/** Of control groups, whose files are none. One whose processes are about to end is tried again. */
export function removeTree(group: string): void {
  for (const each of foldersIn(group)) removeTree(each);
  for (let tries = 50; tries > 0; tries -= 1) {
    try {
      rmdirSync(group);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EBUSY') return;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
    }
  }
}

/** Whether any is in it, or in one below it. */
export function hasProcesses(group: string): boolean {
  return readIfThere(join(group, 'cgroup.procs')) !== '' || foldersIn(group).some(hasProcesses);
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function foldersIn(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.filter((each) => each.isDirectory()).map(({ name }) => join(folder, name));
  } catch {
    return [];
  }
}

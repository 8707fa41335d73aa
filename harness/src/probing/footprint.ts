/** What an engine takes: how soon it has made a first product, its memory, and the files without which it does not run. */
import { type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { messageOf } from '../base/errors.js';
import type { Guest } from '../engines/engine.js';
import { familyOf } from '../launch/parts/proc.js';
import type { Built } from '../systems/fields.js';
import type { Host } from './isolation.js';
import { firstOfProduct, lengthOfAnswer, multiplyMessage } from './multiply_message.js';

/** One start of an engine, or of MANY at once. */
export interface Start {
  readonly engine: string;
  /** How many were started; what follows is of all of them. */
  readonly at_once: number;
  /** Whether the kernel had to read its files again. */
  readonly cold: boolean;
  readonly repeat: number;
  /** From its start to its first product, of two numbers. */
  readonly ready_ms: number;
  /** Of it and all that it has started, with a daemon that it needs: each page counts where it is, shared ones in parts (PSS). */
  readonly idle_bytes: number;
  /** After it has multiplied matrices of WORK_N. */
  readonly busy_bytes: number;
  /** Files that it has mapped: programs, libraries, and code that was compiled before. */
  readonly files_bytes: number;
}

/** The order of the matrices that are its work: three of them are 6 MB. */
export const WORK_N = 512;

const GUEST: Guest = { program: 'stdio-worker', flags: ['--kernel', 'simd'] };

export const MANY = 16;

/** How long it may take for a product. */
const LIMIT_MS = 60_000;

/** How long it may take to end. */
const END_MS = 5_000;

/** Starts each engine so often, with files that are in memory and, where this user may have them forgotten, with files that are not. */
export async function footprints(
  built: Built,
  engines: readonly Host[],
  repeats: number,
  onEngine: (engine: string, came: readonly Start[] | string) => void,
): Promise<{
  readonly rows: readonly Start[];
  readonly unavailable: Readonly<Record<string, string>>;
}> {
  const rows: Start[] = [];
  const unavailable: Record<string, string> = {};
  for (const engine of engines) {
    const { name, guests } = engine;
    try {
      await guests.prepare(built, GUEST.program);
      const own: Start[] = [];
      await start(built, engine, { cold: false, repeat: 0 });
      for (let repeat = 1; repeat <= repeats; repeat += 1) {
        own.push(await start(built, engine, { cold: false, repeat }));
        if (forgetFiles()) own.push(await start(built, engine, { cold: true, repeat }));
        own.push(await start(built, engine, { cold: false, repeat, atOnce: MANY }));
      }
      rows.push(...own);
      onEngine(name, own);
    } catch (error) {
      unavailable[name] = messageOf(error);
      onEngine(name, messageOf(error));
    }
  }
  return { rows, unavailable };
}

async function start(
  built: Built,
  { name: engine, guests, besides = () => [] }: Host,
  {
    cold,
    repeat,
    atOnce = 1,
  }: { readonly cold: boolean; readonly repeat: number; readonly atOnce?: number },
): Promise<Start> {
  const [program = '', ...args] = guests.command(built, GUEST);
  const began = performance.now();
  const children = Array.from({ length: atOnce }, () =>
    spawn(program, args, { stdio: ['pipe', 'pipe', 'ignore'], detached: true }),
  );
  try {
    await Promise.all(children.map((child) => ask(child, 1, 1, 3, 7, engine)));
    const ready_ms = performance.now() - began;
    const processes = () =>
      [...children.map(({ pid }) => pid ?? 0), ...besides()].flatMap(familyOf);
    const idle_bytes = memoryOf(processes());
    await Promise.all(children.map((child) => ask(child, 2, WORK_N, 1, 2, engine)));
    const busy_bytes = memoryOf(processes());
    const files_bytes = mappedFilesOf(processes());
    await Promise.all(children.map(endOf));
    const memory = { idle_bytes, busy_bytes, files_bytes };
    return { engine, at_once: atOnce, cold, repeat, ready_ms, ...memory };
  } finally {
    for (const { pid } of children) endGroup(pid);
  }
}

/** Starts a program that multiplies, has it do so once, and ends it. Throws an Error when the product is not right. */
export async function multiplyOnce(command: readonly string[], engine: string): Promise<void> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  let said = '';
  child.stderr.on('data', (piece) => {
    said += piece;
  });
  try {
    await ask(child, 1, 8, 3, 7, engine);
    await endOf(child);
  } catch (error) {
    const lastWords = said.trim().split('\n').at(-1);
    throw new Error([messageOf(error), lastWords].filter(Boolean).join(': '));
  } finally {
    endGroup(child.pid);
  }
}

/** Returns when it has ended, as it should with its input, or its time is over. */
async function endOf(
  child: ChildProcessByStdio<Writable, Readable, Readable | null>,
): Promise<void> {
  const ended = once(child, 'exit');
  child.stdin.end();
  let late: NodeJS.Timeout | undefined;
  const patience = new Promise((resolve) => {
    late = setTimeout(resolve, END_MS);
  });
  await Promise.race([ended, patience]);
  clearTimeout(late);
}

/** Throws when what it answers is not the product of these numbers. */
async function ask(
  child: ChildProcessByStdio<Writable, Readable, Readable | null>,
  callId: number,
  n: number,
  a: number,
  b: number,
  engine: string,
): Promise<void> {
  child.stdin.on('error', () => undefined).write(multiplyMessage(callId, n, a, b));
  const answer = await new Promise<Buffer>((resolve, reject) => {
    let bytes = Buffer.alloc(0);
    const fail = (why: string) => () => {
      clearTimeout(limit);
      reject(new Error(`${engine} has not multiplied: ${why}`));
    };
    const limit = setTimeout(fail(`nothing in ${LIMIT_MS / 1_000} s`), LIMIT_MS);
    const ended = fail('it ended');
    const more = (piece: Buffer) => {
      bytes = Buffer.concat([bytes, piece]);
      if (bytes.length < (lengthOfAnswer(bytes) ?? Number.POSITIVE_INFINITY)) return;
      clearTimeout(limit);
      child.stdout.off('data', more);
      child.off('close', ended);
      resolve(bytes);
    };
    child.stdout.on('data', more);
    child.once('close', ended);
    child.once('error', reject);
  });
  const first = firstOfProduct(answer);
  if (first !== n * a * b) throw new Error(`${engine} says that ${n} · ${a} · ${b} is ${first}`);
}

function memoryOf(processes: readonly number[]): number {
  const pages = processes.map((each) => /^Pss:\s+(\d+) kB/m.exec(read(each, 'smaps_rollup'))?.[1]);
  return 1_024 * pages.reduce((sum, kib) => sum + Number(kib ?? 0), 0);
}

function mappedFilesOf(processes: readonly number[]): number {
  const lines = processes.flatMap((each) =>
    read(each, 'maps')
      .split('\n')
      .map((line) => [each, line] as const),
  );
  const files = new Map<string, number>();
  for (const [each, line] of lines) {
    // ADDRESSES RIGHTS OFFSET DEVICE INODE PATH, of which device and inode tell files apart.
    const [, addresses, , , device, inode, path] =
      /^(\S+) (\S+) (\S+) (\S+) (\d+)\s+(\/.*)$/.exec(line) ?? [];
    if (path === undefined || inode === '0' || /^\/(dev|memfd:)/.test(path)) continue;
    files.set(`${device} ${inode}`, sizeOf(`/proc/${each}/map_files/${addresses}`, path));
  }
  return [...files.values()].reduce((sum, bytes) => sum + bytes, 0);
}

/** What is mapped, whatever the root of the process, as root sees it; else the file of that name. */
function sizeOf(mapped: string, path: string): number {
  for (const each of [mapped, path]) {
    try {
      return statSync(each).size;
    } catch {
      // The next one, if any.
    }
  }
  return 0;
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}

/** Returns whether the kernel has let go of the files that it held in memory: only root may ask for that. */
function forgetFiles(): boolean {
  try {
    // What was just made is not let go before it is on disk.
    execFileSync('sync');
    writeFileSync('/proc/sys/vm/drop_caches', '1');
    return true;
  } catch {
    return false;
  }
}

function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // All of it has ended.
  }
}

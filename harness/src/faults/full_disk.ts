import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ProcessPart } from '../launch/parts/process_part.js';
import type { Inject } from './handles.js';

const run = promisify(execFile);

/** The files of a server may not grow for a while, as on a disk that is full: prlimit(1) sets the limit of a process that runs. */
export const fullDisk: Inject = async ({ fault, handles, lasts }) => {
  const part = handles.part(fault.of);
  if (!(part instanceof ProcessPart) || part.pid === undefined) {
    throw new Error(`${part.name} is not a program that runs, so its files cannot be limited`);
  }
  const limit = (bytes: string) =>
    run('prlimit', [`--pid=${part.pid}`, `--fsize=${bytes}:unlimited`]);
  await limit('1');
  await lasts(fault.for_s ?? 0).finally(() => limit('unlimited'));
};

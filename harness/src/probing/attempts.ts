/** What worker/isolation/probe.cc tries, with what it needs of its host, and when it has got out. */
import { Witness } from './witness.js';

export interface Attempt {
  readonly name: string;
  /** What probe.cc calls it. Default: its name. */
  readonly probe?: string;
  /** Whether it is what was allowed, rather than a way out. */
  readonly isAllowed?: true;
  /** Whether it is made with a folder of the host granted, to engines that can be granted one. */
  readonly withFolder?: true;
  readonly title: string;
  /** What it is told besides. Default: nothing. */
  readonly argument?: (witness: Witness, folder: string) => string;
  /** Whether it has got what it tried, by what it `said` after it claimed to, and what its host has seen. */
  readonly reached: (said: string, witness: Witness) => boolean;
}

const CLAIMED = () => true;

export const ATTEMPTS: readonly Attempt[] = [
  {
    name: 'read-host-file',
    title: 'read a file of the host',
    argument: ({ secretFile }) => secretFile,
    reached: (said, { secret }) => said.includes(secret),
  },
  {
    name: 'write-host-file',
    title: 'write a file of the host',
    argument: ({ newFile }) => newFile,
    reached: (_, witness) => witness.sawNewFile(),
  },
  {
    name: 'read-environment',
    title: "read an environment variable of its engine's",
    argument: () => Witness.variable,
    reached: (said, { secret }) => said.includes(secret),
  },
  {
    name: 'read-host-name',
    title: "read the host's name",
    reached: (said, { hostName }) => said.trim() === hostName,
  },
  {
    name: 'connect',
    title: 'open a connection to a program of the host',
    argument: ({ port }) => String(port),
    reached: (_, witness) => witness.sawConnection(),
  },
  {
    name: 'see-host-sockets',
    title: "see the sockets of the host's network",
    reached: (said, { port }) =>
      said.includes(`:${port.toString(16).toUpperCase().padStart(4, '0')} `),
  },
  {
    name: 'see-process',
    title: 'see a process of the host',
    argument: ({ victim }) => String(victim),
    reached: (said, { secret }) => said.includes(secret),
  },
  {
    name: 'signal-process',
    title: 'send a signal to a process of the host',
    argument: ({ victim }) => String(victim),
    reached: (_, witness) => witness.sawSignal(),
  },
  { name: 'fork', title: 'start a process', reached: CLAIMED },
  { name: 'run-shell', title: "run the host's shell", reached: CLAIMED },
  { name: 'run-own-code', title: 'run machine code that it wrote', reached: CLAIMED },
  { name: 'overflow-buffer', title: 'write past an object, into the next one', reached: CLAIMED },
  { name: 'read-wild-address', title: 'read beyond all its memory', reached: CLAIMED },
  { name: 'call-wrong-function', title: 'call a function as another', reached: CLAIMED },
  { name: 'overflow-stack', title: 'overflow its stack unnoticed', reached: CLAIMED },
  {
    name: 'read-fine-clock',
    title: 'read a clock finer than 1 µs',
    reached: (said) => Number.parseInt(said, 10) < 1_000,
  },
  {
    name: 'take-memory',
    title: 'take 1 GiB of memory',
    reached: (said) => Number.parseInt(said, 10) >= 1_024,
  },
  {
    name: 'take-threads',
    title: 'start 1,000 threads',
    reached: (said) => Number.parseInt(said, 10) >= 1_000,
  },
  {
    name: 'take-descriptors',
    title: 'open 5,000 files',
    reached: (said) => Number.parseInt(said, 10) >= 5_000,
  },
  {
    name: 'use-granted-folder',
    probe: 'read-host-file',
    title: 'granted a folder: read a file in it',
    isAllowed: true,
    withFolder: true,
    argument: (_, folder) => `${folder}/${Witness.granted}`,
    reached: (said, { secret }) => said.includes(secret),
  },
  {
    name: 'leave-granted-folder',
    probe: 'read-host-file',
    title: 'granted a folder: read a file beside it',
    withFolder: true,
    argument: (_, folder) => `${folder}/../secret`,
    reached: (said, { secret }) => said.includes(secret),
  },
  {
    name: 'follow-link-out',
    probe: 'read-host-file',
    title: 'granted a folder: read by a link in it what lies beside it',
    withFolder: true,
    argument: (_, folder) => `${folder}/${Witness.link}`,
    reached: (said, { secret }) => said.includes(secret),
  },
];

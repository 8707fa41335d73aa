/** Machine code behind each worker, as with `process`, in sandboxes that keep more and more from it; and WebAssembly in one of them. */
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Built, KERNELS, type Kernel } from '../systems/fields.js';
import { type Child, childEngine } from './child.js';
import type { EngineNeed } from './engine.js';
import { Prepared, runToPrepare } from './prepared.js';
import { processEngine, STDIO_WORKER_LACKS, stdioWorkerIn } from './process.js';
import { moduleIn, ONE_KERNEL, versionIn } from './wasi.js';

const RATES = processEngine.cost.rates;

/** Namespaces of Linux, and one file in them. */
export const bubblewrap = inSandbox('bubblewrap', 'bwrap', {
  lacks: STDIO_WORKER_LACKS,
  startMs: 10,
  rates: RATES,
  command: (built, kernel) => [
    ...[join(built.engines, 'bwrap'), '--unshare-all', '--die-with-parent', '--cap-drop', 'ALL'],
    ...['--ro-bind', stdioWorkerIn(built), '/stdio-worker', '--proc', '/proc', '--'],
    ...['/stdio-worker', '--kernel', kernel],
  ],
});

/** A container without a daemon, by the runtime that is written in C. */
export const crun = inContainer('crun', { runtime: 'crun', startMs: 30 });

/** The same by the first runtime, which Docker uses. */
export const runc = inContainer('runc', { runtime: 'runc', startMs: 70 });

/** gVisor: a kernel in user space answers what the program asks of Linux. */
export const gvisor = inContainer('gvisor', {
  runtime: 'runsc',
  flags: ['--ignore-cgroups', '--network=none', '--platform=systrap'],
  startMs: 300,
});

/** WebAssembly in a container: in the place of a process crun runs WasmEdge, on a file compiled before. */
export const crunWasmedge = inContainer('crun-wasmedge', {
  runtime: 'crun',
  startMs: 60,
  rates: { simd: 2e10 },
  lacks: ONE_KERNEL,
  needs: ['wasi', 'engine:wasmedge'],
  annotations: { 'run.oci.handler': 'wasm' },
  putProgram: ({ engines, wasi }, to) =>
    runToPrepare('crun-wasmedge', [join(engines, 'wasmedge'), 'compile', moduleIn(wasi), to]),
});

/** What is in a container beside its file: its own processes, and devices like /dev/null. */
const MOUNTS = [
  { destination: '/proc', type: 'proc', source: 'proc' },
  { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755'] },
];

interface Container {
  /** As setup/engine calls it. */
  readonly runtime: string;
  readonly flags?: readonly string[];
  readonly startMs: number;
  /** Of the program in it. Default: of stdio-worker. */
  readonly rates?: Child<string>['rates'];
  readonly lacks?: Child<string>['lacks'];
  /** Beside its runtime. */
  readonly needs?: readonly EngineNeed[];
  readonly annotations?: Readonly<Record<string, string>>;
  /** Makes the one file that it has. Default: stdio-worker. */
  readonly putProgram?: (built: Built, to: string) => Promise<void>;
}

function inContainer<Name extends string>(name: Name, container: Container) {
  const { runtime, flags = [], lacks = STDIO_WORKER_LACKS, rates = RATES } = container;
  const putProgram = container.putProgram ?? ((built, to) => copyFile(stdioWorkerIn(built), to));
  const command = (built: Built, kernel: Kernel) => [
    ...[join(built.bin, 'oci-run'), prepared.file('state'), prepared.file(kernel)],
    ...[join(built.engines, runtime), ...flags],
  ];
  const prepared: Prepared = new Prepared(name, async (built, folder) => {
    const rootfs = join(folder, 'rootfs');
    for (const { destination } of MOUNTS) {
      await mkdir(join(rootfs, destination), { recursive: true });
    }
    await putProgram(built, join(rootfs, 'worker'));
    for (const kernel of KERNELS) {
      const args = container.putProgram ? ['/worker'] : ['/worker', '--kernel', kernel];
      await mkdir(join(folder, kernel));
      const config = JSON.stringify(configOf(rootfs, args, container.annotations), null, 2);
      await writeFile(join(folder, kernel, 'config.json'), config);
    }
  });
  return inSandbox(name, runtime, {
    ...{ lacks, rates, startMs: container.startMs, command },
    ...(container.needs && { needs: container.needs }),
    prepare: prepared.prepare,
  });
}

interface Sandbox extends Pick<Child<string>, 'lacks' | 'rates' | 'startMs' | 'command'> {
  readonly needs?: readonly EngineNeed[];
  readonly prepare?: (built: Built) => Promise<void>;
}

/** It is tried once without work, so that one that this machine does not allow says so before anything is measured. */
function inSandbox<Name extends string>(
  name: Name,
  program: string,
  { command, needs = [], prepare, ...own }: Sandbox,
) {
  const path = ({ engines }: Built) => join(engines, program);
  return childEngine({
    ...own,
    name,
    needs: [`engine:${program}`, ...needs],
    command,
    prepare: async (built) => {
      await prepare?.(built);
      await runToPrepare(name, command(built, 'simd'));
    },
    files: (built) => [path(built), stdioWorkerIn(built)],
    artefacts: (built) => ({
      programs: { [program]: path(built), 'stdio-worker': stdioWorkerIn(built) },
      wasm: needs.includes('wasi') ? [built.wasi] : [],
    }),
    describe: (_, built) => versionIn(built, program),
  });
}

/** A container after the specification of the Open Container Initiative: namespaces of its own, no rights, one file that it cannot write. */
function configOf(
  rootfs: string,
  args: readonly string[],
  annotations: Readonly<Record<string, string>> = {},
) {
  const namespaces = ['pid', 'network', 'ipc', 'uts', 'mount'];
  return {
    ociVersion: '1.0.0',
    process: { user: { uid: 0, gid: 0 }, args, env: [], cwd: '/', noNewPrivileges: true },
    root: { path: rootfs, readonly: true },
    mounts: MOUNTS,
    linux: { namespaces: namespaces.map((type) => ({ type })) },
    annotations,
  };
}

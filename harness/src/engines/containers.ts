/**
 * Containers of Docker and of Podman. Workers run in them whole, on the network of this machine, so that nothing in between carries what they
 * compute; or, as with the other sandboxes, only the program that multiplies does, and Docker or Podman carries its stdin and stdout.
 */
import type { Built } from '../systems/fields.js';
import { childEngine } from './child.js';
import { IMAGE, type ImageStore } from './container_images.js';
import { DockerImages } from './docker.js';
import type { Engine, Guest, Guests } from './engine.js';
import { native } from './native.js';
import { PodmanImages } from './podman.js';
import { programIn, STDIO_WORKER_LACKS } from './process.js';
import { swarmWorker } from './swarm_worker.js';
import { GRANTED, versionIn } from './wasi.js';

export const dockerImages = new DockerImages();
export const podmanImages = new PodmanImages();

/** Each worker in a container of a daemon. */
export const docker = withWorkersInside('docker', dockerImages);

/** Each worker in a container of a program without a daemon. */
export const podman = withWorkersInside('podman', podmanImages);

/** What Docker's daemon costs that carries stdin and stdout. */
export const dockerStdio = withWorkersOutside('docker-stdio', dockerImages);

/** What Podman's monitor costs that carries stdin and stdout. */
export const podmanStdio = withWorkersOutside('podman-stdio', podmanImages);

/** In which nothing can be written, and that has no rights. */
const LOCKED = ['--read-only', '--cap-drop', 'ALL', '--log-driver', 'none'];

function guestsOf(images: ImageStore): Guests {
  return {
    prepare: (built) => images.prepare(built),
    image: () => images.size(),
    limits: ['memoryBytes', 'processors'],
    grants: () => GRANTED,
    command: (built, guest) => [
      ...[...images.run(built), '--interactive', '--network', 'none', ...LOCKED],
      ...flagsOf(guest),
      ...[IMAGE, `/${guest.program}`, ...guest.flags],
    ],
  };
}

function flagsOf({ granted, limits: { memoryBytes, processors } = {} }: Guest): string[] {
  return [
    ...(granted === undefined ? [] : ['--volume', `${granted}:${GRANTED}`]),
    // Without swap, or the memory is only the beginning.
    ...(memoryBytes === undefined
      ? []
      : ['--memory', `${memoryBytes}b`, '--memory-swap', `${memoryBytes}b`]),
    ...(processors === undefined ? [] : ['--cpus', String(processors)]),
  ];
}

function withWorkersInside<Name extends string>(name: Name, images: ImageStore): Engine<Name> {
  const computing = swarmWorker(({ system: { kernel } }) => ['--kernel', kernel]);
  const start = (built: Built) => [
    ...[...images.run(built), '--network', 'host', ...LOCKED],
    ...[IMAGE, `/${computing.program}`],
  ];
  const inContainer = `a container of ${name} is not the process that was started`;
  return {
    name,
    lacks: { ...native.lacks, blas: 'the image of workers has no OpenBLAS' },
    workers: {
      'in-process': { because: `engine ${name} is a program of its own` },
      direct: { because: `workers in containers of ${name} are not called, they ask` },
      relayed: { ...computing, start },
    },
    inBrowser: false,
    needs: images.needs,
    refuses: { browser_flags: `engine ${name} has no browser`, pin: inContainer },
    unfitForFaults: inContainer,
    cost: {
      ...native.cost,
      launchSeconds: (workers) => 0.5 + 0.4 * workers,
      startMsPerWorker: 1_000,
    },
    artefacts: (built) => ({
      programs: { ...images.artefacts(built), ...native.artefacts(built).programs },
      wasm: [],
    }),
    prepare: (built) => images.prepare(built),
    besides: () => images.pids(),
    guests: guestsOf(images),
    describe: (_, built) => versionIn(built, images.program),
  };
}

function withWorkersOutside<Name extends string>(name: Name, images: ImageStore): Engine<Name> {
  // The attempts of probes are those of the engine with workers inside.
  const { guests: _, ...engine } = childEngine({
    name,
    lacks: STDIO_WORKER_LACKS,
    needs: images.needs,
    ...guestsOf(images),
    files: (built) => [programIn(built)],
    artefacts: (built) => ({
      programs: { ...images.artefacts(built), 'stdio-worker': programIn(built) },
      wasm: [],
    }),
    startMs: 500,
    rates: native.cost.rates,
    describe: (__, built) => versionIn(built, images.program),
  });
  return { ...engine, besides: () => images.pids() };
}

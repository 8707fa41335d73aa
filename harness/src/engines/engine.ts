import type { Built, Codec, Kernel, Setup } from '../systems/fields.js';
import type { Refusal, Refusals } from '../systems/rule.js';

/** What executes the kernel: everything that the harness must know of it. To add one: CONTRIBUTING.md. */
export interface Engine<Name extends string = string> {
  readonly name: Name;
  /**
   * Kernels that its workers have in no build, and why. What a build supports, its programs say
   * themselves (experiment/capabilities.ts).
   */
  readonly lacks: Readonly<Partial<Record<Kernel, string>>>;
  /** Its workers by how they are reached (systems/topologies.ts), or why it has none there. */
  readonly workers: {
    readonly 'in-process': Threads | Refusal;
    readonly direct: WorkerProgram<ListeningPlace> | Refusal;
    readonly relayed: WorkerProgram<CoordinatorPlace> | WorkerPage | Refusal;
  };
  /** Whether its workers are tabs: what the axes browser_flags, browsers and attached are about. */
  readonly inBrowser: boolean;
  /** What it needs that most do not. Default: nothing. */
  readonly needs?: readonly EngineNeed[];
  /** Axes that mean nothing to it. */
  readonly refuses: Refusals;
  readonly cost: EngineCost;
  /** What of it decides its figures, so that a run records hashes of it. */
  readonly artefacts: (built: Built) => Artefacts;
  /** Makes what it needs of what was built, if that is not there, before anything is measured. */
  readonly prepare?: (built: Built) => Promise<void>;
  /** Processes, beside those of its workers, whose families do a part of their work; after it was prepared. Default: none. */
  readonly besides?: () => readonly number[];
  /** Why no fault can be done to its workers. Default: any can. */
  readonly unfitForFaults?: string;
  /** The engine that it is but for a limit that nothing here comes near. */
  readonly unlimited?: string;
  /** How it runs any program of the build that reads stdin and writes stdout. Default: it runs none but its workers. */
  readonly guests?: Guests;
  /** What else it adds to environment.json, asked before anything is measured; null: nothing. */
  readonly describe: ((probe: Probe, built: Built) => Promise<EngineFacts>) | null;
}

/** Beside the native programs and the browser's modules: a build, or what setup/engine has. */
export type EngineNeed = 'wasi' | `engine:${string}`;

export interface Guests {
  /** Makes what it needs for that program, once. */
  readonly prepare: (built: Built, program: GuestProgram) => Promise<void>;
  /** The words that start it; after it was prepared. */
  readonly command: (built: Built, guest: Guest) => readonly string[];
  /** What `command` can limit. Default: nothing. */
  readonly limits?: readonly (keyof Limits)[];
  /** The image that programs are in, after it was prepared. Default: they are in none. */
  readonly image?: () => ImageSize;
  /** The name that a folder of the host has in it that it is granted. Default: none can be. */
  readonly grants?: (folder: string) => string;
}

export interface ImageSize {
  readonly bytes: number;
  /** Of them those of its last layer, which no other image shares. */
  readonly own_bytes: number;
}

/** A program that the build makes for this machine and for WASI. */
export interface Guest {
  readonly program: GuestProgram;
  /** Of the one for this machine; that for WASI gets none. */
  readonly flags: readonly string[];
  /** Default: none but those of the machine. */
  readonly limits?: Limits;
  /** A folder of the host that it may use. Default: none. */
  readonly granted?: string;
}

/** What a program may use, of which an engine may be able to limit each. */
export interface Limits {
  readonly memoryBytes?: number;
  /** From its start on. */
  readonly seconds?: number;
  /** Instructions, in whatever the engine counts. */
  readonly fuel?: number;
  /** How many processors' worth of time it gets. */
  readonly processors?: number;
}

export type GuestProgram = 'stdio-worker' | 'isolation-probe';

export type AnyWorkers = Engine['workers'][keyof Engine['workers']];

/** Workers that whoever asks starts himself. */
export interface Threads {
  readonly threads: true;
}

/** Workers that are programs: what to start, once for each. */
export interface WorkerProgram<Place> {
  /** Under which its process and its log are known. */
  readonly program: string;
  readonly path: (built: Built) => string;
  /** The words that start it, before its arguments, where it is not started as it lies there. */
  readonly start?: (built: Built) => readonly string[];
  /** Files of the build that it starts itself, if any. */
  readonly starts?: (built: Built) => readonly string[];
  readonly argumentsOf: (setup: Setup, place: Place, built: Built) => string[];
}

/** Workers that are pages which the coordinator serves. */
export interface WorkerPage {
  readonly page: (built: Built) => string;
  readonly urlOf: (setup: Setup, place: CoordinatorPlace) => string;
}

export interface WorkerPlace {
  /** `w1`, `w2` … */
  readonly workerId: string;
  /** A program whose products are wrong from SIGUSR1 on. Default: it is not one. */
  readonly corruptible?: boolean;
}

/**
 * Of a worker that is called. It prints `listening on HOST:PORT` and `metrics on HOST:PORT` when it is
 * ready; a port of 0 is any that is free.
 */
export interface ListeningPlace extends WorkerPlace {
  readonly port: number;
  readonly metricsPort: number;
}

/** Of a worker that asks. */
export interface CoordinatorPlace extends WorkerPlace {
  /** Where the coordinator answers. */
  readonly coordinator: string;
}

/** What it takes, on a machine of two cores; a run's own trials correct it. */
export interface EngineCost {
  /** To start and stop so many workers, in seconds. */
  readonly launchSeconds: (workers: number) => number;
  /** How long each further worker may take to ask for its first task, where they take turns. */
  readonly startMsPerWorker: number;
  /** Where a task costs more to carry than to a native worker, by transport. */
  readonly secondsPerTask: Readonly<Record<string, number>>;
  readonly secondsPerElement: Readonly<Record<Codec, number>>;
  /** Floating-point operations per second, by kernel. */
  readonly rates: Readonly<Partial<Record<Kernel, number>>>;
}

export interface Artefacts {
  /** Programs by the name under which their hashes are recorded. */
  readonly programs: Readonly<Record<string, string>>;
  /** Folders of which every Wasm module counts. */
  readonly wasm: readonly string[];
}

/** Whom an engine can ask about what it runs on. */
export interface Probe {
  /** Starts the browser once: what it is, and that it starts at all. */
  askBrowser(): Promise<BrowserFacts>;
}

/** What a browser said of itself. */
export interface BrowserFacts {
  readonly version: string;
  readonly commandLine: readonly string[];
}

/** What is put into environment.json. */
export interface EngineFacts {
  readonly versions: Readonly<Record<string, string>>;
  readonly browser_command_line?: readonly string[];
}

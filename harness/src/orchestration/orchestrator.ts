import type { EngineNeed } from '../engines/engine.js';
import type { Built } from '../systems/fields.js';

/** What keeps so many workers running for a coordinator. */
export interface Orchestrator {
  readonly name: string;
  readonly needs: readonly EngineNeed[];
  /** The engine whose containers it runs. Absent: none. */
  readonly engine?: string;
  /** Whether it starts another worker in the place of one that ends. */
  readonly replaces: boolean;
  /** Whether it makes bridges and the like, so that it needs a network of its own. */
  readonly changesNetworks: boolean;
  /** Has it ready, without a worker. Throws an Error where this machine does not allow it. */
  open(built: Built, coordinator: string): Promise<void>;
  /** Has it run so many; returns when it has taken note of that. */
  scale(workers: number): Promise<void>;
  /** The processes of its workers that run now. */
  workers(): readonly number[];
  /** Runs a native worker called `native` and one called `wasm` whose products come from WebAssembly. Absent: it knows only programs. */
  readonly sideBySide?: () => Promise<void>;
  /** Runs a module as a container of its own, to its end. Returns its exit code. Absent: it cannot. */
  readonly runModule?: () => Promise<number>;
  /** Ends whatever it runs; it may be opened again. */
  close(): Promise<void>;
}

import { namesOf, Registry } from '../systems/registry.js';
import { browser } from './browser.js';
import type { Engine } from './engine.js';
import { native } from './native.js';
import { processEngine } from './process.js';
import { bubblewrap, crun, crunWasmedge, gvisor, runc } from './sandbox.js';
import { wasiBun, wasiDeno, wasiNode } from './wasi_javascript.js';
import { wasiWasm2c, wasiWasmedge, wasiWasmer, wasiWasmi, wasiWazero } from './wasi_program.js';
import { wasiWasmtime, wasiWasmtimeAot } from './wasi_wasmtime.js';

const ALL = [
  native,
  browser,
  processEngine,
  bubblewrap,
  crun,
  runc,
  gvisor,
  crunWasmedge,
  wasiNode,
  wasiBun,
  wasiDeno,
  wasiWasmtime,
  wasiWasmtimeAot,
  wasiWasmedge,
  wasiWasm2c,
  wasiWasmer,
  wasiWazero,
  wasiWasmi,
];

export const ENGINES = new Registry<Engine>('engine', ALL);
export const ENGINE_NAMES = namesOf(ALL);

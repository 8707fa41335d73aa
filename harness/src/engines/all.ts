import { namesOf, Registry } from '../systems/registry.js';
import { browser, wasiBrowser } from './browser.js';
import { docker, dockerStdio, podman, podmanStdio } from './containers.js';
import type { Engine } from './engine.js';
import { native } from './native.js';
import { processEngine } from './process.js';
import { bubblewrap, crun, crunLimits, crunWasmedge, gvisor, runc } from './sandbox.js';
import { wasiBun, wasiDeno, wasiNode } from './wasi_javascript.js';
import {
  wasiWasm2c,
  wasiWasmedge,
  wasiWasmedgeGas,
  wasiWasmedgeTime,
  wasiWasmer,
  wasiWasmi,
  wasiWasmiFuel,
  wasiWazero,
} from './wasi_program.js';
import {
  wasiWasmtime,
  wasiWasmtimeAot,
  wasiWasmtimeEpochs,
  wasiWasmtimeFuel,
  wasiWasmtimeMemory,
} from './wasi_wasmtime.js';

const ALL = [
  native,
  browser,
  wasiBrowser,
  processEngine,
  bubblewrap,
  crun,
  crunLimits,
  runc,
  gvisor,
  docker,
  dockerStdio,
  podman,
  podmanStdio,
  crunWasmedge,
  wasiNode,
  wasiBun,
  wasiDeno,
  wasiWasmtime,
  wasiWasmtimeAot,
  wasiWasmtimeFuel,
  wasiWasmtimeEpochs,
  wasiWasmtimeMemory,
  wasiWasmedge,
  wasiWasmedgeGas,
  wasiWasmedgeTime,
  wasiWasm2c,
  wasiWasmer,
  wasiWazero,
  wasiWasmi,
  wasiWasmiFuel,
];

export const ENGINES = new Registry<Engine>('engine', ALL);
export const ENGINE_NAMES = namesOf(ALL);

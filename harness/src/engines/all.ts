import { namesOf, Registry } from '../systems/registry.js';
import { browser } from './browser.js';
import type { Engine } from './engine.js';
import { native } from './native.js';
import { processEngine } from './process.js';
import { wasiNode } from './wasi_node.js';
import { wasiWasmtime, wasiWasmtimeAot } from './wasi_wasmtime.js';

const ALL = [native, browser, processEngine, wasiNode, wasiWasmtime, wasiWasmtimeAot];

export const ENGINES = new Registry<Engine>('engine', ALL);
export const ENGINE_NAMES = namesOf(ALL);

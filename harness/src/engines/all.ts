import { namesOf, Registry } from '../systems/registry.js';
import { browser } from './browser.js';
import type { Engine } from './engine.js';
import { native } from './native.js';

const ALL = [native, browser];

export const ENGINES = new Registry<Engine>('engine', ALL);
export const ENGINE_NAMES = namesOf(ALL);

import type { AxisValue } from '../../experiment/axes.js';

export type BrowserFlags = AxisValue<'browser_flags'>;

/** Beside Playwright's own: nothing here needs the outside world or a graphics card. */
const ALWAYS = ['--disable-gpu', '--disable-quic'];

/**
 * What V8 is told, see its `--help`. `revectorize` has TurboFan fuse neighbouring 128-bit operations
 * into 256-bit ones; `no-liftoff` has it compile every function with TurboFan before it first runs.
 */
const JS_FLAGS: Record<BrowserFlags, readonly string[]> = {
  none: [],
  revectorize: ['--wasm-revectorize'],
  'no-liftoff': ['--no-liftoff', '--no-wasm-lazy-compilation'],
};

/** The arguments that a browser of a trial is started with, beside Playwright's. */
export function browserArguments(flags: BrowserFlags): string[] {
  const js = JS_FLAGS[flags];
  return js.length === 0 ? [...ALWAYS] : [...ALWAYS, `--js-flags=${js.join(' ')}`];
}

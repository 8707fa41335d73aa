import { join } from 'node:path';
import { childEngine } from './child.js';
import { GRANTED, moduleOf, ONE_KERNEL, versionIn } from './wasi.js';

/** WebAssembly outside the browser in Node: V8, as in Chromium, in its own version. */
export const wasiNode = inJavaScript('wasi-node', 'node', ['--no-warnings'], 60, 2.2e10);

/** In Bun: JavaScriptCore, as in Safari. */
export const wasiBun = inJavaScript('wasi-bun', 'bun', [], 70, 1.6e10);

/** In Deno: V8 again, which may read files, as it has to for the program. */
export const wasiDeno = inJavaScript(
  ...(['wasi-deno', 'deno', ['run', '--allow-read'], 80, 1.7e10] as const),
  // Node's module asks for all of these as soon as there is a folder.
  ['run', '--allow-read', '--allow-write', '--allow-env'],
);

/** A runtime of JavaScript that has Node's module `node:wasi`. */
function inJavaScript<Name extends string, Program extends 'node' | 'bun' | 'deno'>(
  name: Name,
  program: Program,
  flags: readonly string[],
  startMs: number,
  rate: number,
  grantFlags = flags,
) {
  return childEngine({
    name,
    needs: ['wasi', `engine:${program}`],
    lacks: ONE_KERNEL,
    grants: () => GRANTED,
    command: (built, { program: guest, granted }) => [
      ...[join(built.engines, program), ...(granted === undefined ? flags : grantFlags)],
      ...[join(built.wasi, 'wasi.mjs'), moduleOf(built, guest)],
      ...(granted === undefined ? [] : [granted]),
    ],
    files: (built) => [
      ...[join(built.engines, program), join(built.wasi, 'wasi.mjs'), moduleOf(built)],
    ],
    artefacts: ({ engines, wasi }) => ({
      programs: { [program]: join(engines, program) },
      wasm: [wasi],
    }),
    startMs,
    rates: { simd: rate },
    describe: (_, built) => versionIn(built, program, name),
  });
}

// wasi.mjs FILE: runs a WASI program in Node, Bun or Deno, on this process's own stdin and stdout.
import { readFileSync } from 'node:fs';
import { WASI } from 'node:wasi';

// The global `process`: importing node:process makes stdin non-blocking, which WASI programs do not expect.
const file = process.argv[2];
if (file === undefined) {
  console.error('usage: wasi.mjs FILE');
  process.exit(2);
}
const wasi = new WASI({ version: 'preview1', args: [file], returnOnExit: true });
// Bun has no getImportObject().
const imports = { wasi_snapshot_preview1: wasi.wasiImport };
process.exitCode = wasi.start(new WebAssembly.Instance(new WebAssembly.Module(readFileSync(file)), imports));

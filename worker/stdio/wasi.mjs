// wasi.mjs FILE [FOLDER]: runs a WASI program in Node, Bun or Deno, on this process's own stdin and stdout; in it the folder is /granted.
import { readFileSync } from 'node:fs';
import { WASI } from 'node:wasi';

// The global `process`: importing node:process makes stdin non-blocking, which WASI programs do not expect.
const [, , file, folder] = process.argv;
if (file === undefined) {
  console.error('usage: wasi.mjs FILE [FOLDER]');
  process.exit(2);
}
const preopens = folder === undefined ? {} : { '/granted': folder };
const wasi = new WASI({ version: 'preview1', args: [file], preopens, returnOnExit: true });
// Bun has no getImportObject().
const imports = { wasi_snapshot_preview1: wasi.wasiImport };
process.exitCode = wasi.start(new WebAssembly.Instance(new WebAssembly.Module(readFileSync(file)), imports));

// What the tab of browser-kernels.mjs loads for --peers.

import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

export const PEERS_WORKER = '/peers/worker.js';

const FILES = [
  '@tensorflow/tfjs-core/dist/tf-core.min.js',
  '@tensorflow/tfjs-backend-wasm/dist/tf-backend-wasm.min.js',
  '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm',
  '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm',
  'onnxruntime-web/dist/ort.wasm.min.js',
  'onnxruntime-web/dist/ort-wasm-simd-threaded.mjs',
  'onnxruntime-web/dist/ort-wasm-simd-threaded.wasm',
];

/** Pairs of path in the URL and path on disk. Throws an Error that says how to install what is missing. */
export function peerFiles() {
  const pairs = FILES.map((file) => [`/peers/${file.slice(file.lastIndexOf('/') + 1)}`, join(here, 'node_modules', file)]);
  const missing = pairs.find(([, path]) => !existsSync(path));
  if (missing) {
    throw new Error(`${missing[1]} is not there; install the peers: npm ci --ignore-scripts --prefix ${relative('.', here)}`);
  }
  return [...pairs, [PEERS_WORKER, join(here, 'worker.js')], ['/peers/matmul-model.js', join(here, 'matmul-model.js')]];
}

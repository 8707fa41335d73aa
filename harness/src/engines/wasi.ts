import type { Engine } from './engine.js';

const BECAUSE =
  'stdio-worker.wasm, which every WASI runtime gets, is built with the kernel simd alone';

/** Kernels that the worker for WASI runtimes has not. */
export const ONE_KERNEL: Engine['lacks'] = {
  origin: BECAUSE,
  naive: BECAUSE,
  blocked: BECAUSE,
  'simd-128': BECAUSE,
  relaxed: BECAUSE,
  'relaxed-wide': BECAUSE,
  blas: BECAUSE,
};

// Which of the two builds of the worker this browser gets: the one with relaxed SIMD where it can run, unless the page's URL names
// a kernel that every browser can run.

// A function that multiplies and adds vectors of f64 in one operation: (f64x2.relaxed_madd 0 0 0).
const RELAXED_SIMD = Uint8Array.of(
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00], // "\0asm", version 1
  ...[0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b], // a type: () → v128
  ...[0x03, 0x02, 0x01, 0x00], // a function of that type
  ...[0x0a, 0x13, 0x01, 0x11, 0x00], // its code
  ...[0x41, 0x00, 0xfd, 0x0f, 0x41, 0x00, 0xfd, 0x0f, 0x41, 0x00, 0xfd, 0x0f], // i32.const 0, i8x16.splat, three times
  ...[0xfd, 0x87, 0x02, 0x0b],
);

/** The module's createModule(). A relaxed kernel that this browser cannot run is refused by the module it gets. */
export async function loadWorkerModule(query) {
  const module = await import(`./${nameOfModule(query)}.js`);
  return module.default;
}

/** What it is loaded from. */
export function filesOfModule(query) {
  return ['js', 'wasm'].map((type) => `${nameOfModule(query)}.${type}`);
}

function nameOfModule(query) {
  const kernel = new URLSearchParams(query).get('kernel');
  const wanted = kernel === null || kernel.startsWith('relaxed');
  const relaxed =
    wanted && typeof WebAssembly !== 'undefined' && WebAssembly.validate(RELAXED_SIMD);
  return relaxed ? 'enxame-worker-relaxed' : 'enxame-worker';
}

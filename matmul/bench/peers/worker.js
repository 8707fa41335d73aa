// The Web Worker of browser-kernels.mjs --peers: measures another library's product of matrices when told to and answers with
// its GFLOP/s. A classic worker, since that is what these libraries are bundled for.

/* global importScripts, tf, ort, matmulModel */

importScripts('tf-core.min.js', 'tf-backend-wasm.min.js', 'ort.wasm.min.js', 'matmul-model.js');

const SUBJECTS = { 'TensorFlow.js wasm': tensorflow, 'onnxruntime-web': onnxruntime };

/** Small whole numbers, so that any order of summation gives the same product. */
function operand(n, factor) {
  return Float32Array.from({ length: n * n }, (_, i) => ((i * factor) % 19) - 9);
}

async function tensorflow(a, b, n) {
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  tf.wasm.setWasmPaths(new URL('.', self.location.href).href);
  await tf.setBackend('wasm');
  await tf.ready();
  const [left, right] = [tf.tensor2d(a, [n, n]), tf.tensor2d(b, [n, n])];
  return {
    multiply: () => tf.matMul(left, right).dispose(),
    product: () => tf.matMul(left, right).dataSync(),
    close: () => tf.dispose([left, right]),
  };
}

async function onnxruntime(a, b, n) {
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmPaths = new URL('.', self.location.href).href;
  const session = await ort.InferenceSession.create(matmulModel(n), { executionProviders: ['wasm'] });
  const feeds = { A: new ort.Tensor('float32', a, [n, n]), B: new ort.Tensor('float32', b, [n, n]) };
  return {
    multiply: () => session.run(feeds),
    product: async () => (await session.run(feeds)).C.data,
    close: () => session.release(),
  };
}

/** A peer that computes something else would be no peer. */
function check(product, a, b, n) {
  for (const [i, j] of [[0, 0], [n - 1, n - 1], [n >> 1, 3]]) {
    let sum = 0;
    for (let p = 0; p < n; p++) sum += a[i * n + p] * b[p * n + j];
    if (product[i * n + j] !== sum) throw new Error(`(${i}, ${j}) is ${product[i * n + j]}, expected ${sum}`);
  }
}

async function measure(subject, n, seconds) {
  const [a, b] = [operand(n, 7), operand(n, 11)];
  const peer = await SUBJECTS[subject](a, b, n);
  check(await peer.product(), a, b, n);
  const start = performance.now();
  let [products, elapsed] = [0, 0];
  do {
    await peer.multiply();
    products++;
    elapsed = (performance.now() - start) / 1000;
  } while (elapsed < seconds);
  await peer.close();
  return (products * 2 * n ** 3) / elapsed * 1e-9;
}

self.onmessage = async ({ data: { subject, n, seconds } }) => {
  try {
    self.postMessage({ rate: await measure(subject, n, seconds) });
  } catch (error) {
    self.postMessage({ error: `${subject}: ${error.message}` });
  }
};
self.postMessage({ subjects: Object.keys(SUBJECTS).map((name) => ({ name })) });

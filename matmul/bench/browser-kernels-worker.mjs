// The Web Worker of browser-kernels.mjs: measures a kernel when told to and answers with its GFLOP/s.

import createModule from './browser_kernels.mjs';

const module = await createModule();
const subjects = new Map();
for (let i = 0; i < module._subject_count(); i++) {
  subjects.set(module.UTF8ToString(module._subject_name(i)), i);
}

self.onmessage = ({ data: { subject, dtype, n, seconds } }) => {
  self.postMessage({ rate: module._measure(subjects.get(subject), dtype === 'f32', n, seconds) });
};
self.postMessage({ subjects: [...subjects.keys()] });

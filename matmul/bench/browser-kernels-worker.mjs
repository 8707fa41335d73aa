// The Web Worker of browser-kernels.mjs: measures a subject when told to and answers with its rate.

import createModule from './browser_kernels.mjs';

const module = await createModule();
const subjects = [];
for (let i = 0; i < module._subject_count(); i++) {
  subjects.push({ name: module.UTF8ToString(module._subject_name(i)), roof: module.UTF8ToString(module._subject_roof(i)) });
}

self.onmessage = ({ data: { subject, dtype, n, seconds } }) => {
  const number = subjects.findIndex(({ name }) => name === subject);
  self.postMessage({ rate: module._measure(number, dtype === 'f32', n, seconds) });
};
self.postMessage({ subjects });

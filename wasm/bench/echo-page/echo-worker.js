// The bare echo of a browser, in a Web Worker as the tab's worker is: asks the bench for a job (`control` in the page's query),
// times echoes of so many bytes each way, and reports the milliseconds of each.

const WARM_UP = 3;

const control = new URL(self.location.href).searchParams.get('control');

/** Echoes over fetch, with the options of site/host.js. */
async function openRest({ sent, answered }) {
  const body = new Uint8Array(sent);
  return {
    echo: async () => {
      const response = await fetch(`/echo?bytes=${answered}`, {
        method: 'POST',
        headers: [['Content-Type', 'application/octet-stream']],
        body,
        cache: 'no-store',
        redirect: 'error',
      });
      return (await response.arrayBuffer()).byteLength;
    },
    close: () => {},
  };
}

/** Echoes over one WebSocket. */
async function openWs({ sent, answered }) {
  const socket = new WebSocket(`${self.location.origin.replace(/^http/, 'ws')}/ws-echo?bytes=${answered}`);
  socket.binaryType = 'arraybuffer';
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = () => reject(new Error('no WebSocket'));
  });
  const body = new Uint8Array(sent);
  return {
    echo: () => new Promise((resolve) => {
      socket.onmessage = ({ data }) => resolve(data.byteLength);
      socket.send(body);
    }),
    close: () => socket.close(),
  };
}

async function measure(job) {
  const leg = await (job.transport === 'ws' ? openWs(job) : openRest(job));
  const samples = [];
  const end = performance.now() + job.milliseconds;
  for (let i = 0; i <= WARM_UP || performance.now() < end; i++) {
    const began = performance.now();
    const bytes = await leg.echo();
    if (i >= WARM_UP) samples.push(performance.now() - began);
    if (bytes !== job.answered) throw new Error(`an echo of ${bytes} bytes, expected ${job.answered}`);
  }
  leg.close();
  return samples;
}

async function work() {
  for (;;) {
    const job = await (await fetch(`${control}/job`)).json();
    const outcome = await measure(job).catch((error) => ({ error: String(error) }));
    await fetch(`${control}/outcome`, { method: 'POST', body: JSON.stringify(outcome) });
  }
}

work();

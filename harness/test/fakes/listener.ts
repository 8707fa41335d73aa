/**
 * Stands in for the coordinator, matmul-server and matmul-worker: listens (on --port), says so, and counts the
 * workers that ask. ENXAME_FAKE makes it behave badly: `listener:mute` never says that it listens,
 * `listener:refuse` ends at once, `listener:deaf` does not heed SIGTERM, `listener:slow` takes a second
 * and a half for its metrics, `listener:secret` has none. With `+frozen` its first worker holds a task
 * for ever.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const behaviour = process.env['ENXAME_FAKE'] ?? '';
const frozen = behaviour.endsWith('+frozen');
/** When each worker asked last. */
const seen = new Map<string, number>();
const port = Number(process.argv[process.argv.indexOf('--port') + 1]);
const PAGE = `<!doctype html><title>worker</title><script>
  const id = new URLSearchParams(location.search).get('workerId');
  (async () => { for (;;) await fetch('/task/next?workerId=' + id).then(() => new Promise((r) => setTimeout(r, 50))); })();
</script>`;

if (behaviour === 'listener:refuse') {
  process.stderr.write('cannot bind 127.0.0.1:0\n');
  process.exit(1);
}
process.on('SIGTERM', () => {
  if (behaviour !== 'listener:deaf') process.exit(0);
});

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://localhost');
  if (url.pathname === '/worker.html') {
    response.setHeader('Content-Type', 'text/html').end(PAGE);
  } else if (url.pathname === '/task/next') {
    seen.set(url.searchParams.get('workerId') ?? '', performance.now());
    response.writeHead(204).end();
  } else if (url.pathname === '/metrics') {
    const page = '# TYPE enxame_fake_total counter\nenxame_fake_total 1\n';
    if (behaviour === 'listener:secret') response.writeHead(500).end('busy');
    else setTimeout(() => response.end(page), behaviour === 'listener:slow' ? 1500 : 0);
  } else if (url.pathname === '/workers') {
    const answer = () => {
      if (seen.size < Number(url.searchParams.get('count'))) return void setTimeout(answer, 10);
      const workers = [...seen.keys()].sort().map((workerId, i) => {
        const state = frozen && i === 0 ? 'working' : 'asking';
        const lastSeenMs = performance.now() - (seen.get(workerId) ?? 0);
        return { workerId, state, lastSeenMs, completed: 7 };
      });
      response.end(JSON.stringify({ workers }));
    };
    answer();
  } else {
    response.writeHead(404).end();
  }
});
server.listen(port, '127.0.0.1', () => {
  const { port: own } = server.address() as AddressInfo;
  if (behaviour === 'listener:mute') {
    process.stderr.write('mute\n');
    return;
  }
  process.stdout.write(`listening on 127.0.0.1:${own}\n`);
  if (process.argv.includes('--metrics-port')) {
    process.stdout.write(`metrics on 127.0.0.1:${own}\n`);
  }
});

/** A reverse proxy that shows a coordinator below a path, as nginx with `location /enxame/ { proxy_pass http://…/; }`. */
import {
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { Duplex } from 'node:stream';

/** What the proxy answers by itself; `cut` ends the connection without an answer. */
export type Answer =
  | { readonly status: number; readonly headers: Record<string, string>; readonly body: string }
  | 'cut';

export const PREFIX = '/enxame';

/** nginx's own page. */
export function htmlPage(status: number): Answer {
  const body = `<html><head><title>${status} Bad Gateway</title></head><body><h1>nginx</h1></body></html>`;
  return { status, headers: { 'Content-Type': 'text/html' }, body };
}

export class PrefixProxy {
  /** Targets that were asked for outside of the prefix. */
  readonly outside: string[] = [];
  /** Added to what the coordinator answers; undefined takes a header away. */
  headers: Record<string, string | undefined> = {};
  /** Of these paths alone. */
  headersOf = /^/;
  /** What to answer in the coordinator's place, by method and path without the prefix. */
  answer: (method: string, path: string) => Answer | undefined = () => undefined;

  /** Those of WebSockets, which the server lets go of. */
  private readonly upgraded = new Set<Duplex>();

  private constructor(
    private readonly server: Server,
    private readonly upstream: URL,
  ) {
    server.on('request', (incoming, outgoing) => this.pass(incoming, outgoing));
    server.on('upgrade', (incoming, socket, head) => this.upgrade(incoming, socket, head));
  }

  static async start(upstream: string): Promise<PrefixProxy> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new PrefixProxy(server, new URL(upstream));
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}${PREFIX}`;
  }

  async close(): Promise<void> {
    for (const socket of this.upgraded) socket.destroy();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private pass(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const target = this.withoutPrefix(incoming);
    const { method = 'GET' } = incoming;
    const answer =
      target === undefined ? htmlPage(404) : this.answer(method, target.split('?')[0] ?? '');
    if (answer === 'cut') {
      incoming.socket.destroy();
      return;
    }
    if (answer !== undefined) {
      outgoing.writeHead(answer.status, answer.headers).end(answer.body);
      return;
    }
    const { hostname, port } = this.upstream;
    const headers = { ...incoming.headers, host: `${hostname}:${port}` };
    const onward = request({ hostname, port, method, path: target, headers }, (answered) => {
      const own = { ...answered.headers };
      const isChanged = this.headersOf.test(target ?? '');
      for (const [name, value] of Object.entries(isChanged ? this.headers : {})) {
        if (value === undefined) delete own[name];
        else own[name] = value;
      }
      outgoing.writeHead(answered.statusCode ?? 502, own);
      answered.pipe(outgoing);
    });
    onward.on(
      'error',
      () =>
        outgoing.headersSent ||
        outgoing.writeHead(502, { 'Content-Type': 'text/html' }).end('<h1>502</h1>'),
    );
    outgoing.on('close', () => onward.destroy());
    incoming.pipe(onward);
  }

  private upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.upgraded.add(socket);
    socket.on('close', () => this.upgraded.delete(socket));
    socket.on('error', () => socket.destroy());
    const target = this.withoutPrefix(incoming);
    const answer =
      target === undefined ? htmlPage(404) : this.answer('UPGRADE', target.split('?')[0] ?? '');
    if (answer !== undefined) {
      const status =
        answer === 'cut' ? '' : `HTTP/1.1 ${answer.status} No\r\nConnection: close\r\n\r\n`;
      socket.end(status);
      return;
    }
    const { hostname, port } = this.upstream;
    const onward = connect(Number(port), hostname);
    const fields = incoming.rawHeaders.flatMap((name, i, all) =>
      i % 2 === 0
        ? [`${name}: ${name.toLowerCase() === 'host' ? `${hostname}:${port}` : all[i + 1]}`]
        : [],
    );
    onward.write(`${incoming.method} ${target} HTTP/1.1\r\n${fields.join('\r\n')}\r\n\r\n`);
    onward.write(head);
    onward.on('error', () => socket.destroy());
    onward.pipe(socket);
    socket.pipe(onward);
    socket.on('close', () => onward.destroy());
  }

  private withoutPrefix({ url = '' }: IncomingMessage): string | undefined {
    if (url.startsWith(`${PREFIX}/`)) return url.slice(PREFIX.length);
    if (url === PREFIX) return '/'; // HAProxy does not redirect to the folder
    // A browser asks for this by itself.
    if (url !== '/favicon.ico') this.outside.push(url);
    return undefined;
  }
}

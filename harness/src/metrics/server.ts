import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import { messageOf, UsageError } from '../base/errors.js';
import { JOBS } from '../launch/program_metrics.js';
import type { Relay } from './relay.js';

const HOST = '127.0.0.1';

/**
 * Answers `GET /metrics` with what the harness tells, and `GET /metrics/<job>` with what the
 * programs of the current trial do.
 */
export class MetricsServer {
  /** Prometheus has asked for the first time. */
  readonly firstScrape: Promise<void>;
  private onScrape: () => void = () => undefined;

  private constructor(
    private readonly server: Server,
    private readonly registry: Registry,
    private readonly relay: Relay,
  ) {
    this.firstScrape = new Promise((resolve) => {
      this.onScrape = resolve;
    });
  }

  /** Listens on `port` of this machine alone, 0: any free one. Throws a UsageError when it cannot. */
  static async start(port: number, registry: Registry, relay: Relay): Promise<MetricsServer> {
    const server = createServer();
    const metrics = new MetricsServer(server, registry, relay);
    server.on('request', (request, response) => {
      const { method = '', url = '' } = request;
      void metrics.answer(method, url.split('?')[0] ?? '', response);
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) =>
        reject(new UsageError(`--metrics-port ${port}: ${messageOf(error)}`)),
      );
      server.listen(port, HOST, resolve);
    });
    return metrics;
  }

  /** `127.0.0.1:9464` */
  get address(): string {
    return `${HOST}:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }

  private async answer(method: string, path: string, response: ServerResponse): Promise<void> {
    const page = this.pageAt(path);
    if (page === undefined) {
      const paths = ['/metrics', ...JOBS.map((job) => `/metrics/${job}`)].join(', ');
      return refuse(response, 404, `there is nothing at ${path}, expected one of ${paths}`);
    }
    if (method !== 'GET' && method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      return refuse(response, 405, `${path} does not take ${method}, expected GET or HEAD`);
    }
    try {
      const text = await page();
      response.setHeader('Content-Type', this.registry.contentType);
      response.end(text);
      if (path === '/metrics') this.onScrape();
    } catch (error) {
      refuse(response, 503, messageOf(error));
    }
  }

  private pageAt(path: string): (() => Promise<string>) | undefined {
    if (path === '/metrics') return () => this.registry.metrics();
    const job = JOBS.find((each) => path === `/metrics/${each}`);
    return job && (() => this.relay.page(job));
  }
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify({ error: message }));
}

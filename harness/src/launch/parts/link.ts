import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** Where something listens on this machine. */
export interface Target {
  readonly host: string;
  readonly port: number;
}

/** `127.0.0.1:4711`, also as the address of a URL. */
export function targetOf(address: string): Target {
  const { hostname, port } = new URL(address.includes('://') ? address : `tcp://${address}`);
  return { host: hostname, port: Number(port) };
}

/**
 * A TCP relay on loopback whose connections can be cut. Bytes pass through this process, which costs each
 * message tens of microseconds.
 */
export class Link {
  /** Both sockets of each connection. */
  private readonly sockets = new Set<Socket>();
  private readonly server: Server;
  private port = 0;

  private constructor(private readonly target: Target) {
    this.server = createServer((near) => this.relay(near));
  }

  /** Where it leads to is asked only when somebody connects. */
  static async open(target: Target): Promise<Link> {
    const link = new Link(target);
    await link.listen();
    return link;
  }

  /** Where to connect in place of the target: `127.0.0.1:4712`. */
  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Resets all connections, and has new ones refused until mend(). */
  async cut(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const socket of this.sockets) socket.resetAndDestroy();
    await closed;
  }

  /** Takes connections again, on the port that it had. */
  mend(): Promise<void> {
    return this.listen();
  }

  async close(): Promise<void> {
    if (this.server.listening) await this.cut();
  }

  private async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(this.port, '127.0.0.1', () => {
        this.server.off('error', reject);
        resolve();
      });
    });
    this.port = (this.server.address() as AddressInfo).port;
  }

  private relay(near: Socket): void {
    const far = connect(this.target);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.setNoDelay(true);
      this.sockets.add(from);
      from.pipe(to);
      // How a connection ends on the one side, it ends on the other.
      from.on('error', () => to.resetAndDestroy());
      from.on('close', () => this.sockets.delete(from));
    }
  }
}

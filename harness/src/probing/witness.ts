import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { makeScratch, removeScratch } from '../base/scratch.js';

/** Says `signal` at each SIGUSR1 and `here` at each line, and ends with its input. */
const VICTIM = `
process.on('SIGUSR1', () => console.log('signal'));
process.stdin.on('data', () => console.log('here'));
console.log('here');
`;

/** What a probe may try to reach of its host, and whether it has: a file, a port and a process, and a secret that each of them shows. */
export class Witness {
  /** Of the environment in which an engine is started; its value is the secret. */
  static readonly variable = 'ENXAME_PROBE_SECRET';
  /** In the folder that may be granted: a file, and a link to the secret beside the folder. */
  static readonly granted = 'file';
  static readonly link = 'link';
  readonly hostName = hostname();
  readonly grantable: string;
  readonly secretFile: string;
  readonly newFile: string;
  /** Ports of those that have connected. */
  private readonly peers = new Set<number | undefined>();
  private signals = 0;
  private pings = 0;
  private answers = 0;

  private constructor(
    readonly secret: string,
    private readonly folder: string,
    private readonly server: Server,
    private readonly process: ChildProcess,
  ) {
    this.secretFile = join(folder, 'secret');
    this.newFile = join(folder, 'new');
    writeFileSync(this.secretFile, secret);
    this.grantable = join(folder, 'granted');
    mkdirSync(this.grantable);
    writeFileSync(join(this.grantable, Witness.granted), secret);
    symlinkSync('../secret', join(this.grantable, Witness.link));
    server.on('connection', (socket) => {
      this.peers.add(socket.remotePort);
      socket.on('error', () => undefined).resume();
    });
    this.output.setEncoding('utf8').on('data', (text: string) => {
      this.signals += text.split('signal').length - 1;
      this.answers += text.split('here').length - 1;
    });
  }

  private get output(): Readable {
    if (this.process.stdout === null) throw new Error('a process without stdout');
    return this.process.stdout;
  }

  static async start(): Promise<Witness> {
    const secret = randomBytes(12).toString('hex');
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const args = ['--eval', VICTIM, '--', secret];
    const victim = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    if (victim.stdout === null) throw new Error('a process without stdout');
    await once(victim.stdout, 'data');
    return new Witness(secret, makeScratch(), server, victim);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** The process that a probe may try to see, or to signal. */
  get victim(): number {
    return this.process.pid ?? 0;
  }

  /** Forgets what was seen. */
  reset(): void {
    this.peers.clear();
    this.signals = 0;
    rmSync(this.newFile, { force: true });
  }

  /** Returns when it has seen all that had happened before. */
  async settle(): Promise<void> {
    // Connections are accepted in their order, so that one of our own is the last of them.
    const own = connect(this.port, '127.0.0.1');
    await once(own, 'connect');
    while (!this.peers.has(own.localPort)) await once(this.server, 'connection');
    this.peers.delete(own.localPort);
    own.destroy();
    // A signal is handled at the end of the turn of the first line, or of the second: after what that turn says of its line.
    for (let turn = 0; turn < 3; turn += 1) {
      this.process.stdin?.write('\n');
      this.pings += 1;
      while (this.answers < this.pings) await once(this.output, 'data');
    }
  }

  sawConnection(): boolean {
    return this.peers.size > 0;
  }

  sawSignal(): boolean {
    return this.signals > 0;
  }

  sawNewFile(): boolean {
    return existsSync(this.newFile);
  }

  async stop(): Promise<void> {
    this.server.close();
    this.process.kill('SIGKILL');
    await once(this.process, 'close');
    removeScratch(this.folder);
  }
}

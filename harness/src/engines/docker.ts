import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, realpathSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { makeScratch, removeScratch, SHORT_PARENT } from '../base/scratch.js';
import { quote } from '../base/shell.js';
import type { Built } from '../systems/fields.js';
import { ImageStore, OF_ITS_OWN } from './container_images.js';
import { runToPrepare } from './prepared.js';

/** The address of a socket has 107 characters; those of containerd are up to 50 deeper. */
const LONGEST = 55;

/** How long Docker's daemon may take to listen. */
const START_MS = 60_000;

/** A daemon of Docker of this harness's own, which ends with it. */
export class DockerImages extends ImageStore {
  private daemon: ChildProcess | undefined;
  /** The folder of its sockets. */
  private sockets = '';

  constructor() {
    super('dockerd');
  }

  override run(_: Built): readonly string[] {
    return [join(this.folder, 'run')];
  }

  override pids(): readonly number[] {
    const pid = this.daemon?.pid;
    return pid === undefined ? [] : [pid];
  }

  override artefacts(built: Built): Record<string, string> {
    return { dockerd: daemonOf(built), docker: clientOf(built) };
  }

  protected override async open(built: Built, folder: string): Promise<void> {
    const own = (name: string) => join(folder, name);
    this.sockets = folder.length <= LONGEST ? folder : makeScratch(SHORT_PARENT);
    const state = join(this.sockets, 'x');
    const daemon = [
      ...[daemonOf(built), '--host', `unix://${join(this.sockets, 'socket')}`],
      ...['--data-root', own('data'), '--exec-root', state, '--pidfile', own('pid')],
      ...['--cgroup-parent', `/${this.controlGroup}`, '--exec-opt', 'native.cgroupdriver=cgroupfs'],
      // Whatever another daemon on this machine is told.
      ...['--config-file', own('daemon.json')],
      // Containers have the network of this machine or none: nothing of it is changed.
      ...['--bridge=none', '--iptables=false', '--ip6tables=false'],
      ...['--ip-forward=false', '--ip-masq=false'],
    ];
    await mkdir(state);
    writeFileSync(own('run'), runScript(this.client(built), own('data')), { mode: 0o755 });
    writeFileSync(own('daemon.json'), '{}');
    // It starts a containerd of its own where it sees no other; and the shell waits for what containers leave behind.
    const hide = '[ ! -d /run/containerd ] || mount -t tmpfs tmpfs /run/containerd';
    const first = ['sh', '-c', `${hide}; "$@" & wait`, 'dockerd'];
    const child = spawn(
      'setpriv',
      ['--pdeathsig', 'KILL', '--', ...OF_ITS_OWN, ...first, ...daemon],
      {
        detached: true,
        stdio: ['ignore', 'ignore', 'pipe'],
        env: { ...process.env, PATH: pathOf(built) },
      },
    );
    this.daemon = child;
    await listening(child);
    child.stderr?.resume();
    // It ends with this process, and is no reason for it to go on.
    child.unref();
    (child.stderr as unknown as { unref(): void }).unref();
  }

  protected override async build(built: Built, image: string, context: string): Promise<void> {
    // Its own builder: BuildKit is another program.
    await runToPrepare(this.program, [
      ...['env', 'DOCKER_BUILDKIT=0', ...this.client(built), 'build', '--tag', image],
      ...['--file', join(context, 'Containerfile'), context],
    ]);
  }

  protected override end(): void {
    if (this.daemon?.pid !== undefined && this.daemon.exitCode === null)
      this.daemon.kill('SIGKILL');
    if (this.sockets !== this.folder) removeScratch(this.sockets);
  }

  /** The words that begin each request to the daemon. */
  client(built: Built): readonly string[] {
    return [clientOf(built), '--host', `unix://${join(this.sockets, 'socket')}`];
  }
}

/**
 * A script that runs a container as the client does. A container whose client was killed goes on; the next one removes it: it has
 * the client's process id in its name.
 */
function runScript(client: readonly string[], data: string): string {
  const docker = client.map(quote).join(' ');
  return `#!/bin/sh
if [ -n "$(ls ${quote(join(data, 'containers'))})" ]; then
  for name in $(${docker} ps --all --filter 'name=^enxame-[0-9]+$' --format '{{.Names}}'); do
    [ -d "/proc/\${name#enxame-}" ] || ${docker} rm --force "$name" >/dev/null
  done
fi
exec ${docker} run --rm --name "enxame-$$" "$@"
`;
}

/** Returns when it says so. Throws an Error with what it says before it ends. */
async function listening(daemon: ChildProcess): Promise<void> {
  if (daemon.stderr === null) throw new Error('dockerd was started without a pipe to its log');
  const lines = createInterface({ input: daemon.stderr });
  let last = '';
  await new Promise<void>((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`dockerd cannot be prepared: ${why}`));
    const late = setTimeout(() => fail(`it has not listened in ${START_MS / 1_000} s`), START_MS);
    lines.on('line', (line) => {
      last = /msg="?(.*?)"?( \w+=.*)?$/.exec(line)?.[1] ?? line;
      if (line.includes('API listen on')) resolve();
    });
    daemon.once('error', ({ message }) => fail(message));
    daemon.once('exit', () => fail(last));
    lines.once('close', () => clearTimeout(late));
    lines.on('line', () => late.refresh());
  }).finally(() => lines.close());
}

function daemonOf({ engines }: Built): string {
  return join(engines, 'dockerd');
}

/** Debian has the daemon in sbin, others beside its client. */
function foldersOf(built: Built): string[] {
  const daemon = daemonOf(built);
  const folder = dirname(existsSync(daemon) ? realpathSync(daemon) : daemon);
  return [join(folder, '..', 'bin'), folder];
}

function clientOf(built: Built): string {
  return join(foldersOf(built)[0] ?? '', 'docker');
}

/** Its own containerd and runc go first. */
function pathOf(built: Built): string {
  return [...foldersOf(built), process.env['PATH']].join(':');
}

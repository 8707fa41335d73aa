import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { parse, stringify } from 'yaml';
import { ask } from '../base/ask.js';
import { REPOSITORY } from '../base/shell.js';
import {
  controlGroups,
  hasProcesses,
  OF_ITS_OWN,
  removeTree,
} from '../engines/container_images.js';
import { podmanImages } from '../engines/containers.js';
import { familyOf } from '../launch/parts/proc.js';
import type { Built } from '../systems/fields.js';
import type { Orchestrator } from './orchestrator.js';
import { workersAmong } from './worker_processes.js';

const MANIFESTS = join(REPOSITORY, 'deploy', 'kubernetes');

interface Play {
  /** The name of its worker. Default: any. */
  readonly worker?: string;
  /** Default: what runs containers. */
  readonly runtime?: string;
  /** Default: as its manifest says. */
  readonly network?: string;
}

interface Pod {
  metadata: { name: string };
  spec: { containers: { args?: string[] }[] };
}

/**
 * Podman's `kube play`, with the manifests of deploy/kubernetes: a Pod for each worker, since it limits a Deployment to one. No loop of control
 * runs; Podman's monitor of each container starts it again.
 */
export class KubePlay implements Orchestrator {
  readonly name = 'kube-play';
  readonly needs = [
    ...(['engine:podman', 'engine:runc', 'engine:crun', 'engine:wasmtime', 'wasi'] as const),
  ];
  readonly engine = 'podman';
  readonly replaces = true;
  readonly changesNetworks = false;
  /** The first process of the namespaces in which all Pods are. */
  private keeper: ChildProcess | undefined;
  private folder = '';
  private coordinator = '';
  private pods = 0;

  async open(built: Built, coordinator: string): Promise<void> {
    await podmanImages.prepare(built);
    await podmanImages.addWasmImages(built);
    this.coordinator = coordinator;
    this.folder = podmanImages.folderFor('pods');
    this.pods = 0;
    // crun knows cgroups of version 1 or 2, not both; where they are mixed it gets to see the first alone.
    const keep = `
      ! mountpoint --quiet /sys/fs/cgroup/unified || umount /sys/fs/cgroup/unified
      echo ready
      sleep infinity & wait`;
    const words = ['--pdeathsig', 'KILL', '--', ...OF_ITS_OWN, 'sh', '-c', keep];
    const keeper = spawn('setpriv', words, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.keeper = keeper;
    let said = '';
    keeper.stderr.on('data', (text) => {
      said += text;
    });
    await new Promise<void>((resolve, reject) => {
      createInterface({ input: keeper.stdout }).once('line', () => resolve());
      keeper.once('error', reject);
      keeper.once('exit', () => reject(new Error(`no namespaces for Pods: ${said.trim()}`)));
    });
  }

  async scale(workers: number): Promise<void> {
    for (; this.pods < workers; this.pods += 1) {
      await this.play('worker-pod.yaml', `enxame-worker-${this.pods + 1}`);
    }
    for (; this.pods > workers; this.pods -= 1) {
      await this.podman('kube', 'down', this.file(`enxame-worker-${this.pods}`));
    }
  }

  workers(): readonly number[] {
    return workersAmong(this.keeper?.pid === undefined ? [] : [this.keeper.pid]);
  }

  async sideBySide(): Promise<void> {
    await this.scale(0);
    await this.play('worker-pod.yaml', 'enxame-native', { worker: 'native' });
    await this.play('wasm-worker-pod.yaml', 'enxame-wasm-worker', { worker: 'wasm' });
  }

  async runModule(): Promise<number> {
    await this.play('wasm-handler-pod.yaml', 'enxame-wasm', { runtime: 'crun', network: 'none' });
    const code = await this.podman('wait', 'enxame-wasm-module');
    return Number(code);
  }

  async close(): Promise<void> {
    const { keeper } = this;
    if (keeper === undefined || (keeper.exitCode ?? keeper.signalCode) !== null) return;
    try {
      // From its store, which the next one has as well.
      await this.podman('pod', 'rm', '--all', '--force', '--time', '0');
    } finally {
      const ended = once(keeper, 'exit');
      keeper.kill('SIGKILL');
      await ended;
      this.keeper = undefined;
      for (const group of podmanGroups()) if (!hasProcesses(group)) removeTree(group);
    }
  }

  /** Plays a manifest under another name, for this coordinator. */
  private async play(manifest: string, name: string, how: Play = {}): Promise<void> {
    const { worker, runtime, network } = how;
    const pod = parse(readFileSync(join(MANIFESTS, manifest), 'utf8')) as Pod;
    pod.metadata.name = name;
    for (const container of pod.spec.containers) {
      const args = container.args?.map((each) =>
        each.startsWith('http://') ? this.coordinator : each,
      );
      if (args)
        container.args = [...args, ...(worker === undefined ? [] : ['--worker-id', worker])];
    }
    writeFileSync(this.file(name), stringify(pod));
    await this.podman(
      ...(runtime === undefined ? [] : ['--runtime', runtime]),
      ...['kube', 'play', '--log-driver', 'none'],
      ...(network === undefined ? [] : ['--network', network]),
      this.file(name),
    );
  }

  private file(name: string): string {
    return join(this.folder, `${name}.yaml`);
  }

  private async podman(...words: string[]): Promise<string> {
    const [, first] = familyOf(this.keeper?.pid ?? 0);
    const inside = ['--target', String(first), '--pid', '--mount', '--', podmanImages.script];
    const answer = await ask('nsenter', [...inside, ...words]);
    if ('failed' in answer) throw new Error(`podman ${words.join(' ')}: ${answer.failed}`);
    return answer.stdout;
  }
}

/** Where Podman has the control groups of Pods, whatever its other containers' are. */
function podmanGroups(): string[] {
  return controlGroups().filter((group) => basename(group) === 'libpod_parent');
}

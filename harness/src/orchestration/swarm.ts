import { join } from 'node:path';
import { ask } from '../base/ask.js';
import { REPOSITORY } from '../base/shell.js';
import { dockerImages } from '../engines/containers.js';
import type { Built } from '../systems/fields.js';
import type { Orchestrator } from './orchestrator.js';
import { workersAmong } from './worker_processes.js';

const STACKS = join(REPOSITORY, 'deploy', 'swarm');

/** A Docker Swarm of this machine alone, with the manifests of deploy/swarm. */
export class Swarm implements Orchestrator {
  readonly name = 'docker-swarm';
  readonly needs = ['engine:dockerd', 'engine:wasmtime', 'wasi'] as const;
  readonly engine = 'docker';
  readonly replaces = true;
  readonly changesNetworks = true;
  private docker: readonly string[] = [];
  private coordinator = '';
  private isInSwarm = false;
  private isDeployed = false;

  async open(built: Built, coordinator: string): Promise<void> {
    await dockerImages.prepare(built);
    this.docker = dockerImages.client(built);
    this.coordinator = coordinator;
    await this.run('swarm', 'init', '--advertise-addr', '127.0.0.1', '--listen-addr', '127.0.0.1');
    this.isInSwarm = true;
    await dockerImages.addWasmImages(built);
  }

  async scale(workers: number): Promise<void> {
    if (!this.isDeployed) await this.deploy('workers.yaml');
    this.isDeployed = true;
    if (workers !== 1 || this.workers().length > 0) {
      await this.run('service', 'scale', '--detach=true', `enxame_worker=${workers}`);
    }
  }

  workers(): readonly number[] {
    return workersAmong(dockerImages.pids());
  }

  async sideBySide(): Promise<void> {
    if (this.isDeployed) await this.run('stack', 'rm', '--detach=false', 'enxame');
    this.isDeployed = false;
    await this.deploy('side-by-side.yaml');
  }

  async close(): Promise<void> {
    if (this.isInSwarm) await this.run('swarm', 'leave', '--force');
    this.isInSwarm = false;
    this.isDeployed = false;
  }

  private async deploy(stack: string): Promise<void> {
    const flags = [
      '--detach=true',
      '--resolve-image',
      'never',
      '--compose-file',
      join(STACKS, stack),
    ];
    await this.run('stack', 'deploy', ...flags, 'enxame');
  }

  private async run(...words: string[]): Promise<void> {
    const [docker = '', ...first] = this.docker;
    const env = { ...process.env, ENXAME_COORDINATOR: this.coordinator };
    const answer = await ask(docker, [...first, ...words], env);
    if ('failed' in answer) throw new Error(`docker ${words[0]} ${words[1]}: ${answer.failed}`);
  }
}

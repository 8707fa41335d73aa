import { realpathSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { quote } from '../base/shell.js';
import type { Built } from '../systems/fields.js';
import { ImageStore, OF_ITS_OWN } from './container_images.js';
import type { EngineNeed } from './engine.js';
import { runToPrepare } from './prepared.js';

/** Podman with a store of this harness's own. There is no daemon: who starts a container has its processes as children. */
export class PodmanImages extends ImageStore {
  constructor() {
    super('podman');
  }

  /** One that was there already may have come with another runtime. */
  override get needs(): readonly EngineNeed[] {
    return ['engine:podman', 'engine:runc'];
  }

  override run(_: Built): readonly string[] {
    const cgroup = ['--cgroup-parent', `/${this.controlGroup}`];
    return [...this.podman(), 'run', '--rm', ...cgroup];
  }

  override pids(): readonly number[] {
    return [];
  }

  override artefacts({ engines }: Built): Record<string, string> {
    return { podman: join(engines, 'podman') };
  }

  protected override async open(built: Built, folder: string): Promise<void> {
    const own = (name: string) => join(folder, name);
    const podman = realpathSync(join(built.engines, 'podman'));
    const prefix = dirname(dirname(podman));
    const prefixed = (...places: string[]) => places.map((each) => join(prefix, each));
    const within = (...places: string[]) => JSON.stringify(prefixed(...places));
    // What it asks of limits a user may not have to give; and all that it starts lies beside it.
    const containers = `[containers]
default_ulimits = ["nofile=1024:1024"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "none"
lock_type = "file"
tmp_dir = ${JSON.stringify(own('tmp'))}
runtime = "runc"
conmon_path = ${within('bin/conmon', 'libexec/podman/conmon')}
helper_binaries_dir = ${within('lib/podman', 'libexec/podman', 'bin')}
[engine.runtimes]
runc = ${JSON.stringify([...prefixed('sbin/runc', 'bin/runc'), join(built.engines, 'runc')])}
crun = ${JSON.stringify([join(built.engines, 'crun')])}
`;
    const storage = `[storage]
driver = "overlay"
graphroot = ${JSON.stringify(own('data'))}
runroot = ${JSON.stringify(own('x'))}
`;
    writeFileSync(own('containers.conf'), containers);
    writeFileSync(own('storage.conf'), storage);
    // Where it looks for whose images it may believe: these are made here.
    const policy = own('home/.config/containers');
    await mkdir(policy, { recursive: true });
    writeFileSync(join(policy, 'policy.json'), '{"default":[{"type":"insecureAcceptAnything"}]}');
    const settings = Object.entries({
      HOME: own('home'),
      CONTAINERS_CONF: own('containers.conf'),
      CONTAINERS_STORAGE_CONF: own('storage.conf'),
      PODMAN_IGNORE_CGROUPSV1_WARNING: '1',
    }).map(([name, value]) => `${name}=${quote(value)}`);
    const script = `#!/bin/sh\n${settings.join(' ')} exec ${quote(podman)} --log-level error "$@"\n`;
    writeFileSync(own('podman'), script, { mode: 0o755 });
  }

  protected override async build(_: Built, image: string, context: string): Promise<void> {
    await runToPrepare(this.program, [...this.podman(), 'build', '--tag', image, context]);
  }

  /** Containers are children of those who started them, and end with them. */
  protected override end(): void {}

  /** The words that begin a command, which ends with all that it has started. */
  private podman(): readonly string[] {
    return [...OF_ITS_OWN, this.script];
  }

  /** Podman with this store, for commands that leave something running; after it was prepared. */
  get script(): string {
    return join(this.folder, 'podman');
  }
}

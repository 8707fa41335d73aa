import { KubePlay } from './kube_play.js';
import type { Orchestrator } from './orchestrator.js';
import { Processes } from './processes.js';
import { Swarm } from './swarm.js';

export const ORCHESTRATORS: readonly Orchestrator[] = [
  new Processes(),
  new Swarm(),
  new KubePlay(),
];

import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { ask } from '../base/ask.js';
import { UsageError } from '../base/errors.js';
import { TOPOLOGIES } from '../systems/topologies.js';
import { cellsOf } from './cells.js';
import type { Experiment } from './experiment.js';
import type { Paths } from './paths.js';
import { engineOf, type System, topologyOf } from './systems.js';

/** What a program prints with --capabilities: the names that its flags accept. */
interface Capabilities {
  readonly kernels: readonly string[];
  readonly codecs: readonly string[];
  readonly transports: readonly string[];
}

/**
 * Asks the programs of the experiment's systems what they support. Throws UsageError when one does not
 * support what a system chooses, an Error when one does not answer. Programs that are not built are
 * not asked: checkPaths() is what refuses those.
 */
export async function checkCapabilities(paths: Paths, experiment: Experiment): Promise<void> {
  const programs = new BuiltPrograms(paths);
  for (const system of new Set(cellsOf(experiment).map((cell) => cell.system))) {
    const problem = await programs.problemOf(system);
    if (problem !== undefined) throw new UsageError(`${system.name}: ${problem}`);
  }
}

/** The programs of one build, each asked once what it supports. */
export class BuiltPrograms {
  private readonly answers = new Map<string, Promise<Capabilities>>();

  constructor(private readonly paths: Paths) {}

  /**
   * Why the programs cannot run the system: the field, its value, the program, and what it supports;
   * undefined when they can, or are not built. Throws an Error when a program does not answer.
   */
  async problemOf(system: System): Promise<string | undefined> {
    const { reach, client } = TOPOLOGIES[topologyOf(system)];
    const workers = engineOf(system).workers[reach];
    const { loadGenerator } = this.paths;
    const { transport, codec, kernel } = system;
    if ('threads' in workers) return this.lackOf(loadGenerator, { transport, kernel });
    const asClient = { transport: client?.transport ?? transport, codec: client?.codec ?? codec };
    const ofClient = await this.lackOf(loadGenerator, asClient);
    // A page has no program to ask: what its module supports follows from its engine.
    if (ofClient !== undefined || !('program' in workers)) return ofClient;
    return this.lackOf(workers.path(this.paths), { transport, codec, kernel });
  }

  private async lackOf(
    program: string,
    needed: Readonly<Partial<Record<'transport' | 'codec' | 'kernel', string>>>,
  ): Promise<string | undefined> {
    if (!existsSync(program)) return undefined;
    const capabilities = await this.capabilitiesOf(program);
    for (const [field, value] of Object.entries(needed)) {
      const supported = capabilities[`${field}s` as keyof Capabilities];
      if (supported.includes(value)) continue;
      const expected = supported.length > 0 ? supported.join(' or ') : 'none';
      return `${field} is '${value}', which ${basename(program)} does not support; expected ${expected} (${program} --capabilities)`;
    }
    return undefined;
  }

  private capabilitiesOf(program: string): Promise<Capabilities> {
    const answer = this.answers.get(program) ?? askCapabilities(program);
    this.answers.set(program, answer);
    return answer;
  }
}

async function askCapabilities(program: string): Promise<Capabilities> {
  const answer = await ask(program, ['--capabilities']);
  if ('failed' in answer) throw new Error(`${program} --capabilities failed: ${answer.failed}`);
  const { kernels, codecs, transports } = objectIn(answer.stdout);
  if (isNames(kernels) && isNames(codecs) && isNames(transports))
    return { kernels, codecs, transports };
  throw new Error(
    `${program} --capabilities printed '${answer.stdout.trim()}'; expected lists of kernels, codecs and transports as JSON`,
  );
}

/** The fields of a JSON object; of any other text, none. */
function objectIn(text: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(text)) as Record<string, unknown>;
  } catch {
    return {};
  }
}

function isNames(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

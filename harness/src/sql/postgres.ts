import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { createGunzip, gunzipSync } from 'node:zlib';
import { SAMPLE_COLUMNS, SCHEMA } from './postgres_schema.js';

/** A row of trials.jsonl: what of it has a column of its own. */
export interface SentTrial {
  readonly trial: string;
  readonly system: string;
  readonly workers: number;
  readonly n: number;
  readonly valid: boolean;
  readonly started_at: string;
  readonly files: readonly { readonly path: string }[];
}

/** The server was not to be reached, or went away: what was sent in the transaction is not there. */
export class ServerAway extends Error {}

/** psql's exit status when the connection is bad. */
const CONNECTION_BAD = 2;

/** A database, by way of psql: each call is one transaction, of which all or nothing is there. */
export class Postgres {
  constructor(private readonly url: string) {}

  /** Makes the tables and views that are not there. */
  async prepare(): Promise<void> {
    await this.run(async (input) => write(input, SCHEMA));
  }

  /** The trials of a run that it has. */
  async trialsOf(runId: string): Promise<Set<string>> {
    const query = `select trial from enxame.trials where run_id = ${literal(runId)};`;
    const said = await this.run(async (input) => write(input, query));
    return new Set(said.split('\n').filter((line) => line !== ''));
  }

  async sendRun(runId: string, experiment: string, folder: string): Promise<void> {
    const [manifest, environment] = ['manifest.json', 'environment.json'].map((name) =>
      readFileSync(join(folder, name), 'utf8'),
    );
    const values = [runId, experiment, manifest ?? '', environment ?? ''].map(literal).join(', ');
    await this.run(async (input) =>
      write(
        input,
        `insert into enxame.runs values (${values})
         on conflict (run_id) do update set manifest = excluded.manifest, environment = excluded.environment;`,
      ),
    );
  }

  /** All or none of these trials of a run; returns how many samples they had. */
  async sendTrials(runId: string, folder: string, trials: readonly SentTrial[]): Promise<number> {
    let samples = 0;
    await this.run(async (input) => {
      samples = 0;
      for (const trial of trials) {
        const { trial: name, system, workers, n, valid, started_at } = trial;
        const id = idOf(runId, name);
        const own = [runId, name, system, workers, n, valid, started_at, JSON.stringify(trial)];
        const values = [id, ...own.map((value) => literal(String(value)))];
        await write(input, `insert into enxame.trials values (${values.join(', ')});\n`);
        const files = trial.files.map(({ path }) => join(folder, path)).filter(existsSync);
        for (const path of files.filter((file) => file.endsWith('.csv.gz'))) {
          samples += await copySamples(input, path, id);
        }
        for (const path of files.filter((file) => file.endsWith('.prom.gz'))) {
          await copyTelemetry(input, path, id);
        }
      }
    });
    return samples;
  }

  /** What psql prints for what `send` writes. Throws ServerAway, or an Error with what PostgreSQL complains of. */
  private async run(send: (input: Writable) => Promise<void>): Promise<string> {
    const flags = ['--no-psqlrc', '--quiet', '--tuples-only', '--no-align'];
    const args = [...flags, '--set=ON_ERROR_STOP=1', '--file=-', this.url];
    const env = { ...process.env, LC_ALL: 'C' };
    const child = spawn('psql', args, { stdio: ['pipe', 'pipe', 'pipe'], env });
    const ended = once(child, 'close');
    const [out, err] = [collect(child.stdout), collect(child.stderr)];
    // Where it has ended before it was told everything, its exit status says why.
    child.stdin.on('error', () => undefined);
    try {
      await write(child.stdin, 'set client_min_messages = warning;\nbegin;\n');
      await Promise.race([send(child.stdin), ended]);
      // The end of its input alone, as when this program is killed, is the end of nothing that was begun.
      await write(child.stdin, '\ncommit;\n');
    } catch (error) {
      child.kill('SIGKILL');
      await ended;
      throw error;
    }
    child.stdin.end();
    const [status] = await ended;
    if (status === 0) return out.text();
    const lines = err.text().trim().split('\n');
    const complaint = lines.findLast((line) => /ERROR|FATAL/.test(line)) ?? lines[0] ?? '';
    if (status === CONNECTION_BAD && mayComeBack(complaint)) throw new ServerAway(complaint);
    throw new Error(complaint || `psql ended with ${status}`);
  }
}

/** Whether what went wrong with the connection may be over after a while: not a wrong name or password. */
function mayComeBack(complaint: string): boolean {
  return (
    !complaint.includes('FATAL:') ||
    /starting up|shutting down|not yet accepting|recovery|terminating connection|too many/.test(
      complaint,
    )
  );
}

async function copySamples(input: Writable, path: string, id: string): Promise<number> {
  let count = -1;
  let begun = '';
  const file = createReadStream(path);
  const text = file.pipe(createGunzip()).setEncoding('utf8');
  file.on('error', (error) => text.destroy(error));
  for await (const piece of text) {
    const lines = (begun + piece).split('\n');
    begun = lines.pop() ?? '';
    if (count < 0) {
      await write(input, copyOf(path, lines.shift() ?? ''));
      count = 0;
    }
    // A row may have a line's end between quotes.
    const rows: string[] = [];
    for (const line of lines) {
      const last = rows.at(-1);
      if (last !== undefined && isOpen(last)) rows[rows.length - 1] = `${last}\n${line}`;
      else rows.push(line);
    }
    const cut = rows.at(-1);
    if (cut !== undefined && isOpen(cut)) begun = `${rows.pop()}\n${begun}`;
    count += rows.length;
    if (rows.length > 0) await write(input, `${id},${rows.join(`\n${id},`)}\n`);
  }
  if (count >= 0) await write(input, '\\.\n');
  return Math.max(count, 0);
}

/** Whether a quote is open at its end. */
function isOpen(row: string): boolean {
  return row.includes('"') && row.split('"').length % 2 === 0;
}

function copyOf(path: string, header: string): string {
  const names = header.split(',');
  const unknown = names.find((name) => !(name in SAMPLE_COLUMNS));
  if (unknown !== undefined) {
    throw new Error(`${path}: its column '${unknown}' is none that this program knows`);
  }
  const columns = ['trial_id', ...names].map((name) => `"${name}"`).join(', ');
  return `copy enxame.samples (${columns}) from stdin (format csv);\n`;
}

async function copyTelemetry(input: Writable, path: string, id: string): Promise<void> {
  const text = gunzipSync(readFileSync(path)).toString('utf8');
  const rows = [...text.matchAll(/^(\w+)(\{.*\})? (\S+)/gm)].map(
    ([, metric, labels = '', value]) => {
      const number = value?.replace(/^([+-]?)Inf$/, '$1Infinity');
      return `${id},${metric},${field(labels)},${number}\n`;
    },
  );
  const columns = 'trial_id, metric, labels, value';
  await write(
    input,
    `copy enxame.telemetry (${columns}) from stdin (format csv);\n${rows.join('')}\\.\n`,
  );
}

/** A number that run and trial always have. */
function idOf(runId: string, trial: string): string {
  return createHash('sha256').update(`${runId}/${trial}`).digest().readBigInt64LE().toString();
}

/** Returns when there is room for more, or nobody reads it. */
async function write(input: Writable, text: string): Promise<void> {
  if (input.destroyed || input.write(text)) return;
  await new Promise<void>((resolve) => {
    const go = () => {
      input.off('drain', go);
      input.off('close', go);
      resolve();
    };
    input.on('drain', go);
    input.on('close', go);
  });
}

function collect(stream: Readable): { text: () => string } {
  const pieces: Buffer[] = [];
  stream.on('data', (piece: Buffer) => pieces.push(piece));
  return { text: () => Buffer.concat(pieces).toString('utf8') };
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Of CSV. */
function field(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

/** SQL that makes views of run folders as they lie there: nothing is imported. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { UsageError } from '../base/errors.js';

/** Views, and what a row of each is. */
export const VIEWS = {
  runs: 'a run: its experiment, its status, and what it ran on',
  trials: 'a trial: its cell, whether it counts and why not, and what came of it',
  samples: 'a request of the load generator, with its phases',
  phases: 'a phase of a request that succeeded',
} as const;

/** Columns of samples that are no times in milliseconds. */
const TYPES: Readonly<Record<string, string>> = {
  sample: 'UBIGINT',
  stage: 'VARCHAR',
  client: 'UINTEGER',
  worker: 'VARCHAR',
  outcome: 'VARCHAR',
  error: 'VARCHAR',
};

/** The parts of a response time, which add up to it. */
const PHASES = [
  ...['lateness', 'backlog', 'submit', 'queue', 'dispatch', 'decode', 'compute', 'encode'],
  ...['return', 'collect'],
];

/** The folders of runs among these, each being a run or holding some. Throws UsageError where one has none. */
export function runsIn(folders: readonly string[]): string[] {
  const found = folders.flatMap((folder) => {
    if (isRun(folder)) return [resolve(folder)];
    const runs = children(folder).filter(isRun);
    if (runs.length === 0) {
      throw new UsageError(
        `no run in '${folder}': expected a folder with a manifest.json, or one that holds such folders`,
      );
    }
    return runs;
  });
  return [...new Set(found)];
}

/** The same of folders of which some may have no run, or not be there. */
export function runsAmong(folders: readonly string[]): string[] {
  return folders.flatMap((folder) => children(folder).filter(isRun));
}

export function viewsOf(runs: readonly string[]): string {
  const names = runs.map((run) => basename(run));
  const twice = runs.find((run, i) => names.indexOf(basename(run)) !== i);
  if (twice !== undefined) {
    const first = runs[names.indexOf(basename(twice))];
    throw new UsageError(
      `two runs are called '${basename(twice)}': ${first} and ${twice}; ask them one at a time`,
    );
  }
  return [
    view('runs', runsQuery(runs)),
    view('trials', trialsQuery(runs)),
    view('samples', samplesQuery(runs)),
    view('phases', phasesQuery()),
  ].join('\n');
}

function view(name: keyof typeof VIEWS, query: string): string {
  return `create view ${name} as ${query};`;
}

/** Of runs that have nothing yet: the columns that others have, without a row. */
function nothing(columns: Readonly<Record<string, string>>): string {
  const all = Object.entries({ run: 'VARCHAR', trial: 'VARCHAR', ...columns });
  return `select ${all.map(([name, type]) => `null::${type} as "${name}"`).join(', ')} where false`;
}

/** The name of the folder of a run, of a file in it. */
const RUN = (file: string) => `regexp_extract(filename, '([^/]+)/${file}$', 1) as run`;

function runsQuery(runs: readonly string[]): string {
  const manifests = json(files(runs, 'manifest.json'), {
    run_id: 'VARCHAR',
    status: 'VARCHAR',
    experiment: 'STRUCT(name VARCHAR, question VARCHAR, seed UBIGINT)',
    plan: 'JSON[]',
  });
  const environments = json(files(runs, 'environment.json'), {
    cpu: 'VARCHAR',
    cores: 'UINTEGER',
    memory_bytes: 'UBIGINT',
    os: 'VARCHAR',
    kernel: 'VARCHAR',
    virtual_machine: 'BOOLEAN',
    versions: 'MAP(VARCHAR, VARCHAR)',
    git: 'STRUCT("commit" VARCHAR, dirty BOOLEAN)',
  });
  return `
    select m.run, run_id, experiment.name as experiment, experiment.question as question, status,
      len(plan) as planned_trials, experiment.seed as seed, e.* exclude (run, git),
      git."commit" as "commit", git.dirty as dirty
    from (select ${RUN('manifest\\.json')}, * exclude (filename) from ${manifests}) m
    left join (select ${RUN('environment\\.json')}, * exclude (filename) from ${environments}) e
    on m.run = e.run`;
}

function trialsQuery(runs: readonly string[]): string {
  const paths = files(runs, 'trials.jsonl').filter((path) => readFileSync(path).length > 0);
  if (paths.length === 0) {
    const [text, whole] = ['VARCHAR', 'BIGINT'];
    return nothing({ system: text, workers: whole, n: whole, valid: 'BOOLEAN' });
  }
  const options = "format = 'newline_delimited', union_by_name = true, filename = true";
  // Its own name, since `workers` is also how many there were.
  const results = 'results.* exclude (workers), results.workers as answered_by';
  const hasResults = paths.some((path) => readFileSync(path, 'utf8').includes('"results":{'));
  return `
    select ${RUN('trials\\.jsonl')}, * exclude (filename, results)${hasResults ? `, ${results}` : ''}
    from read_json(${list(paths)}, ${options}, sample_size = -1)`;
}

/** Files with the same columns are read together, by types that are known: to find them out takes ten times as long. */
function samplesQuery(runs: readonly string[]): string {
  const byHeader = new Map<string, string[]>();
  for (const run of runs) {
    const [first] = children(join(run, 'samples'), '.csv.gz');
    if (first === undefined) continue;
    const [header = ''] = gunzipSync(readFileSync(first)).toString('utf8').split('\n', 1);
    byHeader.set(header, [...(byHeader.get(header) ?? []), join(run, 'samples', '*.csv.gz')]);
  }
  if (byHeader.size === 0) {
    const times = ['start', 'response', ...PHASES].map((name) => [`${name}_ms`, 'DOUBLE']);
    return nothing({ ...TYPES, ...Object.fromEntries(times) });
  }
  const parts = [...byHeader].map(([header, paths]) => {
    const columns = header.split(',').map((name) => `${text(name)}: '${TYPES[name] ?? 'DOUBLE'}'`);
    return `
      select regexp_extract(filename, '([^/]+)/samples/[^/]+$', 1) as run,
        regexp_extract(filename, '([^/]+)\\.csv\\.gz$', 1) as trial, * exclude (filename)
      from read_csv(${list(paths, false)}, columns = {${columns.join(', ')}}, header = true,
        auto_detect = false, delim = ',', quote = '"', escape = '"', new_line = '\\n',
        compression = 'gzip', filename = true)`;
  });
  return parts.join(' union all by name ');
}

function phasesQuery(): string {
  const columns = PHASES.map((phase) => `${phase}_ms`);
  return `
    select run, trial, sample, stage, replace(phase, '_ms', '') as phase, ms
    from (unpivot (
      -- What was late is in the backlog, too.
      select * replace (backlog_ms - lateness_ms as backlog_ms) from samples where outcome = 'ok'
    ) on ${columns.join(', ')}
      into name phase value ms)`;
}

function json(paths: readonly string[], columns: Readonly<Record<string, string>>): string {
  const typed = Object.entries(columns).map(
    ([name, type]) => `'${name}': '${type.replaceAll("'", "''")}'`,
  );
  return `read_json(${list(paths)}, columns = {${typed.join(', ')}}, filename = true, maximum_object_size = 268435456)`;
}

function list(paths: readonly string[], isLiteral = true): string {
  return `[${paths.map((path) => text(isLiteral ? literal(path) : pattern(path))).join(', ')}]`;
}

/** A path as a pattern of which it is the only match. */
function literal(path: string): string {
  return path.replace(/[[*?]/g, '[$&]');
}

/** The same but for its last part. */
function pattern(path: string): string {
  return join(literal(join(path, '..')), basename(path));
}

export function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

function files(runs: readonly string[], name: string): string[] {
  return runs.map((run) => join(run, name)).filter((path) => existsSync(path));
}

function isRun(folder: string): boolean {
  return existsSync(join(folder, 'manifest.json'));
}

function children(folder: string, ending = ''): string[] {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith(ending));
    return names.sort().map((name) => resolve(folder, name));
  } catch {
    return [];
  }
}

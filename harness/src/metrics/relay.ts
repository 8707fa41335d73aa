import { messageOf } from '../base/errors.js';
import { lookMs } from '../launch/parts/deadlines.js';
import { JOBS, type Job, type ProgramMetrics } from '../launch/program_metrics.js';
import { mergePages } from './page.js';

/** How long a program may take to answer Prometheus, which asks every second. */
const PATIENCE_MS = 900;

interface Source {
  readonly urls: readonly string[];
  readonly labels: Readonly<Record<string, string | number>>;
}

/**
 * Hands on what the programs of the current trial tell, under addresses that stay.
 *
 * Every trial has fresh programs on free ports, which service discovery would follow too late:
 * Prometheus takes up changed targets every five seconds at most, twice (its discovery and its scrape
 * managers each tick), and a trial may be over by then. It would also make a target, and so a new
 * set of series, of every worker of every trial. Here the workers of a trial are added up, and their
 * series carry the cell and nothing else.
 */
export class Relay implements ProgramMetrics {
  private readonly sources = new Map<Job, Source>();

  watch(job: Job, urls: readonly string[], labels: Source['labels']): void {
    this.sources.set(job, { urls, labels });
  }

  forget(job: Job): void {
    this.sources.delete(job);
  }

  /** Prometheus sees one trial at a time: the figures of two would add up to those of neither. */
  another(): ProgramMetrics {
    return new Relay();
  }

  /**
   * What all programs of the trial, with so many workers, tell now, one job after the other. Nobody
   * waits for the next question here, so that they may take their time.
   */
  async snapshot(workers: number): Promise<string> {
    const pages = await Promise.all(JOBS.map((job) => this.page(job, lookMs(workers))));
    return pages.join('');
  }

  /**
   * The page of a job, empty when no program does it now. Throws an Error when one of several does
   * not answer: a sum that lacks one would look as if the counters had started again.
   */
  async page(job: Job, patienceMs = PATIENCE_MS): Promise<string> {
    const source = this.sources.get(job);
    if (source === undefined) return '';
    const pages = await Promise.all(source.urls.map((url) => readPage(url, patienceMs)));
    return mergePages(pages, source.labels);
  }
}

async function readPage(url: string, patienceMs: number): Promise<string> {
  const signal = AbortSignal.timeout(patienceMs);
  const response = await fetch(url, { signal }).catch((error: unknown) => {
    throw new Error(`GET ${url} failed: ${messageOf(error)}`);
  });
  const text = await response.text();
  if (!response.ok)
    throw new Error(`GET ${url} was answered with status ${response.status}: ${text}`);
  return text;
}

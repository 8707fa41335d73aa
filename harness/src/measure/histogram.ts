import { readFileSync } from 'node:fs';
import { build, HistogramLogReader, HistogramLogWriter, type JsHistogram } from 'hdr-histogram-js';
import type { Bucket } from '../stats/response_times.js';

const NS_PER_MS = 1e6;

/** Right to 0.01 % between 1 ns and an hour, in a fixed 4 MB however much is recorded. */
const OPTIONS = {
  bitBucketSize: 64,
  lowestDiscernibleValue: 1,
  highestTrackableValue: 3.6e12,
  numberOfSignificantValueDigits: 4,
  useWebAssembly: false,
} as const;

/** Durations in milliseconds as an HDR histogram: http://hdrhistogram.org/ */
export class DurationHistogram {
  private constructor(private readonly histogram: JsHistogram) {}

  static empty(): DurationHistogram {
    return new DurationHistogram(build(OPTIONS) as JsHistogram);
  }

  /** Reads what `toLog` wrote. Throws an Error that names the file when it is something else. */
  static readLog(path: string): DurationHistogram {
    const histogram = new HistogramLogReader(
      readFileSync(path, 'utf8'),
      64,
      false,
    ).nextIntervalHistogram();
    if (histogram === null) throw new Error(`${path}: no histogram in this file`);
    return new DurationHistogram(histogram as JsHistogram);
  }

  get count(): number {
    return this.histogram.totalCount;
  }

  record(durationMs: number): void {
    const ns = Math.round(durationMs * NS_PER_MS);
    this.histogram.recordValue(Math.min(Math.max(ns, 0), OPTIONS.highestTrackableValue));
  }

  /** What was recorded, ascending: the middles of the buckets, in milliseconds. */
  counts(): Bucket[] {
    const { histogram } = this;
    const counts: Bucket[] = [];
    for (let i = 0; i < histogram.countsArrayLength; i++) {
      const count = histogram.getCountAtIndex(i);
      if (count > 0) counts.push({ value: this.middleOf(histogram.valueFromIndex(i)), count });
    }
    return counts;
  }

  /**
   * The text of an HdrHistogram log (version 1.3), which the tools of that project read; values in
   * it are nanoseconds. `tag` names what was recorded, `lengthS` how long that took.
   */
  toLog(tag: string, lengthS: number): string {
    let text = '';
    const writer = new HistogramLogWriter((line) => {
      text += line;
    });
    writer.outputLogFormatVersion();
    writer.outputLegend();
    this.histogram.tag = tag;
    writer.outputIntervalHistogram(this.histogram, 0, lengthS, NS_PER_MS);
    return text;
  }

  private middleOf(valueNs: number): number {
    const low = this.histogram.lowestEquivalentValue(valueNs);
    const high = this.histogram.highestEquivalentValue(valueNs);
    return (low + high) / 2 / NS_PER_MS;
  }
}

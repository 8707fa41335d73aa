/**
 * What a file of experiments/ says. `npm run schema` makes experiments/experiment.schema.json out of these
 * types, their comments and their annotations, and of the table of axes; editors and `yaml_file.ts` check files
 * with it.
 */
import type { Fault } from './faults.js';

/** An experiment: a question, and everything that decides what is measured to answer it. */
export interface ExperimentFile {
  /**
   * What is to be found out.
   * @minLength 10
   */
  question: string;
  /**
   * Names of systems of systems.yaml, in the order in which tables and figures show them. Default: all.
   * @minItems 1
   * @uniqueItems true
   */
  systems?: string[];
  /**
   * The name of the system that the others are compared with. Default: the first in which matrices travel, which
   * is the first but for local ones.
   */
  over?: string;
  /**
   * What answers the question in a sentence: how much longer the last system takes than `over` (cost), how much more
   * is done with many workers than with one (speed-up), which part of a request is computing (compute-share), up
   * to which rate response times stay what they are (capacity), or what is lost and how soon a system is back when
   * something fails (faults). Default: cost.
   */
  answer?: 'cost' | 'speed-up' | 'compute-share' | 'capacity' | 'faults';
  /** What varies: each combination of values is a cell. A field that is left out keeps its default. */
  axes?: Axes;
  /**
   * The maximum number of workers of a system, by its name: larger worker counts make no cells of that
   * system. Default: no limit.
   */
  most_workers?: Record<string, MostWorkers>;
  /** How requests are made. Default: closed, one request in flight per worker. */
  load?: ClosedLoad | OpenLoad;
  /**
   * Plans of what is done to a system while it is measured, by name: the values of the axis faults, and none is another.
   * Default: there are none.
   */
  faults?: Record<string, Fault[]>;
  repetition?: Repetition;
  order?: Order;
  stop?: StopRule;
  validity?: Validity;
  /** What replaces the repetition and the axes under --quick: to see that everything works. */
  quick?: { axes?: Axes; repetition?: Repetition };
}

/**
 * Any field of a system or of the load, with its values. Where a system cannot take a
 * value (codec json over TCP), that cell is left out; a system that can take none of them keeps its own value.
 */
export interface Axes {
  readonly [axis: string]: string | number | boolean | readonly (string | number | boolean)[];
}

/** A fixed number of requests in flight: the next is submitted when one has ended. */
export interface ClosedLoad {
  kind: 'closed';
  /**
   * When a client submits the next request: at once, or, where the system polls, after a time drawn from 0
   * to the longest interval at which it does, so that requests do not fall into step with it. The
   * throughput of such a system is then not given. Default: at-once.
   */
  submit?: 'at-once' | 'jittered';
}

/**
 * Requests arrive at the rates of the axis rate_per_s, whether or not the system keeps up; response
 * time is measured from the intended arrival.
 */
export interface OpenLoad {
  kind: 'open';
  /** Default: poisson. */
  arrivals?: 'poisson' | 'uniform';
  /**
   * How the rate changes within the measured time, in multiples of rate_per_s: ramp:FROM:TO; step:A,B,C, each for as
   * long; burst:BASE:PEAK:EVERY:FOR, PEAK in the last FOR seconds of every EVERY. Default: constant.
   * @pattern ^(constant|(ramp|step|burst):[0-9.:,]+)$
   */
  schedule?: string;
}

/** How often, and for how long. */
export interface Repetition {
  /**
   * Fresh launches of each cell: the unit of the statistics. Default: 3.
   * @asType integer
   * @minimum 1
   * @maximum 1000
   */
  launches?: number;
  /**
   * Seconds measured in each trial, after its warm-up; longer where fewer than 24 responses can be expected
   * in them. Default: 10.
   * @minimum 0.1
   * @maximum 86400
   */
  duration_s?: number;
  /**
   * Ends the measurement of a trial after this many requests, if that is sooner, so that the raw
   * samples of fast systems stay small. Of the warm-up a tenth as many rows are kept, at most 1,000.
   * Default: no limit.
   * @asType integer
   * @minimum 10
   * @maximum 1000000000
   */
  samples?: number;
  /**
   * Seconds of load before the measurement may begin, however steady the workers are. Default: 1.
   * @minimum 0
   * @maximum 3600
   */
  warm_up_s?: number;
  /**
   * Seconds after which the measurement begins even if the workers are not steady. Default: 10.
   * @minimum 0
   * @maximum 3600
   */
  warm_up_limit_s?: number;
}

/** A block contains every cell once; systems take turns, in an order drawn from the seed. */
export interface Order {
  /**
   * Default: a new one for each run, which is recorded in the run.
   * @asType integer
   * @minimum 0
   * @maximum 4294967295
   */
  seed?: number;
  /**
   * Measures the two systems of the experiment at the same time, each on half of the processors; they
   * change sides in each block. Default: false.
   */
  duet?: boolean;
}

/**
 * After the launches of the repetition, the cells that need it most are launched again, until every
 * cell is as precise as requested or a limit is reached. Precision ends a run; significance never does.
 */
export interface StopRule {
  /** The figure whose interval counts. Default: median_response_ms. */
  measure?: 'throughput_per_s' | 'median_response_ms' | 'p95_response_ms';
  /**
   * Half the width of the 95 % interval, relative to the value: 0.02 is ± 2 %.
   * @exclusiveMinimum 0
   * @maximum 1
   */
  relative_half_width: number;
  /**
   * Seconds that the run may take in total; no trial that would end later is begun.
   * @exclusiveMinimum 0
   */
  budget_s: number;
  /**
   * The maximum number of launches of a cell. Default: 30.
   * @asType integer
   * @minimum 2
   * @maximum 1000
   */
  most_launches?: number;
}

/**
 * Limits beyond which a trial is kept, marked invalid and left out of every estimate. --quick lifts
 * those that are about a busy machine.
 */
export interface Validity {
  /**
   * Largest share of the processor time that other guests of the host may take. Default: 0.1.
   * @minimum 0
   * @maximum 1
   */
  steal_share?: number;
  /**
   * Largest share of the processor time that programs outside of the trial may use. Default: 0.05.
   * @minimum 0
   * @maximum 1
   */
  other_load_share?: number;
  /**
   * Largest median of the unaccounted time, as a share of the response time; less than a microsecond, in
   * which clocks are read, does not count. Default: 0.05.
   * @minimum 0
   * @maximum 1
   */
  unaccounted_share?: number;
  /**
   * Largest share of the requests that may fail. Default: 0; where faults are injected, any.
   * @minimum 0
   * @maximum 1
   */
  failed_share?: number;
  /**
   * How many products may be wrong. Default: 0.
   * @asType integer
   * @minimum 0
   */
  wrong?: number;
}

/**
 * @asType integer
 * @minimum 1
 */
export type MostWorkers = number;

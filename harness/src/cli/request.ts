import type { AxisValue } from '../experiment/axes.js';
import type { Overrides } from '../experiment/experiment.js';
import type { MetricsWish } from '../metrics/service.js';

/** Where things are, and how to print. */
export interface CommonFlags {
  readonly json: boolean;
  readonly out?: string;
  readonly build?: string;
  readonly browserPath?: string;
}

/** Of commands that run an experiment to its end. */
export interface EndOfRun {
  /** Whether figures and a page are drawn then; by default they are. */
  readonly report?: boolean;
}

export interface ExperimentRequest extends CommonFlags, EndOfRun {
  readonly command: 'run' | 'plan';
  /** A name of experiments/, or a file. */
  readonly experiment: string;
  readonly overrides: Overrides;
  readonly metrics?: MetricsWish;
  /** Of plan: whether, and with which spread, to say what the run could find. */
  readonly power?: PowerWish;
}

export interface PowerWish {
  /** Of the logarithm of a ratio from block to block; by default that of earlier runs. */
  readonly spread?: number;
}

/** Of commands that need nothing but their name. */
export interface PlainRequest extends CommonFlags {
  readonly command: 'list' | 'version';
}

export interface ReportRequest extends CommonFlags {
  readonly command: 'report';
  readonly run: string;
  /** The system to compare with, in place of the experiment's. */
  readonly over?: string;
}

export interface VerifyRequest extends CommonFlags {
  readonly command: 'verify';
  readonly run: string;
  /** The fingerprint that the run should have. */
  readonly expect?: string;
}

export interface ExportRequest extends CommonFlags {
  readonly command: 'export';
  readonly run: string;
  /** The file to write. */
  readonly openmetrics: string;
}

export interface ResumeRequest extends CommonFlags, EndOfRun {
  readonly command: 'resume';
  readonly run: string;
  readonly metrics?: MetricsWish;
}

export interface CompareRequest extends CommonFlags {
  readonly command: 'compare';
  readonly before: string;
  readonly after: string;
  /** Ratios closer to 1 count as equivalent. */
  readonly margin: number;
  readonly anyMachine: boolean;
  /** The spread between whole runs of the same thing, which is known. */
  readonly betweenRuns?: number;
  /** Folders of runs of the same thing, which show it. */
  readonly aa?: readonly string[];
}

export interface CheckRequest extends CommonFlags {
  readonly command: 'check';
  readonly run: string;
  /** The run that it should bear out. */
  readonly against: string;
  /** How far ratios may be apart. */
  readonly factor: number;
}

export interface DoctorRequest extends CommonFlags {
  readonly command: 'doctor';
  readonly seconds: number;
  readonly null: boolean;
  readonly seed?: number;
  readonly pin?: AxisValue<'pin'>;
  readonly duet: boolean;
  readonly noise: number;
}

export interface IsolationRequest extends CommonFlags {
  readonly command: 'isolation';
  /** Default: all that run a program outside the browser. */
  readonly engines?: readonly string[];
}

export interface OvershootRequest extends CommonFlags {
  readonly command: 'overshoot';
  /** Default: all that can limit anything. */
  readonly engines?: readonly string[];
  /** How often each limit is exceeded. */
  readonly repeats: number;
}

export interface FootprintRequest extends CommonFlags {
  readonly command: 'footprint';
  /** Default: all outside the browser. */
  readonly engines?: readonly string[];
  /** How often each is started. */
  readonly repeats: number;
}

export interface PortabilityRequest extends CommonFlags {
  readonly command: 'portability';
  /** Default: all outside the browser. */
  readonly engines?: readonly string[];
}

export interface OrchestrateRequest extends CommonFlags {
  readonly command: 'orchestrate';
  /** Default: all. */
  readonly orchestrators?: readonly string[];
  /** How often each is put through it. */
  readonly repeats: number;
}

export interface SendRequest extends CommonFlags {
  readonly command: 'send';
  /** Folders of runs, or folders that hold some. */
  readonly runs: readonly string[];
  /** postgres://USER@HOST/DATABASE, or whatever else psql takes. */
  readonly to: string;
  /** How long the server may be away. */
  readonly patienceS: number;
}

export interface SqlRequest extends CommonFlags {
  readonly command: 'sql';
  /** Default: what could be asked is shown. */
  readonly query?: string;
  /** Folders of runs, or folders that hold some. Default: results and results/reference. */
  readonly runs?: readonly string[];
  /** A file for what the query finds. */
  readonly to?: string;
}

export interface CompletionRequest extends CommonFlags {
  readonly command: 'completion';
  readonly shell: (typeof SHELLS)[number];
}

/** Those that can be told how to complete words; setup/completion/ has a file for each. */
export const SHELLS = ['bash', 'zsh'] as const;

/** What the command line asks for. */
export type Request =
  | CompletionRequest
  | ExperimentRequest
  | ExportRequest
  | PlainRequest
  | ReportRequest
  | VerifyRequest
  | ResumeRequest
  | CompareRequest
  | CheckRequest
  | DoctorRequest
  | FootprintRequest
  | IsolationRequest
  | OrchestrateRequest
  | OvershootRequest
  | PortabilityRequest
  | SendRequest
  | SqlRequest;

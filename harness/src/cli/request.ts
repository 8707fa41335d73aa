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

export interface ExperimentRequest extends CommonFlags {
  readonly command: 'run' | 'plan';
  /** A name of experiments/, or a file. */
  readonly experiment: string;
  readonly overrides: Overrides;
  readonly metrics?: MetricsWish;
}

/** Of commands that need nothing but their name. */
export interface PlainRequest extends CommonFlags {
  readonly command: 'list' | 'version';
}

/** Of the folder of a run. */
export interface RunRequest extends CommonFlags {
  readonly command: 'report' | 'verify';
  readonly run: string;
}

export interface ExportRequest extends CommonFlags {
  readonly command: 'export';
  readonly run: string;
  /** The file to write. */
  readonly openmetrics: string;
}

export interface ResumeRequest extends CommonFlags {
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
  | RunRequest
  | ResumeRequest
  | CompareRequest
  | DoctorRequest;

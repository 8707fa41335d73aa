/** One thing that this machine does to the numbers. */
export interface Finding {
  readonly what: string;
  readonly found: string;
  /** What it does to the numbers, and what to do about it; absent when nothing. */
  readonly advice?: string;
}

/** Which values a field of a system may have, and why it may have no other. */
export interface Rule<T extends string = string> {
  readonly expected: readonly T[];
  readonly because: string;
}

export function only<T extends string>(expected: T | readonly T[], because: string): Rule<T> {
  return { expected: [expected].flat() as T[], because };
}

/** Why something cannot be had at all. */
export interface Refusal {
  readonly because: string;
}

/** What an axis may ask of a system that its engine or its transport may have no use for. */
export type Refusable = 'split' | 'service_ms' | 'pin' | 'browser_flags';

/** Why a system cannot do what an axis asks for, by the axis. */
export type Refusals = Readonly<Partial<Record<Refusable, string>>>;

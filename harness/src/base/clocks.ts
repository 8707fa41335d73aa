import { uptime } from 'node:os';

/** What the clocks of this machine show at one moment, in milliseconds. */
export interface ClockReading {
  /** The time of day, which may be set. */
  readonly wallMs: number;
  /** Since some start, and not while the machine is suspended. */
  readonly monotonicMs: number;
  /** Since the machine's start, also while it is suspended; to 10 ms. */
  readonly bootMs: number;
}

/** The time between two moments. */
export interface Elapsed {
  /** By the time of day, as it was at the first moment. */
  readonly startedAt: Date;
  /** So much later: in that time of day even when it was set meanwhile, so never before it. */
  readonly endedAt: Date;
  /** By the monotonic clock. */
  readonly tookS: number;
  /** For how long the machine was suspended. */
  readonly suspendedS: number;
  /** How far the time of day was set meanwhile, forward or, negative, back. */
  readonly clockJumpS: number;
}

/** Clocks that differ by less drifted or were rounded. */
const LEAST_MS = 500;

/** Readings further apart than this are taken again: on a busy machine a program may wait in between. */
const CLOSE_MS = 20;
const TRIES = 5;

/**
 * CLOCK_REALTIME, CLOCK_MONOTONIC and CLOCK_BOOTTIME of clock_gettime(2), as nearly at one moment as
 * the machine lets them be read.
 */
export function readClocks(): ClockReading {
  let closest = readOnce();
  for (let tries = 1; tries < TRIES && closest.apartMs > CLOSE_MS; tries++) {
    const again = readOnce();
    if (again.apartMs < closest.apartMs) closest = again;
  }
  return closest.reading;
}

function readOnce(): { reading: ClockReading; apartMs: number } {
  const monotonicMs = performance.now();
  const reading = { wallMs: Date.now(), monotonicMs, bootMs: uptime() * 1000 };
  return { reading, apartMs: performance.now() - monotonicMs };
}

export function elapsedBetween(begin: ClockReading, end: ClockReading): Elapsed {
  const tookMs = end.monotonicMs - begin.monotonicMs;
  const suspendedMs = Math.max(0, noticeable(end.bootMs - begin.bootMs - tookMs));
  const lastedMs = tookMs + suspendedMs;
  return {
    startedAt: new Date(begin.wallMs),
    endedAt: new Date(begin.wallMs + lastedMs),
    tookS: seconds(tookMs),
    suspendedS: tenths(suspendedMs),
    clockJumpS: tenths(noticeable(end.wallMs - begin.wallMs - lastedMs)),
  };
}

/** What to know of that time, each a sentence; none when nothing happened to the clocks. */
export function clockNotes({ suspendedS, clockJumpS }: Elapsed): string[] {
  return [
    ...(suspendedS === 0 ? [] : [`the machine was suspended for ${suspendedS} s`]),
    ...(clockJumpS === 0
      ? []
      : [`the clock was set ${clockJumpS < 0 ? 'back' : 'forward'} by ${Math.abs(clockJumpS)} s`]),
  ];
}

function noticeable(ms: number): number {
  return Math.abs(ms) < LEAST_MS ? 0 : ms;
}

/** To the millisecond. */
function seconds(ms: number): number {
  return Math.round(ms) / 1000;
}

/** As well as clocks can be told from each other that are read one after the other. */
function tenths(ms: number): number {
  return Math.round(ms / 100) / 10;
}

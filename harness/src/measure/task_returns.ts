/** Tasks that a coordinator handed out in vain, by what it told at /metrics. */
export interface TaskReturns {
  readonly reason: string;
  readonly count: number;
}

/** Why tasks came back, and how many; a worker that gave one back unread lost nothing. */
export function taskReturns(metrics: string): TaskReturns[] {
  const counts = metrics.matchAll(
    /^enxame_task_returns_total\{(?:.*,)?reason="([^"]+)".*\} (\S+)$/gm,
  );
  return [...counts]
    .map(([, reason = '', count]) => ({ reason, count: Number(count) }))
    .filter(({ reason, count }) => reason !== 'given-back' && count > 0);
}

/** Attempts at tasks beyond the first; null where no coordinator told of any. */
export function repeatedAttempts(metrics: string | null): number | null {
  if (metrics === null || !metrics.includes('enxame_task_attempts_total')) return null;
  return taskReturns(metrics).reduce((sum, { count }) => sum + count, 0);
}

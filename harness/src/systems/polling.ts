/**
 * How often somebody asks where a system polls, in seconds, by the field of the system that says so:
 * the intervals that workers (worker/worker_options.h) and the client (coordinator/client/) have
 * unless they are told otherwise.
 */
export const POLL_PERIOD_S = { dispatch: 2, collection: 0.5 } as const;

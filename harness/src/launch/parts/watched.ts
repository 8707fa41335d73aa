/** A process that computes or carries what is measured; what it says of itself may change. */
export interface Watched {
  readonly what: string;
  /** undefined: it could not be started. */
  readonly pid: number | undefined;
  /** It was stopped on purpose. */
  readonly isPaused?: boolean;
  /** It was ended on purpose, and another process does its work. */
  readonly isReplaced?: boolean;
  readonly isTab?: boolean;
  /** Nobody else tells when it ends. */
  readonly mustLive?: boolean;
  /** How the words begin by which the end of what it is a part of is told. */
  readonly partOf?: string;
}

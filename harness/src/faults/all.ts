import type { FaultKind } from '../experiment/faults.js';
import { burst } from './burst.js';
import { corrupt } from './corrupt.js';
import { disconnect } from './disconnect.js';
import { freeze } from './freeze.js';
import { fullDisk } from './full_disk.js';
import type { Inject } from './handles.js';
import { kill } from './kill.js';
import { retryStorm } from './retry_storm.js';
import { slow } from './slow.js';
import { slowReaders } from './slow_readers.js';

/** How each kind of fault is injected; experiment/faults.ts says which fields and systems each needs. */
export const FAULTS: Readonly<Record<FaultKind, Inject>> = {
  kill,
  freeze,
  slow,
  disconnect,
  corrupt,
  'full-disk': fullDisk,
  burst,
  'slow-readers': slowReaders,
  'retry-storm': retryStorm,
};

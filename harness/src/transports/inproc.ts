import { only } from '../systems/rule.js';
import { ANSWERED, HANDED_OVER, type Transport } from './transport.js';

/** None: threads of the load generator compute. */
export const inproc: Transport<'inproc'> = {
  name: 'inproc',
  rules: {
    topology: only('in-process', 'threads of the client compute'),
    codec: only('none', 'nothing travels'),
    dispatch: HANDED_OVER,
    collection: ANSWERED,
    connections: only([], 'there are none'),
  },
  defaults: { topology: 'in-process', collection: null, connections: null },
  refuses: {
    split: 'transport inproc has no workers to share a task',
    service_ms: 'transport inproc has no workers to hold a task',
    pin: 'transport inproc has no workers to place',
  },
  namesWorkers: false,
  loadFlags: ({ kernel }) => ({ kernel }),
  secondsPerTask: 3e-6,
};

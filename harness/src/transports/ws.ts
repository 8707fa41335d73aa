import { only } from '../systems/rule.js';
import { RELAYED, STAYS_OPEN, type Transport } from './transport.js';

/** WebSocket: a coordinator pushes tasks to workers, and products to clients. */
export const ws: Transport<'ws'> = {
  name: 'ws',
  rules: {
    topology: RELAYED,
    codec: only('binary', 'its messages hold frames'),
    dispatch: only('push', 'tasks that workers ask for are transport rest'),
    collection: only([], 'the product is pushed'),
    connections: STAYS_OPEN,
  },
  defaults: { topology: 'relayed', collection: null, connections: 'kept' },
  refuses: {},
  namesWorkers: true,
  loadFlags: () => ({}),
  secondsPerTask: 2e-4,
};

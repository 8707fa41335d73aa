import { only } from '../systems/rule.js';
import { STAYS_OPEN, type Transport } from './transport.js';

/** WebSocket: a coordinator pushes tasks to workers, and products to clients. */
export const ws: Transport<'ws'> = {
  name: 'ws',
  topology: 'relayed',
  rules: {
    codec: only('binary', 'its messages hold frames'),
    dispatch: only('push', 'tasks that workers ask for are transport rest'),
    collection: only([], 'the product is pushed'),
    connections: STAYS_OPEN,
  },
  defaults: { collection: null, connections: 'kept' },
  refuses: {},
  namesWorkers: true,
  needs: ({ coordinator }) => [coordinator],
  loadFlags: () => ({}),
  secondsPerTask: 2e-4,
};

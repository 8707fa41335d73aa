import { only } from '../systems/rule.js';
import { ANSWERED, CALLED, HANDED_OVER, STAYS_OPEN, type Transport } from './transport.js';

/** Frames inside gRPC's messages. */
export const grpc: Transport<'grpc'> = {
  name: 'grpc',
  rules: {
    topology: CALLED,
    codec: only('binary', 'its messages hold frames'),
    dispatch: HANDED_OVER,
    collection: ANSWERED,
    connections: STAYS_OPEN,
  },
  defaults: { topology: 'direct', collection: null, connections: 'kept' },
  refuses: {},
  namesWorkers: true,
  loadFlags: () => ({}),
  secondsPerTask: 2e-4,
};

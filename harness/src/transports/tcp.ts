import { only } from '../systems/rule.js';
import { ANSWERED, CALLED, HANDED_OVER, type Transport } from './transport.js';

/** Frames over TCP connections that stay. */
export const tcp: Transport<'tcp'> = {
  name: 'tcp',
  rules: {
    topology: CALLED,
    codec: only('binary', 'its messages hold frames; text over TCP is transport tcp-text'),
    dispatch: HANDED_OVER,
    collection: ANSWERED,
    connections: only('kept', 'a connection per call is transport tcp-text'),
  },
  defaults: { topology: 'direct', collection: null, connections: 'kept' },
  refuses: {},
  namesWorkers: true,
  loadFlags: () => ({}),
  secondsPerTask: 5e-5,
};

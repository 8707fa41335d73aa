import { only } from '../systems/rule.js';
import { ANSWERED, CALLED, HANDED_OVER, type Transport } from './transport.js';

/** The original's RPC: text, and a TCP connection for each call. */
export const tcpText: Transport<'tcp-text'> = {
  name: 'tcp-text',
  rules: {
    topology: CALLED,
    codec: only('json', 'its messages are text; frames over TCP are transport tcp'),
    dispatch: HANDED_OVER,
    collection: ANSWERED,
    connections: only('per-request', 'its protocol ends a call with the connection'),
  },
  defaults: { topology: 'direct', collection: null, connections: 'kept' },
  refuses: {},
  namesWorkers: true,
  loadFlags: () => ({}),
  secondsPerTask: 2e-4,
  // A system call for each byte, of which a whole number has about three.
  secondsPerElement: 1.4e-6,
};

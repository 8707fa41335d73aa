import { only } from '../systems/rule.js';
import { ANSWERED, HANDED_OVER, type Transport } from './transport.js';

/** The original's RPC: text, and a TCP connection for each call. */
export const tcpText: Transport<'tcp-text'> = {
  name: 'tcp-text',
  topology: 'direct',
  rules: {
    codec: only('json', 'its messages are text; frames over TCP are transport tcp'),
    dispatch: HANDED_OVER,
    collection: ANSWERED,
    connections: only('per-request', 'its protocol ends a call with the connection'),
  },
  defaults: { collection: null, connections: 'kept' },
  refuses: { split: "the original's RPC never splits a task" },
  namesWorkers: true,
  needs: () => [],
  loadFlags: () => ({}),
  secondsPerTask: 2e-4,
};

import { only } from '../systems/rule.js';
import { OVER_HTTP } from '../systems/topologies.js';
import { RELAYED, type Transport } from './transport.js';

/** HTTP: workers ask a coordinator for tasks, clients for products. */
export const rest: Transport<'rest'> = {
  name: 'rest',
  rules: {
    topology: RELAYED,
    codec: only(['json', 'binary'], 'a body is text or frames'),
    dispatch: only(
      ['poll', 'long-poll'],
      'over HTTP workers ask for tasks; pushed tasks are transport ws',
    ),
    collection: only(['long-poll', 'poll'], 'over HTTP clients ask for products'),
    connections: OVER_HTTP,
  },
  defaults: { topology: 'relayed', collection: 'long-poll', connections: 'kept' },
  refuses: {},
  namesWorkers: true,
  canRepeat: true,
  loadFlags: ({ codec, collection, connections }) => ({ codec, collection, connections }),
  secondsPerTask: 4e-4,
};

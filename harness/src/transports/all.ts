import { namesOf, Registry } from '../systems/registry.js';
import { grpc } from './grpc.js';
import { inproc } from './inproc.js';
import { rest } from './rest.js';
import { tcp } from './tcp.js';
import { tcpText } from './tcp_text.js';
import type { Transport } from './transport.js';
import { ws } from './ws.js';

const ALL = [inproc, tcp, tcpText, grpc, rest, ws];

export const TRANSPORTS = new Registry<Transport>('transport', ALL);
export const TRANSPORT_NAMES = namesOf(ALL);

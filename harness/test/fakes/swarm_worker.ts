/**
 * Stands in for swarm-worker: asks the coordinator for work, again and again. ENXAME_FAKE makes it
 * behave badly: `swarm:refuse` ends at once.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

const option = { type: 'string' } as const;
const { values } = parseArgs({
  options: {
    coordinator: option,
    'worker-id': option,
    dispatch: option,
    codec: option,
    kernel: option,
    'service-time': option,
  },
});

if (process.env['ENXAME_FAKE'] === 'swarm:refuse') {
  process.stderr.write(`cannot reach ${values.coordinator}\n`);
  process.exit(1);
}
process.on('SIGTERM', () => process.exit(0));

for (;;) {
  await fetch(`${values.coordinator}/task/next?workerId=${values['worker-id']}`);
  await sleep(50);
}

/** Keeps the share of a processor that is its argument busy, in turns of 20 ms, until it is ended. */
const TURN_MS = 20;
const share = Number(process.argv[2]);

function work(): void {
  const until = performance.now() + share * TURN_MS;
  while (performance.now() < until);
}

work();
setInterval(work, TURN_MS);

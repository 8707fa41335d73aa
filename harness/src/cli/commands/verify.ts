import { resolve } from 'node:path';
import { verify } from '../../analysis/verify.js';
import { EXIT, print, printJson, say } from '../../base/console.js';
import type { VerifyRequest } from '../request.js';

/** Checks a run and prints what is wrong with it. */
export async function verifyRun({ run, expect, json }: VerifyRequest): Promise<number> {
  const begin = performance.now();
  let lastMs = begin;
  const onTrial = (done: number, of: number) => {
    if (performance.now() - lastMs < 2000) return;
    lastMs = performance.now();
    say(`checked ${done} of ${of} trials`);
  };
  const found = await verify(resolve(run), onTrial, expect);
  const { problems, trials, samples, claims, fingerprint } = found;
  if (json) {
    printJson({ run, ...found });
  } else {
    for (const problem of problems) print(problem);
    print(`${run}: fingerprint ${fingerprint}`);
    const conclusion =
      problems.length === 0
        ? 'OK: files, numbers and claims verified'
        : `${problems.length} problems`;
    const counted = `${trials} trials, ${samples} samples, ${claims} claims`;
    print(
      `${run}: ${conclusion} (${counted}, ${((performance.now() - begin) / 1000).toFixed(1)} s)`,
    );
  }
  return problems.length === 0 ? EXIT.ok : EXIT.error;
}

import { EXIT, print, printJson, say } from '../../base/console.js';
import type { Finding } from '../../doctor/finding.js';
import { examineMachine } from '../../doctor/machine.js';
import { nullRun } from '../../doctor/null.js';
import { makePaths } from '../../experiment/paths.js';
import { openScope } from '../../run/scope.js';
import type { DoctorRequest } from '../request.js';
import { measureAlone } from './run.js';

/** Says what this machine will do to the numbers; with --null, by measuring the same twice. */
export async function examine(root: string, request: DoctorRequest): Promise<number> {
  const paths = makePaths(root, request);
  if (request.null) {
    return nullRun(root, request, (experiment) =>
      measureAlone(experiment, paths, ['doctor', '--null']),
    );
  }
  say(`watching the machine for ${request.seconds} s, then measuring for about 20 s`);
  const findings = await examineMachine(paths, request.seconds, openScope());
  if (request.json) printJson(findings);
  else for (const finding of findings) print(render(finding));
  return findings.some(({ advice }) => advice !== undefined) ? EXIT.noisy : EXIT.ok;
}

function render({ what, found, advice }: Finding): string {
  const line = `${advice === undefined ? 'ok  ' : 'NOTE'}  ${what}: ${found}`;
  return advice === undefined ? line : `${line}\n      ${advice}`;
}

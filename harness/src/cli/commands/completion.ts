import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT, print } from '../../base/console.js';
import type { CompletionRequest } from '../request.js';

/** Prints what makes a shell complete the words of run-experiment. */
export function showCompletion(root: string, { shell }: CompletionRequest): number {
  print(readFileSync(join(root, 'setup', 'completion', shell), 'utf8').trimEnd());
  return EXIT.ok;
}

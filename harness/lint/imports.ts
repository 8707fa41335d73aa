import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/** The sources of C++ and TypeScript that git knows, or would with the next commit, relative to the root of the repository. */
export function sourceFiles(root: string): string[] {
  const listed = execFileSync(
    'git',
    ['ls-files', '--cached', '--others', '--exclude-standard', '-z', '--', '*.cc', '*.h', '*.ts'],
    { cwd: root, encoding: 'utf8' },
  );
  return listed.split('\0').filter((file) => file !== '' && existsSync(join(root, file)));
}

/** The files of the repository that a file includes or imports, types as well, relative to the root. */
export function importsOf(root: string, file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  const found = file.endsWith('.ts')
    ? [...text.matchAll(/(?:\bfrom|\bimport\(?) ?'(\.[^']+)\.js'/g)].map((match) =>
        normalize(join(dirname(file), `${match[1]}.ts`)),
      )
    : [...text.matchAll(/^#include "([^"]+)"/gm)].map((match) => match[1] ?? '');
  return found.filter((target) => existsSync(join(root, target)));
}

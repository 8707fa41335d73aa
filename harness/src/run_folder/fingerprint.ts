import { hashOf } from './hash.js';
import type { Manifest } from './manifest.js';

/**
 * The SHA-256 that stands for a whole run: of the lines `<sha256>  <path>` of its experiment and of the
 * files in its manifest, in order of their paths. One of those files holds the hashes of the files of all trials.
 */
export function fingerprintOf({ experiment_sha256, files }: Manifest): string {
  const hashes = [{ path: 'experiment', sha256: experiment_sha256 }, ...files];
  const lines = hashes
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
    .map(({ path, sha256 }) => `${sha256}  ${path}\n`);
  return hashOf(lines.join(''));
}

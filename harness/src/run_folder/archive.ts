import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync, rmSync, statSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { moveIntoPlace, removePart, WriteError } from './files.js';
import type { FileRecord } from './hash.js';

/** A third of the size in a third of the time of the default level: for what is large. */
const FAST_LEVEL = 3;
/** A sixth less than that. */
const SMALL_LEVEL = 9;
/** So much is compressed in a fraction of a second at any level. */
const SMALL_BYTES = 4 * 2 ** 20;

/**
 * Compresses the file `plain` into `path`, which the folder of the run knows as `name`, makes it
 * durable and removes `plain`. Undefined when there is no such file. Throws WriteError, and then `plain`
 * is still there.
 */
export async function compressInto(
  plain: string,
  path: string,
  name: string,
): Promise<FileRecord | undefined> {
  if (!existsSync(plain)) return undefined;
  const part = `${path}.new`;
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    await pipeline(
      createReadStream(plain),
      createGzip({ level: statSync(plain).size <= SMALL_BYTES ? SMALL_LEVEL : FAST_LEVEL }),
      async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          hash.update(chunk);
          bytes += chunk.length;
          yield chunk;
        }
      },
      createWriteStream(part, { flush: true }),
    );
    moveIntoPlace(part, path);
  } catch (error) {
    removePart(part);
    throw new WriteError(path, error);
  }
  rmSync(plain);
  return { path: name, bytes, sha256: hash.digest('hex') };
}

/**
 * A page of metrics (Prometheus' text format) without the series that are 0: they are most of it, and say
 * as much by not being there.
 */
export function withoutZeros(metrics: string): string {
  return metrics.replaceAll(/^[^#\n].* 0\n/gm, '');
}

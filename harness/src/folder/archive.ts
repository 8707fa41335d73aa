import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { FileRecord } from './hash.js';
import { syncFolder } from './store.js';

/** A third of the size in a third of the time of the default level. */
const LEVEL = 3;

/**
 * Compresses the file `plain` into `path`, which the folder of the run knows as `name`, makes it
 * durable and removes `plain`. Undefined when there is no such file.
 */
export async function compressInto(
  plain: string,
  path: string,
  name: string,
): Promise<FileRecord | undefined> {
  if (!existsSync(plain)) return undefined;
  const hash = createHash('sha256');
  let bytes = 0;
  await pipeline(
    createReadStream(plain),
    createGzip({ level: LEVEL }),
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        bytes += chunk.length;
        yield chunk;
      }
    },
    createWriteStream(`${path}.new`, { flush: true }),
  );
  renameSync(`${path}.new`, path);
  syncFolder(dirname(path));
  rmSync(plain);
  return { path: name, bytes, sha256: hash.digest('hex') };
}

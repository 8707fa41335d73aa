import { writeSync } from 'node:fs';

/**
 * Writes all of `content`, from `position` on or where the file stands: write(2) may take a part of it
 * only, as on a disk that fills up.
 */
export function writeAll(file: number, content: Buffer, position: number | null = null): void {
  for (let done = 0; done < content.length; ) {
    const at = position === null ? null : position + done;
    done += writeSync(file, content, done, content.length - done, at);
  }
}

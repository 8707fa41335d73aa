/** A folder of sources, with those of its folders that are no room of their own. */
export interface Room {
  /** `coordinator/store/`. */
  readonly folder: string;
  /** The folders of the rooms that its files may include or import. */
  readonly knows: ReadonlySet<string>;
}

/** The heading of the table in docs/architecture.md. */
const HEADING = '## The rooms, and who knows whom';

/**
 * Reads the table: a line for each room, `folder/  what is in it  whom it knows`, with two spaces or more between them; whom it
 * knows is `nobody` or folders with commas between. Throws when a room knows one that does not stand above it: so there are no
 * circles.
 */
export function readRooms(markdown: string): Room[] {
  const table = markdown.split(HEADING)[1]?.split('```')[1];
  if (table === undefined) throw new Error(`there is no table under "${HEADING}"`);
  const rooms: Room[] = [];
  for (const line of table.split('\n')) {
    const [folder, , known] = line.trim().split(/ {2,}/);
    if (folder === undefined || known === undefined) continue;
    const knows = known === 'nobody' ? [] : known.split(',').map((name) => `${name.trim()}/`);
    for (const name of knows) {
      if (rooms.some((room) => room.folder === name)) continue;
      throw new Error(`${folder} knows ${name}, which is no room above it`);
    }
    rooms.push({ folder, knows: new Set(knows) });
  }
  return rooms;
}

/** `coordinator/store/task.cc includes http/server.h: coordinator/store/ does not know http/`, for each file that does so. */
export function offences(
  rooms: readonly Room[],
  imports: ReadonlyMap<string, readonly string[]>,
): string[] {
  const found: string[] = [];
  for (const [file, targets] of imports) {
    if (isForMeasuringOrTesting(file)) continue;
    const room = roomOf(rooms, file);
    if (room === undefined) {
      found.push(`${file} is in no room`);
      continue;
    }
    for (const target of targets) {
      const other = roomOf(rooms, target);
      if (other === undefined || other === room || room.knows.has(other.folder)) continue;
      found.push(`${file} uses ${target}: ${room.folder} does not know ${other.folder}`);
    }
  }
  return found;
}

/** The innermost room that holds the file. */
function roomOf(rooms: readonly Room[], file: string): Room | undefined {
  let innermost: Room | undefined;
  for (const room of rooms) {
    if (!file.startsWith(room.folder)) continue;
    if (innermost === undefined || room.folder.length > innermost.folder.length) innermost = room;
  }
  return innermost;
}

/** Which may know anybody, and be as long as they need. */
export function isForMeasuringOrTesting(file: string): boolean {
  return /(^|\/)(test|bench|fuzz|simulation|lint)\//.test(file);
}

import { ProcessPart } from '../launch/parts/process_part.js';
import type { Inject } from './handles.js';

/** From now on the first element of every product of a worker is wrong, until it is restarted. */
export const corrupt: Inject = async ({ fault, handles }) => {
  const part = handles.part(fault.of);
  if (!(part instanceof ProcessPart)) {
    throw new Error(`${part.name} is not a program, so its products cannot be corrupted`);
  }
  part.corrupt();
};

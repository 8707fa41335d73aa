import { fileURLToPath } from 'node:url';

/** The compiled program behind `./run-experiment`. */
export const MAIN = fileURLToPath(new URL('../main.js', import.meta.url));

// A program of WASI preview 1 in this thread, asked one message at a time: stdio-worker.wasm, the file that runtimes outside the
// browser run. Its export answer_one() reads a message from stdin and writes its answer to stdout; both are memory of whoever asks.

const SUCCESS = 0;
const BAD_DESCRIPTOR = 8;
const NO_SEEK = 70;
const [STDIN, STDOUT, STDERR] = [0, 1, 2];
const REALTIME = 0;

/** Loads the module that the query of the page names; undefined where it names none. */
export async function loadGuest(query) {
  const name = new URLSearchParams(query).get('module');
  // What is no file beside the page, the worker refuses with a word about it.
  if (name === null || !/^[a-z0-9-][a-z0-9.-]*\.wasm$/.test(name)) return undefined;
  const response = await fetch(new URL(name, import.meta.url));
  if (!response.ok) throw new Error(`${name}: ${response.status} ${response.statusText}`);
  return new Guest(await WebAssembly.compile(await response.arrayBuffer()));
}

export class Guest {
  #module;
  #instance;
  #input = [];
  #output = { bytes: 0, parts: [] };

  constructor(module) {
    this.#module = module;
  }

  /**
   * Has it read `pieces`, and puts its answer into `parts`, one after the other; what has no room is thrown away. Returns how many bytes
   * the answer had; -1 when it has trapped or ended, after which the next one has a new instance.
   */
  answer(pieces, parts) {
    this.#input = [...pieces];
    this.#output = { bytes: 0, parts: [...parts] };
    try {
      this.#instance ??= new WebAssembly.Instance(this.#module, { wasi_snapshot_preview1: this.#wasi() });
      this.#instance.exports.answer_one();
      return this.#output.bytes;
    } catch (error) {
      console.warn('the engine ended:', error);
      this.#instance = undefined;
      return -1;
    }
  }

  #wasi() {
    const memory = () => new DataView(this.#instance.exports.memory.buffer);
    const each = (list, count) =>
      Array.from({ length: count }, (_, i) => {
        const view = memory();
        const at = view.getUint32(list + 8 * i, true);
        return new Uint8Array(view.buffer, at, view.getUint32(list + 8 * i + 4, true));
      });
    return {
      fd_read: (fd, list, count, cameAt) => {
        if (fd !== STDIN) return BAD_DESCRIPTOR;
        const came = each(list, count).reduce((sum, into) => sum + this.#read(into), 0);
        memory().setUint32(cameAt, came, true);
        return SUCCESS;
      },
      fd_write: (fd, list, count, sentAt) => {
        if (fd !== STDOUT && fd !== STDERR) return BAD_DESCRIPTOR;
        const pieces = each(list, count);
        if (fd === STDOUT) for (const piece of pieces) this.#write(piece);
        else console.warn(pieces.map((piece) => new TextDecoder().decode(piece)).join(''));
        memory().setUint32(sentAt, pieces.reduce((sum, piece) => sum + piece.length, 0), true);
        return SUCCESS;
      },
      fd_close: () => SUCCESS,
      fd_seek: () => NO_SEEK,
      clock_time_get: (clock, _precision, at) => {
        const ms = performance.now() + (clock === REALTIME ? performance.timeOrigin : 0);
        memory().setBigUint64(at, BigInt(Math.round(ms * 1e6)), true);
        return SUCCESS;
      },
      proc_exit: (status) => {
        throw new Error(`exit status ${status}`);
      },
    };
  }

  /** Fills `into` with what there is of the input, and returns how much that was. */
  #read(into) {
    let done = 0;
    while (done < into.length && this.#input.length > 0) {
      const piece = this.#input[0];
      const some = piece.subarray(0, into.length - done);
      into.set(some, done);
      done += some.length;
      if (some.length < piece.length) this.#input[0] = piece.subarray(some.length);
      else this.#input.shift();
    }
    return done;
  }

  #write(piece) {
    const output = this.#output;
    output.bytes += piece.length;
    let rest = piece;
    while (rest.length > 0 && output.parts.length > 0) {
      const part = output.parts[0];
      const some = rest.subarray(0, part.length);
      part.set(some);
      rest = rest.subarray(some.length);
      if (some.length < part.length) output.parts[0] = part.subarray(some.length);
      else output.parts.shift();
    }
  }
}

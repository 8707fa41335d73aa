// Why something of a page could not be loaded or started, in words for the person in front of it: what is wrong and what to do.

// A function that makes a vector of bytes: (i8x16.splat (i32.const 0)).
const SIMD = Uint8Array.of(
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00], // "\0asm", version 1
  ...[0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b], // a type: () → v128
  ...[0x03, 0x02, 0x01, 0x00], // a function of that type
  ...[0x0a, 0x08, 0x01, 0x06, 0x00, 0x41, 0x00, 0xfd, 0x0f, 0x0b], // its code
);

const RELOAD = 'Then reload the page.';

/**
 * What was behind `error`, which came of loading one of `files` (in the folder of this script) or of starting what is in them. Looks
 * only now for what may be the cause, so that it costs nothing as long as all is well.
 */
export async function explain(error, files) {
  if (typeof WebAssembly === 'undefined')
    return `WebAssembly is switched off in this browser, or it has none, and the matrices are multiplied in it. Switch it on (Chrome: allow the V8 optimizer in the site's settings; Host: leave the enhanced security mode; Firefox: javascript.options.wasm in about:config; Safari: leave the lockdown mode), or open this page in another browser. ${RELOAD}`;
  if (/content security policy|unsafe-eval/i.test(String(error)))
    return `A Content-Security-Policy forbids what this page needs: ${error.message ?? error}. The page's own allows it, so something on the way to the coordinator adds another, or an extension does; let it allow script-src 'self' 'wasm-unsafe-eval', worker-src 'self' and connect-src 'self'. ${RELOAD}`;
  for (const file of files) {
    const problem = await problemOf(file);
    if (problem !== undefined) return problem;
  }
  if (!WebAssembly.validate(SIMD))
    return `This browser runs WebAssembly without SIMD, which the worker needs: Chrome and Host have it since 91, Firefox since 89, Safari since 16.4, on processors that are younger than 2008. Open this page in another browser.`;
  if (error instanceof RangeError && /memory/i.test(error.message))
    return `There is not enough memory for the page's module (${error.message}). Close other tabs. ${RELOAD}`;
  return `${error?.message ?? error}. Reload the page to try again; should that not help, open it in another browser.`;
}

/** What is wrong with a file of the site; undefined when it arrives as it should. */
async function problemOf(file) {
  const address = new URL(file, import.meta.url);
  let response;
  try {
    response = await fetch(address, { cache: 'no-store' });
  } catch (error) {
    return `${address.pathname} could not be loaded: no answer (${error.message}). The coordinator is away, or this machine is offline, or an extension blocks it. Start it, or go online. ${RELOAD}`;
  }
  const type = response.headers.get('Content-Type') ?? 'of no type';
  if (!response.ok || !(await isWhatItShouldBe(file, type, response)))
    return `${address.pathname} could not be loaded: the answer is ${type} with status ${response.status}. ${adviceFor(response.status)} ${RELOAD}`;
  return undefined;
}

async function isWhatItShouldBe(file, type, response) {
  if (!file.endsWith('.wasm')) return /javascript/i.test(type);
  const start = new Uint8Array(await response.arrayBuffer()).subarray(0, 4);
  return String.fromCharCode(...start) === '\0asm';
}

function adviceFor(status) {
  if (status === 404)
    return 'The site is not complete, or a proxy does not pass this address on: have the target site built, and the proxy pass on everything below the folder of this page.';
  if (status >= 500)
    return 'A proxy does not reach the coordinator, or it does not serve: start it.';
  return 'Something between this page and the coordinator answers in its place: have it pass the file on as it is.';
}

/** Shows `text` in place of what `element` says, should the page not have come further after some seconds. */
export function sayWhenLate(element, isStillLoading) {
  setTimeout(() => {
    if (isStillLoading())
      element.textContent =
        'Still loading. Either the way to the coordinator is slow, or other tabs of this browser hold all of its connections: of one server it opens six at a time, and each worker with dispatch=long-poll in its address holds one. Close some of them, or open them without that.';
  }, LATE_MS);
}

const LATE_MS = 10_000;

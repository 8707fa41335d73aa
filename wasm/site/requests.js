// Requests to the coordinator: where it is, and what came of one.

const encoder = new TextEncoder();

/** Of "#token=…" at the end of the page's address, which browsers send to nobody. What cannot be a token is none (http/access_tokens.h). */
const [token] =
  /^[\w.~-]{16,256}$/.exec(new URLSearchParams(self.location.hash.slice(1)).get('token')) ?? [];

/** The fields of a request that show the page's token, if it has one. */
const authorization = token === undefined ? [] : [['Authorization', `Bearer ${token}`]];

/** What shows it in the handshake of a WebSocket, which has no room for fields. */
export const subprotocols = token === undefined ? [] : ['enxame', `bearer.${token}`];

/** Where a path of the coordinator is: below the folder of these scripts, so that the prefix of a proxy is part of it. */
export function addressOf(target) {
  return new URL(`.${target}`, import.meta.url);
}

/** Sends one request; an answer that does not come is one with status 0 that says why. */
export async function exchange({ method, target, headers, body, timeoutMs }) {
  const controller = new AbortController();
  const timer = setTimeout(
    () => controller.abort(new Error(`nothing within ${timeoutMs} ms`)),
    timeoutMs,
  );
  try {
    const response = await fetch(addressOf(target), {
      method,
      headers: [...toPairs(headers), ...authorization],
      body: body.length > 0 ? body : undefined, // copied by fetch before it returns
      cache: 'no-store',
      redirect: 'manual',
      signal: controller.signal,
    });
    if (response.type === 'opaqueredirect')
      return noAnswer(
        'something between this page and the coordinator redirects, to a login perhaps',
      );
    const bytes = new Uint8Array(await response.arrayBuffer());
    return { status: response.status, headers: toLines(response.headers), bytes };
  } catch (error) {
    return noAnswer(error.message);
  } finally {
    clearTimeout(timer);
  }
}

export function noAnswer(reason) {
  return { status: 0, headers: '', bytes: encoder.encode(reason) };
}

function toPairs(lines) {
  return lines
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split(': ', 2));
}

function toLines(headers) {
  return [...headers].map(([name, value]) => `${name}: ${value}\n`).join('');
}

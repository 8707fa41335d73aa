// How many tabs of this browser hold a connection to the coordinator with a question that waits (dispatch=long-poll). With HTTP/1.1 a
// browser opens six connections to a server, for all tabs together: beyond that nothing loads any more.

const CONNECTIONS = 6;
/** The main app and the page that is opened next need one, too. */
const CROWDED = CONNECTIONS - 1;

/**
 * Counts such tabs, this one among them if it `holds` a connection, and tells `show` what to say of it, '' while there are few. Tabs
 * hear of each other when one is opened or closed; one that crashes is forgotten when the next is opened.
 */
export function watchCrowd(holds, show) {
  if (typeof BroadcastChannel === 'undefined' || sharesOneConnection()) return;
  const channel = new BroadcastChannel(
    `enxame-long-polls ${new URL('.', import.meta.url).pathname}`,
  );
  const own = crypto.getRandomValues(new Uint32Array(2)).join('-');
  let others = new Set();

  const tell = (what) => channel.postMessage({ what, who: own });
  const update = () => show(inWords(others.size + (holds ? 1 : 0)));

  channel.addEventListener('message', ({ data: { what, who } }) => {
    if (what === 'who is here') {
      others = new Set();
      if (holds) tell('here');
    }
    if (what === 'here') others.add(who);
    if (what === 'gone') others.delete(who);
    update();
  });
  addEventListener('pagehide', () => tell('gone'));
  addEventListener('pageshow', ({ persisted }) => persisted && tell('who is here'));
  tell('who is here');
  if (holds) tell('here');
}

/** HTTP/2 and 3, which a proxy may speak, carry all requests over one connection. */
function sharesOneConnection() {
  const [navigation] = performance.getEntriesByType('navigation');
  return /^h[23]/.test(navigation?.nextHopProtocol ?? '');
}

function inWords(count) {
  if (count < CROWDED) return '';
  return `${count} worker tabs of this browser each hold one of the ${CONNECTIONS} connections that it opens to a server, so further pages of the coordinator may not load. Open workers without dispatch=long-poll in their address: those that have their tasks pushed need none of the six.`;
}

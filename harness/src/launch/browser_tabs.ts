import type { Cell } from '../experiment/cells.js';
import type { Trial } from '../experiment/plan.js';
import type { Teardown } from '../teardown.js';
import { dealUrls, HeadlessBrowser } from './browser.js';
import type { Crew } from './swarm.js';
import type { Workshop } from './workshop.js';

/** Opens a page for each worker of the coordinator at `url`. */
export async function openTabs(
  trial: Trial,
  url: string,
  workshop: Workshop,
  teardown: Teardown,
): Promise<Crew> {
  const { cell } = trial;
  const urls = Array.from({ length: cell.workers }, (_, i) => workerUrl(url, cell, `w${i + 1}`));
  const browsers = await Promise.all(
    dealUrls(urls, cell.browsers).map((dealt) => openPages(dealt, cell, workshop, teardown)),
  );
  return {
    cpuSeconds: async () => {
      const used = await Promise.all(browsers.map((browser) => browser.cpuSeconds()));
      return { browser: used.reduce((sum, seconds) => sum + seconds, 0) };
    },
    countAttachedPages: async () => {
      const counts = await Promise.all(browsers.map((browser) => browser.countPages()));
      return counts.reduce((sum, count) => sum + count.attached, 0);
    },
    // A page that goes says nothing: the coordinator then waits for it in vain.
    lost: new Promise(() => undefined),
  };
}

async function openPages(
  urls: readonly string[],
  { attached, browserFlags }: Cell,
  { paths, programs, signal }: Workshop,
  teardown: Teardown,
): Promise<HeadlessBrowser> {
  const browser = await HeadlessBrowser.launch(
    paths.browser,
    programs,
    teardown,
    signal,
    browserFlags,
  );
  if (attached) await browser.openAttached(urls, signal);
  else await browser.openUnattached(urls, signal);
  return browser;
}

/** The page of a worker, which arms itself from its URL. */
export function workerUrl(
  coordinator: string,
  { system, serviceMs }: Pick<Cell, 'system' | 'serviceMs'>,
  workerId: string,
): string {
  const { dispatch, codec, kernel } = system;
  const query = new URLSearchParams({ workerId, dispatch, codec, kernel });
  if (serviceMs > 0) query.set('serviceTime', String(serviceMs));
  return `${coordinator}/worker.html?${query}`;
}

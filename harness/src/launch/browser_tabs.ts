import type { Cell } from '../experiment/cells.js';
import type { Trial } from '../experiment/plan.js';
import { dealUrls, HeadlessBrowser } from './browser.js';
import type { Crew } from './swarm.js';
import { type Launch, logOf, type Workshop } from './workshop.js';

/** For the tabs that answer to do so, when others are stopped. */
const ANSWER_PATIENCE_MS = 1_000;

/** Opens a page for each worker of the coordinator at `url`. */
export async function openTabs(
  trial: Trial,
  url: string,
  workshop: Workshop,
  launch: Launch,
): Promise<Crew> {
  const { cell } = trial;
  const urls = Array.from({ length: cell.workers }, (_, i) => workerUrl(url, cell, `w${i + 1}`));
  const dealt = dealUrls(urls, cell.browsers);
  const browsers = await Promise.all(
    dealt.map((own, i) =>
      openPages(own, { number: i + 1, of: dealt.length }, trial, workshop, launch),
    ),
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
    processes: async () =>
      (await Promise.all(browsers.map((browser) => browser.processes()))).flat(),
    findDeafWorkers: async () =>
      (await Promise.all(browsers.map((browser) => browser.findDeaf(ANSWER_PATIENCE_MS)))).flat(),
  };
}

async function openPages(
  urls: readonly string[],
  { number, of }: { number: number; of: number },
  trial: Trial,
  { paths, programs, signal, logs }: Workshop,
  { teardown, losses }: Launch,
): Promise<HeadlessBrowser> {
  const { attached, browserFlags: flags, workers: pages } = trial.cell;
  const log = logOf(logs, trial, of === 1 ? 'browser' : `browser-${number}`);
  const options = { flags, log, browsers: of, pages };
  const browser = await HeadlessBrowser.launch(paths.browser, programs, teardown, signal, options);
  await browser.watch(losses);
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

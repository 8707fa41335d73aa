import type { CoordinatorPlace, WorkerPage } from '../engines/engine.js';
import type { Trial } from '../experiment/plan.js';
import { dealUrls, HeadlessBrowser } from './browser.js';
import { type Launch, type LaunchContext, logOf } from './context.js';
import type { WorkerGroup } from './launched.js';

/** For the tabs that answer to do so, when others are stopped. */
const ANSWER_PATIENCE_MS = 1_000;

/** Opens the page of each worker of the cell. */
export async function openWorkerPages(
  { urlOf }: WorkerPage,
  placeOf: (workerId: string) => CoordinatorPlace,
  trial: Trial,
  context: LaunchContext,
  launch: Launch,
): Promise<WorkerGroup> {
  const { cell } = trial;
  const urls = Array.from({ length: cell.workers }, (_, i) => urlOf(cell, placeOf(`w${i + 1}`)));
  const dealt = dealUrls(urls, cell.browsers);
  const browsers = await Promise.all(
    dealt.map((own, i) =>
      openPages(own, { number: i + 1, of: dealt.length }, trial, context, launch),
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
  { paths, programs, signal, logs }: LaunchContext,
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

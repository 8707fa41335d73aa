import type { CoordinatorPlace, WorkerPage } from '../engines/engine.js';
import { placementOf } from '../experiment/placement.js';
import type { Trial } from '../experiment/plan.js';
import { dealPages, HeadlessBrowser } from './browser/browser.js';
import { BrowserPart, type WorkerUrl } from './browser/browser_part.js';
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
  const pages = Array.from({ length: cell.workers }, (_, i) => {
    const workerId = `w${i + 1}`;
    return { workerId, url: urlOf(cell, placeOf(workerId)) };
  });
  const dealt = dealPages(pages, cell.browsers);
  const parts = await Promise.all(
    dealt.map((own, i) =>
      openPages(own, { number: i + 1, of: dealt.length }, trial, context, launch),
    ),
  );
  const ofAll = <T>(ask: (part: BrowserPart) => Promise<T>) => Promise.all(parts.map(ask));
  return {
    parts: parts.flatMap((part) => [part, ...part.tabs]),
    countAttachedPages: async () => {
      const counts = await ofAll(({ browser }) => browser.countPages());
      return counts.reduce((sum, count) => sum + count.attached, 0);
    },
    processes: async () => (await ofAll((part) => part.processes())).flat(),
    findDeafWorkers: async () =>
      (await ofAll(({ browser }) => browser.tabs.findDeaf(ANSWER_PATIENCE_MS))).flat(),
  };
}

function openPages(
  pages: readonly WorkerUrl[],
  { number, of }: { number: number; of: number },
  trial: Trial,
  { paths, programs, signal, logs, processors: among }: LaunchContext,
  { teardown, losses }: Launch,
): Promise<BrowserPart> {
  const { attached, browserFlags: flags, workers, pin } = trial.cell;
  const name = of === 1 ? 'browser' : `browser-${number}`;
  const { workers: processors } = placementOf(pin, among);
  const options = {
    flags,
    log: logOf(logs, trial, name),
    browsers: of,
    pages: workers,
    processors,
  };
  const launch = async () => {
    const { browser: path } = paths;
    const browser = await HeadlessBrowser.launch(path, programs, teardown, signal, options);
    await browser.watch(losses);
    return browser;
  };
  const open = (browser: HeadlessBrowser, urls: readonly string[]) =>
    attached ? browser.openAttached(urls, signal) : browser.openUnattached(urls, signal);
  return BrowserPart.start(name, pages, launch, open);
}

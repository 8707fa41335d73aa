import { readFileSync } from 'node:fs';
import { type Browser, type CDPSession, chromium } from 'playwright-core';
import type { BrowserFlags, Browsers } from '../experiment/experiment.js';
import type { Teardown } from '../teardown.js';
import { waitFor } from '../wait.js';
import { browserArguments } from './browser_flags.js';
import { processGroupOf, signalGroup } from './proc.js';
import type { Programs } from './processes.js';

const LAUNCH_DEADLINE_MS = 30_000;
const PAGES_DEADLINE_MS = 30_000;
const CLOSE_DEADLINE_MS = 5_000;

/** One headless browser of this trial's own, driven over Playwright's browser-level CDP session. */
export class HeadlessBrowser {
  private constructor(
    private readonly browser: Browser,
    private readonly session: CDPSession,
    private readonly pid: number,
    private readonly group: number,
  ) {}

  /**
   * Launches a browser; `teardown` learns how to close it, even when it is interrupted while it
   * launches.
   */
  static async launch(
    executablePath: string,
    programs: Programs,
    teardown: Teardown,
    signal: AbortSignal,
    flags: BrowserFlags = 'none',
  ): Promise<HeadlessBrowser> {
    const launching = HeadlessBrowser.start(executablePath, programs, flags);
    teardown.add('the browser', async () => {
      const launched = await launching.catch(() => undefined);
      await launched?.close();
    });
    return waitFor(launching, {
      what: 'starting the browser',
      deadlineMs: LAUNCH_DEADLINE_MS + 5_000,
      signal,
    });
  }

  private static async start(
    executablePath: string,
    programs: Programs,
    flags: BrowserFlags,
  ): Promise<HeadlessBrowser> {
    const browser = await chromium.launch({
      executablePath,
      args: browserArguments(flags),
      timeout: LAUNCH_DEADLINE_MS,
      // The harness answers these signals itself, for everything that it started.
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
    });
    try {
      const session = await browser.newBrowserCDPSession();
      const { processInfo } = await session.send('SystemInfo.getProcessInfo');
      const main = processInfo.find((info) => info.type === 'browser');
      if (main === undefined) throw new Error(`${executablePath} did not tell its process id`);
      const group = processGroupOf(main.id);
      programs.adopt(group, new Promise((resolve) => browser.once('disconnected', resolve)));
      return new HeadlessBrowser(browser, session, main.id, group);
    } catch (error) {
      await browser.close();
      throw error;
    }
  }

  /**
   * Opens a page per URL, each in a browser context of its own, and returns when nothing is
   * attached to any of them: Playwright attaches to every new page for a moment and lets go of
   * those that it did not open itself.
   */
  async openUnattached(urls: readonly string[], signal: AbortSignal): Promise<void> {
    const detached = new Set<string>();
    let onDetached: () => void = () => undefined;
    this.session.on('Target.targetInfoChanged', ({ targetInfo }) => {
      if (targetInfo.attached) return;
      detached.add(targetInfo.targetId);
      onDetached();
    });
    await this.session.send('Target.setDiscoverTargets', { discover: true });
    const opened = await Promise.all(urls.map((url) => this.openTarget(url)));
    const allDetached = new Promise<void>((resolve) => {
      onDetached = () => {
        if (opened.every((id) => detached.has(id))) resolve();
      };
      onDetached();
    });
    await waitFor(allDetached, {
      what: `detaching Playwright from ${urls.length} pages`,
      deadlineMs: PAGES_DEADLINE_MS,
      signal,
    });
    await this.session.send('Target.setDiscoverTargets', { discover: false });
  }

  /** Opens a page per URL the ordinary way, in which Playwright stays attached to each. */
  async openAttached(urls: readonly string[], signal: AbortSignal): Promise<void> {
    const opening = urls.map(async (url) => {
      const context = await this.browser.newContext();
      const page = await context.newPage();
      await page.goto(url);
    });
    await waitFor(Promise.all(opening), {
      what: `opening ${urls.length} pages`,
      deadlineMs: PAGES_DEADLINE_MS,
      signal,
    });
  }

  /** Opens a page the ordinary way and returns what `script`, an expression, comes to in it. */
  async evaluate<T>(url: string, script: string, signal: AbortSignal): Promise<T> {
    const evaluating = async () => {
      const page = await this.browser.newPage();
      await page.goto(url);
      return page.evaluate<T>(script);
    };
    return waitFor(evaluating(), {
      what: `looking into ${url}`,
      deadlineMs: PAGES_DEADLINE_MS,
      signal,
    });
  }

  /** How many pages there are, and to how many of them something is attached. */
  async countPages(): Promise<{ pages: number; attached: number }> {
    const { targetInfos } = await this.session.send('Target.getTargets');
    const pages = targetInfos.filter((info) => info.type === 'page');
    return { pages: pages.length, attached: pages.filter((page) => page.attached).length };
  }

  /** Processor time used so far by all processes of the browser together. */
  async cpuSeconds(): Promise<number> {
    const { processInfo } = await this.session.send('SystemInfo.getProcessInfo');
    return processInfo.reduce((sum, info) => sum + info.cpuTime, 0);
  }

  /** The command line that the browser really got, Playwright's arguments included. */
  commandLine(): string[] {
    return readFileSync(`/proc/${this.pid}/cmdline`, 'utf8').split('\0').filter(Boolean);
  }

  version(): string {
    return this.browser.version();
  }

  /**
   * Closes the browser, and kills all its processes when that takes too long or leaves some of them
   * behind. Its profile folder is removed.
   */
  async close(): Promise<void> {
    const killer = setTimeout(() => signalGroup(this.group, 'SIGKILL'), CLOSE_DEADLINE_MS);
    await this.browser.close().finally(() => clearTimeout(killer));
    signalGroup(this.group, 'SIGKILL');
  }

  private async openTarget(url: string): Promise<string> {
    const { browserContextId } = await this.session.send('Target.createBrowserContext', {});
    const { targetId } = await this.session.send('Target.createTarget', { url, browserContextId });
    return targetId;
  }
}

/** The URLs that each browser of a trial opens: all in one, or one each. */
export function dealUrls(urls: readonly string[], how: Browsers): string[][] {
  return how === 'shared' ? [[...urls]] : urls.map((url) => [url]);
}

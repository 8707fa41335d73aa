import { accessSync, constants, copyFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Browser, type CDPSession, chromium } from 'playwright-core';
import { messageOf } from '../../base/errors.js';
import type { Processors } from '../../base/processors.js';
import { REPOSITORY as ROOT } from '../../base/shell.js';
import type { Teardown } from '../../base/teardown.js';
import { waitFor } from '../../base/wait.js';
import type { AxisValue } from '../../experiment/axes.js';
import { closeBrowserMs, launchBrowserMs, lookMs, openPagesMs } from '../parts/deadlines.js';
import { Losses } from '../parts/losses.js';
import { processGroupOf, signalGroup } from '../parts/proc.js';
import type { Programs } from '../parts/processes.js';
import type { Watched } from '../parts/watched.js';
import { causeIn, endingIn } from './browser_failure.js';
import { type BrowserFlags, browserArguments } from './browser_flags.js';
import { Tabs } from './tabs.js';

/** What Playwright starts: it keeps the browser's log. */
const RUN_BROWSER = join(ROOT, 'harness', 'src', 'launch', 'browser', 'run-browser');
let logs = 0;

/** How a browser is launched, beside the ordinary. */
export interface LaunchOptions {
  readonly flags?: BrowserFlags;
  /** Where what it writes to stderr is kept, unless it ends well. Default: a temporary file. */
  readonly log?: string;
  /** How many browsers start at once, of how many pages in all: they take turns on the cores. */
  readonly browsers?: number;
  readonly pages?: number;
  /** On which it runs. Default: all. */
  readonly processors?: Processors;
}

/** One headless browser of this trial's own, driven over Playwright's browser-level CDP session. */
export class HeadlessBrowser {
  private closing = false;
  readonly tabs: Tabs;

  private constructor(
    private readonly browser: Browser,
    private readonly cdp: CDPSession,
    private readonly pid: number,
    private readonly group: number,
    private readonly log: string,
    private readonly pages: number,
  ) {
    this.tabs = new Tabs(cdp);
  }

  /**
   * Launches a browser; `teardown` learns how to close it, even when it is interrupted while it
   * launches. Throws an Error that names the cause, as far as its log tells one.
   */
  static async launch(
    executablePath: string,
    programs: Programs,
    teardown: Teardown,
    signal: AbortSignal,
    options: LaunchOptions = {},
  ): Promise<HeadlessBrowser> {
    const launching = HeadlessBrowser.start(executablePath, programs, options);
    teardown.add('the browser', async () => {
      const launched = await launching.catch(() => undefined);
      await launched?.close();
    });
    return waitFor(launching, {
      what: 'starting the browser',
      deadlineMs: launchBrowserMs(options.browsers ?? 1) + 5_000,
      signal,
    });
  }

  private static async start(
    executablePath: string,
    programs: Programs,
    { flags = 'none', log = join(tmpdir(), `browser-${++logs}.log`), ...options }: LaunchOptions,
  ): Promise<HeadlessBrowser> {
    checkExecutable(executablePath);
    const losses = new Losses();
    const browser = await chromium
      .launch({
        executablePath: RUN_BROWSER,
        env: {
          ...process.env,
          ENXAME_BROWSER: executablePath,
          ENXAME_BROWSER_LOG: log,
          ENXAME_BROWSER_PROCESSORS: options.processors?.join(',') ?? '',
        },
        args: browserArguments(flags),
        timeout: launchBrowserMs(options.browsers ?? 1),
        // The harness answers these signals itself, for everything that it started.
        handleSIGINT: false,
        handleSIGTERM: false,
        handleSIGHUP: false,
      })
      // What Playwright says holds the whole command line, and the cause somewhere behind it.
      .catch((error: unknown) => {
        throw failureToStart(executablePath, log, messageOf(error), losses.memoryNote());
      });
    try {
      const cdp = await browser.newBrowserCDPSession();
      const { processInfo } = await cdp.send('SystemInfo.getProcessInfo');
      const main = processInfo.find((info) => info.type === 'browser');
      if (main === undefined) throw new Error(`${executablePath} did not report its process id`);
      const group = processGroupOf(main.id);
      programs.adopt(group, new Promise((resolve) => browser.once('disconnected', resolve)));
      return new HeadlessBrowser(browser, cdp, main.id, group, log, options.pages ?? 1);
    } catch (error) {
      await browser.close();
      throw error;
    }
  }

  /** From now on it is a loss when the browser ends, or one of its tabs. */
  async watch(losses: Losses): Promise<void> {
    this.browser.once('disconnected', () => {
      if (this.closing) return;
      const ending = endingIn(readIfThere(this.log));
      losses.tell(`the browser (pid ${this.pid}) ended with ${ending ?? '?'} ${losses.during}`);
    });
    await this.tabs.watch(losses);
  }

  /**
   * Opens a page per URL, each in a browser context of its own, and returns when nothing is
   * attached to any of them: Playwright attaches to every new page for a moment and lets go of
   * those that it did not open itself.
   */
  async openUnattached(urls: readonly string[], signal: AbortSignal): Promise<void> {
    await waitFor(this.tabs.openUnattached(urls), {
      what: `opening ${urls.length} pages and detaching Playwright from them`,
      deadlineMs: openPagesMs(this.pages),
      signal,
    });
  }

  /** Opens a page per URL the ordinary way, in which Playwright stays attached to each. */
  async openAttached(urls: readonly string[], signal: AbortSignal): Promise<void> {
    const opening = urls.map(async (url) => {
      const context = await this.browser.newContext();
      const page = await context.newPage();
      await page.goto(url, { timeout: openPagesMs(this.pages) });
    });
    await waitFor(Promise.all(opening), {
      what: `opening ${urls.length} pages`,
      deadlineMs: openPagesMs(this.pages),
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
      what: `inspecting ${url}`,
      deadlineMs: openPagesMs(1),
      signal,
    });
  }

  /** How many pages there are, and to how many of them something is attached. */
  async countPages(): Promise<{ pages: number; attached: number }> {
    const { targetInfos } = await this.inTime(this.cdp.send('Target.getTargets'));
    const pages = targetInfos.filter((info) => info.type === 'page');
    return { pages: pages.length, attached: pages.filter((page) => page.attached).length };
  }

  /** Processor time used so far by all processes of the browser together. */
  async cpuSeconds(): Promise<number> {
    const processes = await this.processInfo();
    return processes.reduce((sum, info) => sum + info.cpuTime, 0);
  }

  /** The processes that the browser runs tabs in and needs itself. */
  async processes(): Promise<Watched[]> {
    const processes = await this.processInfo();
    return processes.map(({ type, id }) => {
      const what = type === 'browser' ? 'the browser' : `the browser's process '${type}'`;
      // One that carries the tabs' requests is started again, without those that were under way.
      const mustLive = /NetworkService/.test(type);
      return {
        what: `${what} (pid ${id})`,
        pid: id,
        isTab: type === 'renderer',
        mustLive,
        ...(type !== 'browser' && { partOf: `the browser (pid ${this.pid})` }),
      };
    });
  }

  private async processInfo() {
    const { processInfo } = await this.inTime(this.cdp.send('SystemInfo.getProcessInfo'));
    return processInfo;
  }

  private inTime<T>(answer: Promise<T>): Promise<T> {
    return waitFor(answer, {
      what: 'an answer of the browser',
      deadlineMs: lookMs(this.pages),
      signal: new AbortController().signal,
    });
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
   * behind. Its profile folder is removed, and its log when it ended well.
   */
  async close(): Promise<void> {
    this.endIsMeant();
    // What is stopped cannot end.
    signalGroup(this.group, 'SIGCONT');
    const killer = setTimeout(() => signalGroup(this.group, 'SIGKILL'), closeBrowserMs(this.pages));
    await this.browser.close().finally(() => clearTimeout(killer));
    signalGroup(this.group, 'SIGKILL');
    if (endingIn(readIfThere(this.log)) === 0) rmSync(this.log, { force: true });
  }

  /** Ends all its processes at once. */
  async kill(): Promise<void> {
    this.endIsMeant();
    this.signal('SIGKILL');
    await this.browser.close();
  }

  /** Sends the signal to all its processes. */
  signal(name: NodeJS.Signals): void {
    signalGroup(this.group, name);
  }

  private endIsMeant(): void {
    this.closing = true;
    this.tabs.endIsMeant();
  }
}

function checkExecutable(path: string): void {
  try {
    accessSync(path, constants.X_OK);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new Error(
      `the browser did not start: ${code === 'EACCES' ? `'${path}' may not be executed` : `there is no '${path}'`}; install chromium-headless-shell, or give --browser-path`,
    );
  }
}

function failureToStart(executablePath: string, log: string, said: string, note: string): Error {
  const text = readIfThere(log);
  const late = /Timeout \d+ms exceeded/.exec(said) !== null && endingIn(text) === undefined;
  const cause = late ? 'it did not answer in time' : causeIn(text || said);
  return new Error(
    `the browser ${executablePath} did not start: ${cause}${note}; its log: ${keep(log)}`,
  );
}

/** A log that would go with the temporary files is put where those of the set-up are. */
function keep(log: string): string {
  if (!log.startsWith(tmpdir())) return log;
  const kept = join(ROOT, 'build', 'logs', 'browser.log');
  try {
    mkdirSync(dirname(kept), { recursive: true });
    copyFileSync(log, kept);
    return kept;
  } catch {
    return log;
  }
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** What each browser of a trial opens: all in one, or one each. */
export function dealPages<T>(pages: readonly T[], how: AxisValue<'browsers'>): T[][] {
  return how === 'shared' ? [[...pages]] : pages.map((page) => [page]);
}

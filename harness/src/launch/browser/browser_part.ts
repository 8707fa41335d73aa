import { type Part, Readiness } from '../parts/part.js';
import type { Watched } from '../parts/watched.js';
import type { HeadlessBrowser } from './browser.js';
import { TabPart } from './tab_part.js';

/** A page that a browser opens, and whose it is. */
export interface WorkerUrl {
  readonly workerId: string;
  readonly url: string;
}

/** A browser of a system, and its tabs, which are parts of their own. */
export class BrowserPart implements Part {
  readonly role = 'browser';
  readonly workerId = null;
  readonly tabs: readonly TabPart[];
  private isPaused = false;

  private constructor(
    readonly name: string,
    private current: HeadlessBrowser,
    readonly ready: Readiness,
    pages: readonly WorkerUrl[],
    private readonly launch: () => Promise<HeadlessBrowser>,
    private readonly open: (browser: HeadlessBrowser, urls: readonly string[]) => Promise<void>,
  ) {
    this.tabs = pages.map(({ workerId, url }) => new TabPart(workerId, url, () => this.current));
  }

  /** `launch` starts a browser and watches it, `open` opens the pages in it. */
  static async start(
    name: string,
    pages: readonly WorkerUrl[],
    launch: () => Promise<HeadlessBrowser>,
    open: (browser: HeadlessBrowser, urls: readonly string[]) => Promise<void>,
  ): Promise<BrowserPart> {
    const ready = new Readiness();
    const browser = await launch();
    ready.reached();
    const part = new BrowserPart(name, browser, ready, pages, launch, open);
    await part.openPages();
    return part;
  }

  /** The browser that it is now. */
  get browser(): HeadlessBrowser {
    return this.current;
  }

  cpuSeconds(): Promise<number> {
    return this.current.cpuSeconds();
  }

  async pause(): Promise<void> {
    this.isPaused = true;
    this.current.signal('SIGSTOP');
  }

  async resume(): Promise<void> {
    this.current.signal('SIGCONT');
    this.isPaused = false;
  }

  stop(): Promise<void> {
    return this.current.close();
  }

  kill(): Promise<void> {
    return this.current.kill();
  }

  async restart(): Promise<void> {
    await this.current.close();
    this.isPaused = false;
    this.current = await this.launch();
    await this.openPages();
  }

  /** The processes of the browser that it is now. */
  async processes(): Promise<Watched[]> {
    const browser = this.current;
    const isPaused = () => this.isPaused;
    const isReplaced = () => this.current !== browser;
    return (await browser.processes()).map((each) => ({
      ...each,
      get isPaused() {
        return isPaused();
      },
      get isReplaced() {
        return isReplaced();
      },
    }));
  }

  private openPages(): Promise<void> {
    return this.open(
      this.current,
      this.tabs.map(({ url }) => url),
    );
  }
}

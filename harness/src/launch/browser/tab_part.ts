import { type Part, Readiness } from '../parts/part.js';
import type { HeadlessBrowser } from './browser.js';

/**
 * The tab of a worker. What is done to it attaches to its page for a moment, which costs it time: not
 * for the measured window of a trial whose figures are to be believed.
 */
export class TabPart implements Part {
  readonly name: string;
  readonly role = null;
  readonly ready = new Readiness();

  /** `browserNow`: that whose tab it is, which may have been restarted. */
  constructor(
    readonly workerId: string,
    readonly url: string,
    private readonly browserNow: () => HeadlessBrowser,
  ) {
    this.name = `tab of ${workerId}`;
  }

  /** Of the process that it runs in. */
  cpuSeconds(): Promise<number> {
    return this.tabs.cpuSeconds(this.workerId);
  }

  /** As a browser freezes what is in the background: its page and its threads. */
  pause(): Promise<void> {
    return this.tabs.setFrozen(this.workerId, true);
  }

  resume(): Promise<void> {
    return this.tabs.setFrozen(this.workerId, false);
  }

  stop(): Promise<void> {
    return this.tabs.close(this.workerId);
  }

  kill(): Promise<void> {
    return this.tabs.crash(this.workerId);
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.tabs.openUnattached([this.url]);
  }

  private get tabs() {
    return this.browserNow().tabs;
  }
}

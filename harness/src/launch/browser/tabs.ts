import type { CDPSession } from 'playwright-core';
import { waitFor } from '../../base/wait.js';
import { lookMs } from '../parts/deadlines.js';
import type { Losses } from '../parts/losses.js';

/** A message of a page's session. */
interface Answer {
  /** Absent from events. */
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/**
 * The pages of a browser, seen from its own CDP session and not from theirs: nothing is attached to
 * them, and still a crash is told (https://chromedevtools.github.io/devtools-protocol/tot/Target/).
 */
export class Tabs {
  /** The worker in each, by the id of its target. */
  private readonly names = new Map<string, string>();
  private readonly detached = new Set<string>();
  private onDetached: () => void = () => undefined;
  private discovering = false;
  /** All of them may end. */
  private ending = false;
  /** Of those that were told to end. */
  private readonly told = new Set<string>();

  constructor(private readonly cdp: CDPSession) {}

  /** The browser is about to end: that its tabs do is no loss. */
  endIsMeant(): void {
    this.ending = true;
  }

  /** From now on it is a loss when a tab crashes, is killed or is closed. */
  async watch(losses: Losses): Promise<void> {
    this.cdp.on('Target.targetCrashed', ({ targetId, status, errorCode }) => {
      if (this.mayEnd(targetId)) return;
      losses.tell(
        `the tab of ${this.nameOf(targetId)} ended (${status}, ${errorCode}) ${losses.during}`,
      );
    });
    this.cdp.on('Target.targetDestroyed', ({ targetId }) => {
      if (this.names.has(targetId) && !this.mayEnd(targetId)) {
        losses.tell(`the tab of ${this.nameOf(targetId)} was closed ${losses.during}`);
      }
    });
    await this.discover();
  }

  /** Opens a page per URL, each in a context of its own, and returns when nothing is attached to any. */
  async openUnattached(urls: readonly string[]): Promise<void> {
    await this.discover();
    const opened = await Promise.all(urls.map((url) => this.open(url)));
    await new Promise<void>((resolve) => {
      this.onDetached = () => {
        if (opened.every((id) => this.detached.has(id))) resolve();
      };
      this.onDetached();
    });
  }

  /** The workers whose tabs do not answer within `patienceMs`. Attaches to each. */
  async findDeaf(patienceMs: number): Promise<string[]> {
    const deaf = new Set(this.names.keys());
    this.cdp.on('Target.receivedMessageFromTarget', ({ targetId }) => {
      if (targetId !== undefined) deaf.delete(targetId);
    });
    // Who cannot be asked is deaf.
    for (const targetId of deaf) {
      this.send(targetId, 'Runtime.evaluate', { expression: '1' }).catch(() => undefined);
    }
    await new Promise((resolve) => setTimeout(resolve, patienceMs));
    return [...deaf].map((targetId) => this.nameOf(targetId));
  }

  /** Processor time of the process of a worker's tab. */
  async cpuSeconds(worker: string): Promise<number> {
    const answer = await this.command(worker, ['Performance.enable', 'Performance.getMetrics']);
    const { metrics } = answer as { metrics: { name: string; value: number }[] };
    const time = metrics.find(({ name }) => name === 'ProcessTime');
    if (time === undefined)
      throw new Error(`the tab of ${worker} did not report its processor time`);
    return time.value;
  }

  /** Stops a worker's page and its threads, until they are let go on. */
  async setFrozen(worker: string, frozen: boolean): Promise<void> {
    const state = frozen ? 'frozen' : 'active';
    await this.command(worker, ['Page.setWebLifecycleState'], { state });
  }

  /** Closes a worker's tab, unless it has ended. */
  async close(worker: string): Promise<void> {
    const targetId = this.findTarget(worker);
    if (targetId === undefined) return;
    this.told.add(targetId);
    const closed = this.once('Target.targetDestroyed', targetId);
    await this.cdp.send('Target.closeTarget', { targetId });
    await this.inTime(closed, `closing the tab of ${worker}`);
    this.names.delete(targetId);
  }

  /** Crashes the process of a worker's tab. */
  async crash(worker: string): Promise<void> {
    const targetId = this.targetOf(worker);
    this.told.add(targetId);
    const crashed = this.once('Target.targetCrashed', targetId);
    const sessionId = await this.attach(targetId);
    // Nothing answers that has crashed.
    await this.say(sessionId, 'Page.crash', {});
    await this.inTime(crashed, `crashing the tab of ${worker}`);
    await this.cdp.send('Target.detachFromTarget', { sessionId });
  }

  private mayEnd(targetId: string): boolean {
    return this.ending || this.told.has(targetId);
  }

  private findTarget(worker: string): string | undefined {
    return [...this.names].find(([, name]) => name === worker)?.[0];
  }

  private targetOf(worker: string): string {
    const targetId = this.findTarget(worker);
    if (targetId === undefined) throw new Error(`there is no tab of ${worker}`);
    return targetId;
  }

  /** The last answer to these commands, one after the other in a session with a worker's page. */
  private async command(
    worker: string,
    methods: readonly string[],
    params: object = {},
  ): Promise<unknown> {
    const targetId = this.targetOf(worker);
    const sessionId = await this.attach(targetId);
    let answer: unknown;
    for (const method of methods) {
      const answering = this.answerIn(sessionId);
      await this.say(sessionId, method, params);
      answer = await this.inTime(answering, `${method} of the tab of ${worker}`);
    }
    await this.cdp.send('Target.detachFromTarget', { sessionId });
    return answer;
  }

  private answerIn(sessionId: string): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const onMessage = (event: { sessionId: string; message: string }) => {
        const { id, result, error } = JSON.parse(event.message) as Answer;
        if (event.sessionId !== sessionId || id === undefined) return;
        this.cdp.off('Target.receivedMessageFromTarget', onMessage);
        if (error === undefined) resolve(result);
        else reject(new Error(error.message));
      };
      this.cdp.on('Target.receivedMessageFromTarget', onMessage);
    });
  }

  /** Until the browser tells this of the tab. */
  private once(event: 'Target.targetCrashed' | 'Target.targetDestroyed', targetId: string) {
    return new Promise<void>((resolve) => {
      const onEvent = (told: { targetId: string }) => {
        if (told.targetId !== targetId) return;
        this.cdp.off(event, onEvent);
        resolve();
      };
      this.cdp.on(event, onEvent);
    });
  }

  private inTime<T>(answer: Promise<T>, what: string): Promise<T> {
    return waitFor(answer, { what, deadlineMs: lookMs(1), signal: new AbortController().signal });
  }

  /** Sends a command to a page, and attaches to it for that. */
  private async send(targetId: string, method: string, params: object): Promise<void> {
    await this.say(await this.attach(targetId), method, params);
  }

  private async attach(targetId: string): Promise<string> {
    const { sessionId } = await this.cdp.send('Target.attachToTarget', { targetId });
    return sessionId;
  }

  private async say(sessionId: string, method: string, params: object): Promise<void> {
    const message = JSON.stringify({ id: 1, method, params });
    await this.cdp.send('Target.sendMessageToTarget', { sessionId, message });
  }

  private async discover(): Promise<void> {
    if (this.discovering) return;
    this.discovering = true;
    const see = (info: { targetId: string; type: string; url: string; attached: boolean }) => {
      const worker = info.type === 'page' ? workerIn(info.url) : undefined;
      if (worker !== undefined) this.names.set(info.targetId, worker);
      if (info.attached) return;
      this.detached.add(info.targetId);
      this.onDetached();
    };
    this.cdp.on('Target.targetCreated', ({ targetInfo }) => {
      // Playwright is about to attach to one that is new.
      see({ ...targetInfo, attached: true });
    });
    this.cdp.on('Target.targetInfoChanged', ({ targetInfo }) => see(targetInfo));
    await this.cdp.send('Target.setDiscoverTargets', { discover: true });
  }

  private async open(url: string): Promise<string> {
    const { browserContextId } = await this.cdp.send('Target.createBrowserContext', {});
    const { targetId } = await this.cdp.send('Target.createTarget', { url, browserContextId });
    return targetId;
  }

  private nameOf(targetId: string): string {
    return this.names.get(targetId) ?? 'an unknown page';
  }
}

function workerIn(url: string): string | undefined {
  return new URLSearchParams(url.split('?')[1] ?? '').get('workerId') ?? undefined;
}

import type { CDPSession } from 'playwright-core';
import type { Losses } from './losses.js';

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

  constructor(private readonly session: CDPSession) {}

  /** From now on it is a loss when a tab crashes, is killed or is closed. */
  async watch(losses: Losses): Promise<void> {
    this.session.on('Target.targetCrashed', ({ targetId, status, errorCode }) =>
      losses.tell(
        `the tab of ${this.nameOf(targetId)} ended (${status}, ${errorCode}) ${losses.during}`,
      ),
    );
    this.session.on('Target.targetDestroyed', ({ targetId }) => {
      if (this.names.has(targetId)) {
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
    this.session.on('Target.receivedMessageFromTarget', ({ targetId }) => {
      if (targetId !== undefined) deaf.delete(targetId);
    });
    // Who cannot be asked is deaf.
    for (const targetId of deaf) this.ask(targetId).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, patienceMs));
    return [...deaf].map((targetId) => this.nameOf(targetId));
  }

  private async ask(targetId: string): Promise<void> {
    const { sessionId } = await this.session.send('Target.attachToTarget', { targetId });
    const message = { id: 1, method: 'Runtime.evaluate', params: { expression: '1' } };
    await this.session.send('Target.sendMessageToTarget', {
      sessionId,
      message: JSON.stringify(message),
    });
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
    this.session.on('Target.targetCreated', ({ targetInfo }) => {
      // Playwright is about to attach to one that is new.
      see({ ...targetInfo, attached: true });
    });
    this.session.on('Target.targetInfoChanged', ({ targetInfo }) => see(targetInfo));
    await this.session.send('Target.setDiscoverTargets', { discover: true });
  }

  private async open(url: string): Promise<string> {
    const { browserContextId } = await this.session.send('Target.createBrowserContext', {});
    const { targetId } = await this.session.send('Target.createTarget', { url, browserContextId });
    return targetId;
  }

  private nameOf(targetId: string): string {
    return this.names.get(targetId) ?? 'an unknown page';
  }
}

function workerIn(url: string): string | undefined {
  return new URLSearchParams(url.split('?')[1] ?? '').get('workerId') ?? undefined;
}

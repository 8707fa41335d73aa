/** A coordinator with its pages, a proxy in front of it, and a browser as a person has it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { REPOSITORY as ROOT } from '../../src/base/shell.js';
import type { Teardown } from '../../src/base/teardown.js';
import { makePaths } from '../../src/experiment/paths.js';
import { Coordinator } from '../../src/launch/coordinator.js';
import { type Program, Programs } from '../../src/launch/parts/processes.js';
import { PrefixProxy } from '../fakes/prefix_proxy.js';

const build = process.env['ENXAME_BUILD'];
const paths = makePaths(ROOT, build === undefined ? {} : { build });
const programs = new Programs();

/** More than a page waits before it says that it is late. */
const DEADLINE_MS = 20_000;

export async function startCoordinator(
  teardown: Teardown,
  port = 0,
  more: readonly string[] = [],
): Promise<Coordinator & { readonly program: Program }> {
  const folder = mkdtempSync(join(tmpdir(), 'enxame-test-'));
  const args = ['--listen', '127.0.0.1', '--port', String(port), '--site', paths.site, ...more];
  const log = join(folder, 'log');
  const program = programs.start('coordinator', paths.coordinator, args, log);
  teardown.add('the coordinator', async () => {
    await program.stop();
    rmSync(folder, { recursive: true });
  });
  const coordinator = await Coordinator.ready(program, new AbortController().signal);
  return Object.assign(coordinator, { program });
}

export async function startProxy(url: string, teardown: Teardown): Promise<PrefixProxy> {
  const proxy = await PrefixProxy.start(url);
  teardown.add('the proxy', () => proxy.close());
  return proxy;
}

/** One profile: its tabs share their connections. */
export async function openProfile(teardown: Teardown, ...flags: string[]): Promise<BrowserContext> {
  const browser = await chromium.launch({ executablePath: paths.browser, args: flags });
  teardown.add('the browser', () => browser.close());
  const profile = await browser.newContext();
  profile.setDefaultTimeout(DEADLINE_MS);
  return profile;
}

export async function open(profile: BrowserContext, url: string): Promise<Page> {
  const page = await profile.newPage();
  await page.goto(url);
  return page;
}

/** What the element says once it says `text`. */
export async function read(page: Page, selector: string, text: string): Promise<string> {
  const element = await page.waitForSelector(`${selector}:has-text("${text}")`);
  return (await element.textContent()) ?? '';
}

/** Submits [[1,2],[3,4]] · [[5,6],[7,8]] and returns the product that is shown. */
export async function multiply(page: Page): Promise<(string | null)[]> {
  await page.click('#submit:enabled');
  const card = await page.waitForSelector('#submission-1[data-state=completed]');
  return card.$$eval('[data-field=product] td', (cells) => cells.map((cell) => cell.textContent));
}

export const PRODUCT = ['19', '22', '43', '50'];

import { join } from 'node:path';
import { REPOSITORY } from '@rovi/testbed';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { InstalledRobot } from '../installed-robot.js';
import { WayIn } from './way-in.js';

/** Debian's; tools/test.sh installs it. */
const CHROMIUM = '/usr/bin/chromium';

/** Devices that a person at the robot has. */
export const SIZES = {
  phone: { width: 390, height: 844 },
  tablet: { width: 1024, height: 768 },
  desktop: { width: 1440, height: 900 },
} as const;
export type Size = keyof typeof SIZES;
export type Scheme = 'light' | 'dark';

/** A way for a browser to the gateway. */
export interface Way {
  /** Where a browser finds the page. */
  readonly origin: string;
  close(): Promise<void>;
}

/** Opens the way of an account. */
export type Ways = (user: string) => Promise<Way>;

/** Who opens the page, and on what. */
export interface VisitOptions {
  /** Account of the robot whose tunnel the browser has; default root. */
  readonly as?: string;
  /** Default desktop. */
  readonly size?: Size;
  /** Default light. */
  readonly scheme?: Scheme;
  /** Default `/services/`. */
  readonly path?: string;
  /** Token that this browser keeps from an earlier visit; default none. */
  readonly token?: string;
}

/**
 * Debian's Chromium for one test file: started before its first test, ended after its last. Each visit is a browser of
 * its own: nothing is kept between two. A story fails where a page of it asked anybody but the robot, or where the
 * browser complained of something that the story did not announce.
 */
export class Visits {
  readonly #wayTo: Ways;
  readonly #ways = new Map<string, Way>();
  #browser: Browser | undefined;
  #open: { context: BrowserContext; page: Page }[] = [];
  #complaints: string[] = [];
  #announced: RegExp[] = [];

  constructor(to: InstalledRobot | Ways) {
    this.#wayTo = to instanceof InstalledRobot ? (user) => WayIn.as(to.robot, user) : to;
    beforeAll(async () => {
      this.#browser = await chromium.launch({
        executablePath: CHROMIUM,
        // Tests run as root, where Chromium has no sandbox; nothing but the robot's own page is opened.
        args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
      });
    });
    afterEach(async ({ task }) => {
      if (task.result?.state === 'fail') await this.#keepPictures(task.name);
      await this.leave();
      const complaints = this.#complaints.filter((text) => !this.#announced.some((one) => one.test(text)));
      this.#complaints = [];
      this.#announced = [];
      expect(complaints).toEqual([]);
    });
    afterAll(async () => {
      await this.#browser?.close();
      for (const way of this.#ways.values()) await way.close();
    });
  }

  /** A person opens the page; resolves when its document is there, whatever it shows by then. */
  async open({
    as = 'root',
    size = 'desktop',
    scheme = 'light',
    path = '/services/',
    token,
  }: VisitOptions = {}): Promise<Page> {
    if (this.#browser === undefined) throw new Error('the browser has not been started yet');
    const { origin } = await this.#wayOf(as);
    const context = await this.#browser.newContext({
      baseURL: origin,
      viewport: SIZES[size],
      hasTouch: size !== 'desktop',
      colorScheme: scheme,
      // What moves would be looked at half-way.
      reducedMotion: 'reduce',
      locale: 'en-GB',
      timezoneId: 'UTC',
      // A story waits for what a person waits for; Stop and start take seconds on a busy machine.
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    context.setDefaultTimeout(30_000);
    if (token !== undefined)
      await context.addInitScript(`localStorage.setItem('rovi-token', ${JSON.stringify(token)})`);
    const page = await context.newPage();
    this.#open.push({ context, page });
    this.#listen(page, origin);
    await page.goto(path);
    return page;
  }

  /** Everybody closes the page. */
  async leave(): Promise<void> {
    const open = this.#open;
    this.#open = [];
    for (const { context } of open) await context.close();
  }

  /** The browser will complain so in this story, and that is as it should be. */
  announce(...complaints: RegExp[]): void {
    this.#announced.push(...complaints);
  }

  async #wayOf(user: string): Promise<Way> {
    const way = this.#ways.get(user) ?? (await this.#wayTo(user));
    this.#ways.set(user, way);
    return way;
  }

  #listen(page: Page, origin: string): void {
    const asked = (url: string): void => {
      const { protocol, host } = new URL(url);
      const inside = protocol === 'data:' || protocol === 'blob:' || host === new URL(origin).host;
      if (!inside) this.#complaints.push(`asked somebody else: ${url}`);
    };
    page.on('request', (request) => asked(request.url()));
    page.on('websocket', (socket) => asked(socket.url()));
    page.on('pageerror', (error) => this.#complaints.push(`error: ${error.message}`));
    page.on('crash', () => this.#complaints.push('the page crashed'));
    page.on('console', (message) => {
      // A broken content policy is among the errors.
      if (['error', 'warning'].includes(message.type()))
        this.#complaints.push(`${message.type()}: ${message.text()}`);
    });
  }

  async #keepPictures(story: string): Promise<void> {
    const slug = story.replaceAll(/[^A-Za-z0-9]+/g, '-').slice(0, 80);
    for (const [index, { page }] of this.#open.entries()) {
      const path = join(REPOSITORY, 'test-output', 'web', `${slug}-${index}.png`);
      await picture(page, path).catch(() => undefined); // it may have crashed
    }
  }
}

/** A picture as a PNG file, of the whole page or of what fits on the screen. */
export async function picture(page: Page, path: string, what: 'page' | 'screen' = 'page'): Promise<void> {
  const screen = page.viewportSize();
  if (screen === null) throw new Error('the page has no size');
  await page.evaluate('scrollTo(0, 0)');
  if (what === 'page') {
    // A screen as high as the page: Chromium's own pictures of more than the screen lack a layer now and then.
    const height = await page.evaluate<number>('document.documentElement.scrollHeight');
    await page.setViewportSize({ ...screen, height: Math.max(height, screen.height) });
    await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))');
  }
  await page.screenshot({ path, animations: 'disabled', caret: 'initial' });
  await page.setViewportSize(screen);
}

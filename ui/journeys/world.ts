// A machine of its own for one journey: home, temporary folder, driver. Nothing of the real home is read or written.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { JobView } from '../src/backend/types';
import { Person } from './person';
import { Session } from './webdriver';

/** The project. */
export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** Where the built programs are. */
export function program(name: string): string {
  return join(ROOT, 'target', process.env.ZEEF_PROFILE ?? 'debug', name);
}

/** A port that is free now. */
async function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const server = createServer();
    server.on('error', failed);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => done(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/** Tells whether something holds before a deadline; looks every few milliseconds. */
export async function eventually<T>(what: string, look: () => Promise<T | undefined | false> | T | undefined | false, seconds = 20): Promise<T> {
  const end = Date.now() + seconds * 1000;
  let last: unknown;
  for (;;) {
    try {
      const found = await look();
      if (found !== undefined && found !== false) return found;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) throw new Error(`${what}: not within ${seconds} s${last ? ` (${String(last)})` : ''}`);
    await new Promise((next) => setTimeout(next, 30));
  }
}

/** Processes by their parents, from /proc, which everybody may read. */
export function processes(): { pid: number; parent: number; group: number; name: string; state: string }[] {
  const found = [];
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const text = readFileSync(`/proc/${entry}/stat`, 'utf8');
      const name = text.slice(text.indexOf('(') + 1, text.lastIndexOf(')'));
      const [state, parent, group] = text.slice(text.lastIndexOf(')') + 2).split(' ');
      found.push({ pid: Number(entry), parent: Number(parent), group: Number(group), name, state: state ?? '' });
    } catch {
      // It has ended meanwhile.
    }
  }
  return found;
}

/** What the settings of a new world say. */
export interface Wishes {
  language?: 'en' | 'nl';
  theme?: 'dark' | 'light';
  [setting: string]: unknown;
}

/** Home and temporary folder of one journey, and the window in it. */
export class World {
  readonly home: string;
  /** Where its media lie: outside of the home, so that a search through the home does not find the originals. */
  readonly media: string;
  private driver: ChildProcess | undefined;
  private session: Session | undefined;
  private somebody: Person | undefined;

  constructor(wishes: Wishes = {}) {
    this.home = mkdtempSync(join(tmpdir(), 'zeef-journey-'));
    for (const name of ['.config/zeef', '.local/share', '.cache', 'tmp', 'run', 'log']) {
      mkdirSync(join(this.home, name), { recursive: true, mode: 0o700 });
    }
    this.media = mkdtempSync(join(tmpdir(), 'zeef-media-'));
    this.settings({ language: 'en', theme: 'dark', ...wishes });
  }

  /** Writes the settings that the next window starts with. */
  settings(wishes: Wishes): void {
    writeFileSync(join(this.home, '.config/zeef/settings.json'), JSON.stringify(wishes), { mode: 0o600 });
  }

  /** A path in the home of this world. */
  path(...parts: string[]): string {
    return join(this.home, ...parts);
  }

  /** Writes a small file into the home. */
  write(name: string, text: string): void {
    writeFileSync(this.path(name), text);
  }

  /** Loads sources through the window and waits for the end; fails where the load does. */
  async load(person: Person, paths: string[], seconds = 120): Promise<void> {
    const job = await person.ask<number>('sources_add', { paths });
    await eventually('the sources are loaded', async () => {
      const found = (await person.ask<JobView[]>('jobs')).find((one) => one.job === job);
      if (found?.state === 'failed') throw new Error(`The load failed: ${JSON.stringify(found.error)}`);
      return found?.state === 'done';
    }, seconds);
  }

  /** The environment of programs of this world. */
  environment(): Record<string, string> {
    return {
      PATH: process.env.PATH ?? '/usr/bin:/bin',
      HOME: this.home,
      TMPDIR: this.path('tmp'),
      XDG_CONFIG_HOME: this.path('.config'),
      XDG_DATA_HOME: this.path('.local/share'),
      XDG_CACHE_HOME: this.path('.cache'),
      XDG_RUNTIME_DIR: this.path('run'),
      DISPLAY: process.env.ZEEF_JOURNEY_DISPLAY ?? '',
      LANG: 'C.UTF-8',
      // No bus of a desktop is there, and none is looked for.
      NO_AT_BRIDGE: '1',
      GTK_A11Y: 'none',
      GSETTINGS_BACKEND: 'memory',
      TAURI_WEBVIEW_AUTOMATION: 'true',
    };
  }

  /** Runs one of the programs beside the window, with an empty environment but for this home; gives what it printed. */
  run(name: string, ...args: string[]): string {
    const environment = this.environment();
    delete environment.DISPLAY;
    return execFileSync(program(name), args, { env: environment, cwd: this.home, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  }

  /** Opens the window, driven. */
  async open(...args: string[]): Promise<Person> {
    const port = await freePort();
    // Its own log and its own group: children inherit both, and one that stays would hold a pipe of ours open.
    const log = openSync(this.path('log/driver.log'), 'a');
    this.driver = spawn('WebKitWebDriver', [`--port=${port}`], {
      env: this.environment(), cwd: this.home, detached: true, stdio: ['ignore', log, log],
    });
    await eventually('the driver answers', () => Session.ready(port), 30);
    this.session = await Session.start(port, program('zeef-window'), args);
    this.somebody = new Person(this.session);
    return this.somebody;
  }

  /** Who is at the window that was opened last. */
  get person(): Person {
    if (!this.somebody) throw new Error('No window was opened.');
    return this.somebody;
  }

  /** Number of the window's process. */
  windowPid(): number {
    const driver = this.driver?.pid;
    const found = processes().find((one) => one.parent === driver && one.name.startsWith('zeef-window'));
    if (!found) throw new Error('The window does not run.');
    return found.pid;
  }

  /** All processes of this world that have not ended. */
  living(): { pid: number; name: string }[] {
    return processes().filter((one) => one.group === this.driver?.pid && one.state !== 'Z');
  }

  /** Closes the window as a person does. */
  async close(): Promise<void> {
    try {
      await this.session?.end();
    } catch {
      // The window may be gone: that is what some journeys do.
    }
    this.session = undefined;
    await this.reap();
  }

  /** Takes the machine's plug out: the window and all that it started end at once. */
  async kill(): Promise<void> {
    process.kill(this.windowPid(), 'SIGKILL');
    this.session = undefined;
    await this.reap();
  }

  /** Ends the driver, and what stayed of its group. */
  private async reap(): Promise<void> {
    const group = this.driver?.pid;
    if (group === undefined) return;
    const alone = () => this.living().every((one) => one.pid === group) || undefined;
    await eventually('the window ends', alone, 10).catch(() => undefined);
    try {
      process.kill(-group, 'SIGKILL');
    } catch {
      // All have ended.
    }
    await eventually('the driver ends', () => this.living().length === 0 || undefined, 10);
    this.driver = undefined;
  }

  /** Closes everything and removes the home. */
  async end(): Promise<void> {
    await this.close();
    for (const folder of [this.home, this.media]) rmSync(folder, { recursive: true, force: true });
  }
}

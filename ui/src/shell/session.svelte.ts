// What the window knows of the program: settings, the open case, counts, jobs. Everything else is asked when it is needed.
import { call, listen, windowError } from '../backend';
import type { CaseHead, Event, JobView, Settings, Startup, Strip, WindowError } from '../backend/types';
import { chooseLanguage } from '../words/language.svelte';
import { overlays } from './overlays.svelte';
import { router } from './router.svelte';

export type Theme = 'dark' | 'light';
type Hear = (event: Event) => void;

/** Milliseconds between two notes that a hand moved. */
const ACTIVITY_EVERY_MS = 10_000;

class Session {
  startup: Startup | null = $state.raw(null);
  settings: Settings | null = $state.raw(null);
  /** The open case; null without one. It stays while locked, so that the lock page can name it. */
  head: CaseHead | null = $state.raw(null);
  locked = $state(false);
  /** True while nothing is to be seen because nobody is at the machine. */
  blank = $state(false);
  strip: Strip | null = $state.raw(null);
  jobs: JobView[] = $state.raw([]);
  theme: Theme = $state('dark');
  /** An error of the program as a whole, e.g. that it does not answer. */
  error: WindowError | null = $state.raw(null);
  /** True while a file is dragged over the window. */
  dragging = $state(false);

  private readonly hearers = new Set<Hear>();
  private activityAt = 0;

  /** Asks for everything once, and listens. */
  async begin(): Promise<void> {
    try {
      await listen((event) => this.hear(event));
      const startup = await call('startup', {});
      this.startup = startup;
      this.applySettings(startup.settings);
      this.locked = startup.locked;
      if (startup.open) await this.opened(startup.open, startup.locked);
      this.watchHand();
    } catch (thrown) {
      this.error = windowError(thrown);
    }
  }

  /** A case was opened or unlocked: counts and jobs are asked for, and the review is shown. */
  async opened(head: CaseHead, locked = false): Promise<void> {
    const same = this.head?.dir === head.dir && this.head.user === head.user;
    this.head = head;
    this.locked = locked;
    this.blank = false;
    if (locked) return;
    [this.strip, this.jobs] = await Promise.all([call('strip', {}), call('jobs', {})]);
    // After an unlock the page is that of before; a case without sources begins with loading.
    if (!same || router.page === 'start') router.go(this.strip.total === 0 ? 'load' : 'review');
  }

  /** The case was closed: nothing of it stays in the window. */
  closed(): void {
    this.head = null;
    this.strip = null;
    this.jobs = [];
    this.locked = false;
    overlays.drop();
    router.go('start');
  }

  /** Locks at once; the page is gone before the program answers. */
  async lock(): Promise<void> {
    if (!this.head || this.locked) return;
    this.onLocked();
    await call('lock', {});
  }

  /** Saves changed settings; they hold at once. */
  async change(changed: Partial<Settings>): Promise<void> {
    if (!this.settings) return;
    const settings = { ...this.settings, ...changed };
    this.applySettings(settings);
    try {
      await call('settings_save', { settings });
    } catch (thrown) {
      this.error = windowError(thrown);
    }
  }

  /** Hears events too; gives back what ends it. */
  on(hear: Hear): () => void {
    this.hearers.add(hear);
    return () => this.hearers.delete(hear);
  }

  /** Asks for the counts again; events do so by themselves. */
  async refreshStrip(): Promise<void> {
    if (this.head && !this.locked) this.strip = await call('strip', {});
  }

  /** Takes settings over into the window. */
  applySettings(settings: Settings): void {
    this.settings = settings;
    chooseLanguage(settings.language);
    const light = settings.theme === 'system'
      ? window.matchMedia?.('(prefers-color-scheme: light)').matches === true
      : settings.theme === 'light';
    this.theme = light ? 'light' : 'dark';
    document.documentElement.dataset.theme = this.theme;
  }

  private hear(event: Event): void {
    if (event.event === 'counts') this.strip = event.strip;
    else if (event.event === 'job') this.hearJob(event.job);
    else if (event.event === 'blank') this.blank = true;
    else if (event.event === 'locked') this.onLocked();
    else if (event.event === 'dragging') this.dragging = event.over;
    for (const hearer of this.hearers) hearer(event);
  }

  private hearJob(job: JobView): void {
    const known = this.jobs.some((one) => one.job === job.job);
    this.jobs = known ? this.jobs.map((one) => (one.job === job.job ? job : one)) : [...this.jobs, job];
  }

  private onLocked(): void {
    this.locked = true;
    this.strip = null;
    this.jobs = [];
    router.view = null;
    overlays.drop();
  }

  private watchHand(): void {
    const moved = (event: globalThis.Event): void => {
      if (this.blank && (event.type === 'keydown' || event.type === 'pointerdown')) {
        // What wakes the window does nothing else: nobody saw what it would have acted on.
        event.preventDefault();
        event.stopImmediatePropagation();
      }
      this.blank = false;
      if (event.timeStamp - this.activityAt < ACTIVITY_EVERY_MS && this.activityAt > 0) return;
      this.activityAt = event.timeStamp;
      void call('activity', {}).catch(() => undefined);
    };
    for (const kind of ['keydown', 'pointermove', 'pointerdown', 'wheel'] as const) {
      window.addEventListener(kind, moved, { capture: true, passive: kind === 'pointermove' || kind === 'wheel' });
    }
  }
}

export const session = new Session();

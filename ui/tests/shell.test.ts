// What stands round every page: the strip, and what it says the same as others do.
import { readFileSync } from 'node:fs';
import { render } from '@testing-library/svelte';
import { flushSync } from 'svelte';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { use } from '../src/backend';
import { Fake } from '../src/backend/fake';
import type { JobView } from '../src/backend/types';
import { care } from '../src/pages/care.svelte';
import { overPages } from '../src/pages';
import { now } from '../src/pages/parts/now.svelte';
import AddUser from '../src/pages/AddUser.svelte';
import { overlays } from '../src/shell/overlays.svelte';
import { router } from '../src/shell/router.svelte';
import { session } from '../src/shell/session.svelte';
import Strip from '../src/shell/Strip.svelte';

let fake: Fake;
/** Lets answers arrive and effects run. */
async function settled(): Promise<void> {
  for (let i = 0; i < 6; i += 1) {
    await new Promise((done) => setTimeout(done, 0));
    flushSync();
  }
}

beforeEach(async () => {
  fake = new Fake({ shown: 40, hidden: 60, refused: 6, settings: { language: 'en' } });
  use(fake);
  session.head = null;
  session.locked = false;
  overlays.drop();
  router.go('start');
  care.taken();
  await session.begin();
  await settled();
});

describe('the break', () => {
  it('has one clock: the strip and the note say the same minute', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 10, 26, 9, 0) });
    try {
      now.at = new Date();
      render(Strip);
      render(overPages.BreakNote);
      const later = (minutes: number): void => {
        vi.setSystemTime(Date.now() + minutes * 60_000);
        now.at = new Date();
        care.hand();
        flushSync();
      };
      care.hand();
      flushSync();
      // A hand every four minutes: no rest that counts.
      for (let worked = 4; worked < 50; worked += 4) later(4);
      expect(document.body.textContent).toContain('Break in 2 min');
      expect(document.querySelector('.break')).toBeNull();
      later(2);
      expect(document.body.textContent).toContain('Time for a break');
      expect(document.querySelector('.break')).not.toBeNull();
      care.later();
      flushSync();
      expect(document.body.textContent).toContain('Break in 10 min');
      expect(document.querySelector('.break')).toBeNull();
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('the work beside the review', () => {
  const job = (changed: Partial<JobView> = {}): JobView => ({
    job: 1, kind: 'load', state: 'running', stages: [{ stage: 'list', done: 9, total: 9 }, { stage: 'read', done: 4, total: 9 }], rate: 340, bytes: 0, seconds_left: 700, outcome: null, error: null, resumed: false, ...changed,
  });
  const line = (): string => document.querySelector('.work')?.textContent?.replace(/\s+/g, ' ').trim() ?? '';
  const say = (...jobs: JobView[]): void => {
    for (const one of jobs) fake.say({ event: 'job', job: one });
    flushSync();
  };

  it('stands in the strip with its stage, its speed and the time left, and leads to the sources', () => {
    render(Strip);
    expect(line()).toBe('');
    say(job());
    expect(line()).toBe('Compute digests 340 files/s 15 minutes left');
    document.querySelector<HTMLButtonElement>('.work button')?.click();
    expect(router.page).toBe('load');
    say(job({ state: 'done', seconds_left: 0 }));
    expect(line()).toBe('');
  });

  it('can be held and let go from there', async () => {
    render(Strip);
    say(job(), job({ job: 2, state: 'waiting' }));
    expect(line()).toContain('+ 1 waiting');
    document.querySelector<HTMLButtonElement>('.work .hold')?.click();
    await settled();
    say(job({ state: 'paused' }));
    expect(line()).toContain('Paused');
    document.querySelector<HTMLButtonElement>('.work .hold')?.click();
    await settled();
    expect(fake.log.filter((one) => one.name.startsWith('job_'))).toEqual([{ name: 'job_pause', args: { job: 1 } }, { name: 'job_resume', args: { job: 1 } }]);
  });

  it('says that it goes on by itself after a lock', () => {
    render(Strip);
    say(job({ resumed: true }));
    expect(line()).toBe('Goes on: Compute digests 340 files/s 15 minutes left');
  });
});

describe('a dialog', () => {
  it('covers the page while it is open, so that no scroll bar shines through it', () => {
    const covered = (): boolean => document.documentElement.hasAttribute('data-covered');
    const { unmount } = render(AddUser, { onclose: () => undefined, ondone: () => undefined });
    expect(covered()).toBe(true);
    unmount();
    expect(covered()).toBe(false);
    expect(readFileSync('src/styles/base.css', 'utf8')).toMatch(/html\[data-covered\][^{]*\{ overflow: hidden; \}/);
  });

  it('hears its keys also when what had the focus is gone', () => {
    let closed = 0;
    const { unmount } = render(AddUser, { onclose: () => (closed += 1), ondone: () => undefined });
    (document.activeElement as HTMLElement).blur();
    expect(document.activeElement).toBe(document.body);
    document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, cancelable: true }));
    expect(closed).toBe(1);
    unmount();
    document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, cancelable: true }));
    expect(closed, 'a dialog that is gone hears nothing').toBe(1);
  });
});

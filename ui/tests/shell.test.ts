// What stands round every page: the strip, and what it says the same as others do.
import { render } from '@testing-library/svelte';
import { flushSync } from 'svelte';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { use } from '../src/backend';
import { Fake } from '../src/backend/fake';
import { care } from '../src/pages/care.svelte';
import { overPages } from '../src/pages';
import { now } from '../src/pages/parts/now.svelte';
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

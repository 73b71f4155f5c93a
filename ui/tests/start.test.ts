// The way in, against the fake program: what a hand has written stays, whatever the program says later.
import { render } from '@testing-library/svelte';
import { flushSync, tick } from 'svelte';
import { beforeEach, expect, it } from 'vitest';
import { use } from '../src/backend';
import { Fake } from '../src/backend/fake';
import { keyboard } from '../src/keys/keyboard.svelte';
import { overPages } from '../src/pages';
import { session } from '../src/shell/session.svelte';

const RECENT = { dir: '/cases/1', number: '26-RTM-0417', user: 'A. Bakker', opened: '2026-11-25T09:00:00Z', there: true };

async function settled(): Promise<void> {
  for (let i = 0; i < 4; i += 1) {
    await tick();
    await new Promise((done) => requestAnimationFrame(done));
    flushSync();
  }
}
const field = (id: string): HTMLInputElement => document.getElementById(id) as HTMLInputElement;
function write(id: string, text: string): void {
  field(id).focus();
  field(id).value = text;
  field(id).dispatchEvent(new Event('input', { bubbles: true }));
  flushSync();
}
/** The program tells which cases there are. */
async function tell(recent: (typeof RECENT)[]): Promise<void> {
  session.startup = { ...session.startup!, recent };
  flushSync();
  await settled();
}

beforeEach(async () => {
  const fake = new Fake({ open: false, settings: { language: 'en' } });
  use(fake);
  session.head = null;
  session.startup = { ...(await fake.call('startup', {})), recent: [] };
  render(overPages.Start);
  await settled();
});

it('proposes the newest case and the name of whoever had it, and puts the focus on the passphrase', async () => {
  await tell([RECENT]);
  expect(field('start-user').value).toBe('A. Bakker');
  expect(document.activeElement?.id).toBe('start-passphrase');
});

it('keeps a name that was typed before the list came, and the focus where it is', async () => {
  keyboard.run('open');
  await settled();
  write('start-folder', '/cases/2');
  write('start-user', 'Bert');
  await tell([RECENT]);
  expect([field('start-user').value, document.activeElement?.id]).toEqual(['Bert', 'start-user']);
  expect(field('start-folder').value).toBe('/cases/2');
});

it('leaves whoever is at a field there, also where the proposal came first', async () => {
  session.startup = { ...session.startup!, recent: [RECENT] };
  flushSync();
  write('start-user', 'Bert');
  await settled();
  expect([field('start-user').value, document.activeElement?.id]).toEqual(['Bert', 'start-user']);
});

it('takes the name of a case that was chosen by hand in place of what was typed', async () => {
  await tell([RECENT, { ...RECENT, dir: '/cases/3', number: '3', user: 'Cleo' }]);
  write('start-user', 'Bert');
  [...document.querySelectorAll<HTMLButtonElement>('.case-row')][1]!.click();
  await settled();
  expect(field('start-user').value).toBe('Cleo');
});

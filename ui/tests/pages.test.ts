// The pages against the fake program: what they do with it, and that axe finds nothing, in both languages and themes.
import { render } from '@testing-library/svelte';
import axe from 'axe-core';
import { flushSync, type Component } from 'svelte';
import { beforeEach, describe, expect, it } from 'vitest';
import { use } from '../src/backend';
import { Fake } from '../src/backend/fake';
import AddSources from '../src/pages/AddSources.svelte';
import { drafts } from '../src/pages/drafts.svelte';
import ImportList from '../src/pages/ImportList.svelte';
import JobCard from '../src/pages/JobCard.svelte';
import SyncOutcome from '../src/pages/SyncOutcome.svelte';
import { overPages, pages } from '../src/pages';
import { emptyDraft, legalScope } from '../src/pages/logic/newCase';
import { sayScope } from '../src/pages/parts/scope';
import { router } from '../src/shell/router.svelte';
import { session } from '../src/shell/session.svelte';
import { schemeName, schemeTitle } from '../src/words/schemes';

let fake: Fake;
/** Lets answers arrive and effects run. */
async function settled(): Promise<void> {
  for (let i = 0; i < 6; i += 1) {
    await new Promise((done) => setTimeout(done, 0));
    flushSync();
  }
}
async function begin(language: string, theme: string, open = true): Promise<void> {
  fake = new Fake({ shown: 40, hidden: 60, refused: 6, open, settings: { language, theme } });
  use(fake);
  session.head = null;
  session.locked = false;
  session.error = null;
  router.go('start');
  await session.begin();
  await settled();
}
function fill(id: string, text: string): void {
  const field = document.getElementById(id);
  if (!(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement)) throw new Error(`no field ${id}`);
  field.value = text;
  field.dispatchEvent(new Event('input', { bubbles: true }));
  flushSync();
}
const press = (text: string): void => {
  const found = [...document.querySelectorAll('button')].find((one) => one.textContent?.trim().startsWith(text));
  if (!found) throw new Error(`no button ${text}`);
  found.click();
  flushSync();
};
const said = (name: string): unknown[] => fake.log.filter((one) => one.name === name).map((one) => one.args);

beforeEach(() => drafts.drop());

describe('every page', () => {
  const all: [string, Component, boolean][] = [
    ...Object.entries(pages).map(([name, page]): [string, Component, boolean] => [name, page, name !== 'start' && name !== 'new-case']),
    ...Object.entries(overPages).map(([name, page]): [string, Component, boolean] => [name, page, name !== 'Start']),
  ];
  for (const [language, theme] of [['en', 'dark'], ['nl', 'light']] as const) {
    it.each(all)(`has nothing for axe to find: %s, ${language}, ${theme}`, async (_name, page, open) => {
      await begin(language, theme, open);
      const { container } = render(page);
      await settled();
      // Contrast needs a drawn page: `npm run axe` looks at it in a browser.
      // Ninety equal rows of keys take a minute in jsdom; that run has them too.
      container.querySelector('#set-keys .list')?.remove();
      const found = await axe.run(container, { rules: { 'color-contrast': { enabled: false }, region: { enabled: false } }, resultTypes: ['violations'] });
      expect(found.violations.map((one) => `${one.id}: ${one.nodes[0]?.html}`)).toEqual([]);
    });
  }
});

describe('the start', () => {
  it('opens the newest case with its user, and keeps what was typed when the passphrase is wrong', async () => {
    await begin('en', 'dark', false);
    render(pages.start);
    await settled();
    fill('start-passphrase', 'wrong');
    document.querySelector('form')?.requestSubmit();
    await settled();
    expect(document.querySelector('[role="alert"]')?.textContent).toContain('not right');
    expect((document.getElementById('start-passphrase') as HTMLInputElement).value).toBe('wrong');
    fill('start-passphrase', 'zeef');
    document.querySelector('form')?.requestSubmit();
    await settled();
    expect(said('case_open').at(-1)).toEqual({ dir: '/cases/26-RTM-0417', user: 'A. Bakker', passphrase: 'zeef' });
    expect(session.head?.number).toBe('26-RTM-0417');
    expect(router.page).toBe('review');
  });

  it('makes no case while something is missing, and loses nothing on the way back', async () => {
    await begin('nl', 'dark', false);
    const { unmount } = render(pages['new-case']);
    fill('new-number', '26/1');
    document.querySelector('form')?.requestSubmit();
    await settled();
    expect(said('case_new')).toEqual([]);
    expect(document.activeElement?.id).toBe('new-unit');
    unmount();
    render(pages['new-case']);
    expect((document.getElementById('new-number') as HTMLInputElement).value).toBe('26/1');
    expect((document.getElementById('new-dir') as HTMLInputElement).value).toBe('/home/a/Cases/26-1');
  });
});

describe('the lock', () => {
  it('shows the number of the case and nothing else of it, and drops drafts', async () => {
    await begin('en', 'dark');
    drafts.reasons['again-1'] = 'words about a case';
    await session.lock();
    render(overPages.Lock);
    await settled();
    expect(document.body.textContent).toContain('26-RTM-0417');
    expect(document.body.textContent).not.toMatch(/Rotterdam|1180|Bakker/);
    expect(drafts.reasons).toEqual({});
  });
});

describe('sources', () => {
  it('are loaded from what was typed, and nothing else is sent', async () => {
    await begin('en', 'dark');
    let closed = false;
    render(AddSources, { onclose: () => (closed = true), onforeign: () => undefined });
    fill('add-paths', 'relative/path');
    press('Load 1 source');
    await settled();
    expect(said('sources_add')).toEqual([]);
    fill('add-paths', '/evidence/a\n/evidence/b');
    press('Load 2 sources');
    await settled();
    expect(said('sources_add')).toEqual([{ paths: ['/evidence/a', '/evidence/b'] }]);
    expect(closed).toBe(true);
  });
});

describe('hidden items', () => {
  it('are text alone, and are shown again only with a reason', async () => {
    await begin('en', 'dark');
    render(pages.hidden);
    await settled();
    expect(document.querySelectorAll('img, canvas, picture')).toHaveLength(0);
    press('Show again');
    const button = [...document.querySelectorAll<HTMLButtonElement>('[role="dialog"] footer button')].at(-1);
    button?.click();
    await settled();
    expect(said('show_again')).toEqual([]);
    fill('again-reason', 'a calendar picture');
    button?.click();
    await settled();
    expect(said('show_again')).toEqual([{ number: expect.any(Number), reason: 'a calendar picture' }]);
  });
});

describe('a publisher', () => {
  const enter = (): void => {
    document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
    flushSync();
  };
  const text = (): string => document.querySelector('[role="dialog"]')?.textContent ?? '';
  const main = (): void => {
    document.querySelector<HTMLButtonElement>('[role="dialog"] .main')?.click();
    flushSync();
  };
  const compared = (): HTMLInputElement => document.getElementById('enrol-compared') as HTMLInputElement;
  /** Opens the dialog and goes on to what the file says. */
  async function look(path: string): Promise<void> {
    await begin('en', 'dark');
    render(pages.sets);
    await settled();
    press('Enrol a publisher');
    fill('enrol-path', path);
    enter();
    await settled();
  }

  it('is enrolled only after its fingerprint was shown and compared', async () => {
    await look(' /media/disk/enrolment.json ');
    expect(said('sync_enrol_look')).toEqual([{ path: '/media/disk/enrolment.json' }]);
    expect(text()).toMatch(/Compare the fingerprint.*telephone|Call the publisher/s);
    expect(text()).toContain('Nieuwe uitgever (nieuw)');
    expect(text()).toContain('https://sets.nieuw.example/');
    const rows = [...document.querySelectorAll('#enrol-print .line')].map((row) => row.textContent);
    expect(rows).toEqual(['8d4f 02c1 6e37 a95b', '0fd2 86c3 714e a90d', '5b62 f8e7 309c ad14', 'f786 1b5e c2d3 409a']);
    // Whoever presses Enter once more has compared nothing.
    expect(document.activeElement).toBe(compared());
    enter();
    await settled();
    expect(said('sync_enrol')).toEqual([]);
    expect(text()).toContain('Compare the fingerprint with the publisher first');
    expect(compared().getAttribute('aria-describedby')).toBe('enrol-compared-e');
    main();
    expect(said('sync_enrol')).toEqual([]);

    compared().click();
    flushSync();
    enter();
    await settled();
    expect(said('sync_enrol')).toEqual([{ path: '/media/disk/enrolment.json', fingerprint: fake.program.enrolment.fingerprint }]);
    expect(document.querySelector('[role="dialog"]')).toBeNull();
    expect(document.body.textContent).toContain('nieuw is enrolled');
  });

  it('whose file is another by then is not enrolled, and has to be compared anew', async () => {
    await look('/media/disk/enrolment.json');
    compared().click();
    fake.program.enrolment = { ...fake.program.enrolment, address: null, fingerprint: '0f'.repeat(32) };
    main();
    await settled();
    expect(document.querySelector('[role="dialog"] [role="alert"]')?.textContent).toContain('nothing was enrolled');
    press('Another file');
    await settled();
    expect((document.activeElement as HTMLInputElement).value).toBe('/media/disk/enrolment.json');
    expect(document.querySelector('[role="alert"]')).toBeNull();
    press('Show the fingerprint');
    await settled();
    expect(text()).toContain('0f0f 0f0f 0f0f 0f0f');
    expect(text()).toContain('no server: releases are carried in');
    expect(compared().checked).toBe(false);
  });

  it('whose file is none is told, and the name of the file is kept', async () => {
    await look('/media/disk/list.csv');
    expect(document.querySelector('[role="dialog"] [role="alert"]')?.textContent).toContain('list.csv');
    expect((document.getElementById('enrol-path') as HTMLInputElement).value).toBe('/media/disk/list.csv');
    expect(compared()).toBeNull();
    fill('enrol-path', ' ');
    press('Show the fingerprint');
    expect(document.activeElement?.id).toBe('enrol-path');
    expect(said('sync_enrol_look').length).toBe(1);
  });
});

describe('sets that are gone', () => {
  it('are given up only from a dialog that says what comes back, by what was seen there', async () => {
    await begin('en', 'dark');
    fake.program.missing = [{ name: 'Landelijk', version: 1842, there: 1840, hides: 118_204 }, { name: 'Interpol', version: 77, there: null, hides: 31_442 }];
    render(pages.sets);
    await settled();
    expect(document.body.textContent).toContain('2 hash sets are missing');
    press('See which sets are missing');
    const dialog = document.querySelector('[role="dialog"]');
    expect(dialog?.textContent).toContain('up to 149,646 items come back');
    expect(dialog?.textContent).toMatch(/Landelijk v1842\s*v1840\s*118,204/);
    expect(document.activeElement?.textContent).toBe('Close');
    expect(said('sets_give_up')).toEqual([]);
    press('Give up 2 sets');
    await settled();
    expect(said('sets_give_up')).toEqual([{ seen: [['Landelijk', 1842], ['Interpol', 77]] }]);
    expect(document.querySelector('[role="dialog"]')).toBeNull();
  });

  it('can be looked at where the load was refused because of them', async () => {
    await begin('en', 'dark');
    fake.program.missing = [{ name: 'Interpol', version: 77, there: null, hides: 1 }];
    const error = { code: 'sets-missing', message: 'gone', hint: '', detail: '' };
    render(JobCard, { job: { job: 1, kind: 'load', state: 'failed', stages: [], rate: 0, bytes: 0, seconds_left: null, outcome: null, error, resumed: false } });
    press('See which sets are missing');
    await settled();
    expect(document.querySelector('[role="dialog"] h1')?.textContent).toBe('A hash set is missing');
  });
});

describe('what came back', () => {
  it('is opened as a view of its own', async () => {
    await begin('en', 'dark');
    const outcome = { kind: 'sync' as const, lines: [], rematch: { items: 9, newly_hidden: 0, returned: 3, odd: 0, notices: 0 } };
    render(SyncOutcome, { outcome });
    press('Show what came back');
    expect(router.page).toBe('review');
    expect(router.view).toMatchObject({ shelf: 'returned', picks: [], text: '' });
    router.view = null;
  });

  it('is told apart from what has to be judged again', async () => {
    await begin('en', 'dark');
    const outcome = { kind: 'sync' as const, lines: [], rematch: { items: 9, newly_hidden: 0, returned: 0, odd: 20, notices: 0 } };
    render(SyncOutcome, { outcome });
    expect(document.body.textContent).not.toContain('Show what came back');
    press('Show them');
    expect(router.view).toMatchObject({ shelf: 'undecided', picks: [{ facet: 'mark', values: ['finding'] }] });
    router.view = null;
  });
});

describe('what the program keeps in English', () => {
  it('is said in the language of the window: schemes and the legal scope', async () => {
    await begin('nl', 'dark');
    expect(session.startup!.schemes.map((one) => schemeName(one.id))).toContain('Verenigd Koninkrijk, categorieën voor de strafmaat');
    expect(schemeName('noordelijk')).toBe('noordelijk');
    const head = session.head!;
    session.head = { ...head, scheme: { ...head.scheme, id: 'noordelijk', title: 'Northern', title_nl: 'Noordelijk' } };
    expect(schemeName('noordelijk')).toBe('Noordelijk');
    session.head = head;
    expect(schemeTitle({ title: 'Noordelijk schema', title_nl: null })).toBe('Noordelijk schema');
    const draft = { ...emptyDraft('nl'), warrant: 'RC 26/1188', from: '2026-11-01', to: '2026-12-31' };
    expect(sayScope(legalScope(draft))).toBe('Nummer van de machtiging: RC 26/1188\nPeriode: 2026-11-01 tot en met 2026-12-31\nMedia: foto\'s, video\'s, archieven, andere bestanden');
    expect(sayScope('period: from the start\nby the judge')).toBe('period: from the start\nby the judge');
  });
});

describe('the list of commands', () => {
  it('has the shelves and the views that the person keeps', async () => {
    await begin('nl', 'dark');
    fake.review.savedPut({ name: '<b>map</b> 7', query: { shelf: 'shown', picks: [{ facet: 'folder', values: ['map 7'] }], text: '', order: 'time', descending: true, stacked: false } });
    render(overPages.CommandPalette);
    await settled();
    const titles = [...document.querySelectorAll('[role="option"]')].map((one) => one.textContent?.trim());
    expect(titles).toContain('Toon: Teruggekomen');
    expect(titles).toContain('Toon: <b>map</b> 7');
  });
});

describe('settings', () => {
  it('go to the program as they are changed, and only when they can hold', async () => {
    await begin('en', 'dark');
    render(pages.settings);
    await settled();
    fill('set-blank_minutes', '0');
    await settled();
    expect(said('settings_save')).toEqual([]);
    fill('set-blank_minutes', '7');
    await settled();
    expect(said('settings_save').at(-1)).toMatchObject({ settings: { blank_minutes: 7, lock_minutes: 15 } });
    document.querySelector<HTMLInputElement>('input[name="language"][value="nl"]')?.click();
    await settled();
    expect(document.querySelector('h1')?.textContent).toBe('Instellingen');
  });
});

describe('a list', () => {
  it('is looked into first; what its codes mean goes along', async () => {
    await begin('en', 'dark');
    render(ImportList, { onclose: () => undefined, ondone: () => undefined });
    fill('import-files', '/lists/north.json');
    press('Look inside');
    await settled();
    press('Import 9,120 entries');
    await settled();
    expect(document.body.textContent).toContain('Say what the list is.');
    expect(said('set_import')).toEqual([]);
    document.querySelector<HTMLInputElement>('input[name="role"][value="known"]')!.click();
    flushSync();
    const mean = document.getElementById('mean-0') as HTMLSelectElement;
    mean.value = 'non-pertinent';
    mean.dispatchEvent(new Event('change', { bubbles: true }));
    flushSync();
    press('Import 9,120 entries');
    await settled();
    expect(said('set_import')).toEqual([{ form: { files: ['/lists/north.json'], name: 'north', role: 'known', profile: '', meanings: [['0', 'non-pertinent']] } }]);
  });
});

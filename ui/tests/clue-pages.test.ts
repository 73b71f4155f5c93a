// The pages of clues, links and exports against the fake program, by keys alone where a hand could do the same.
import { render } from '@testing-library/svelte';
import { flushSync } from 'svelte';
import { beforeEach, describe, expect, it } from 'vitest';
import { use } from '../src/backend';
import { Fake } from '../src/backend/fake';
import { keyboard } from '../src/keys/keyboard.svelte';
import { likely } from '../src/leads/likely.svelte';
import { linked } from '../src/leads/links.svelte';
import { where } from '../src/leads/where.svelte';
import { drafts } from '../src/pages/drafts.svelte';
import { pages } from '../src/pages';
import { router } from '../src/shell/router.svelte';
import { session } from '../src/shell/session.svelte';

let fake: Fake;
async function settled(): Promise<void> {
  for (let i = 0; i < 6; i += 1) {
    await new Promise((done) => setTimeout(done, 0));
    flushSync();
  }
}
async function begin(page: 'places' | 'links' | 'made-here' | 'export'): Promise<HTMLElement> {
  router.go(page);
  const { container } = render(pages[page]);
  await settled();
  return container;
}
async function press(key: string, held: Partial<KeyboardEventInit> = {}): Promise<void> {
  const target = document.activeElement ?? document.body;
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...held });
  target.dispatchEvent(event);
  keyboard.keydown(event);
  await settled();
}
function fill(id: string, text: string): void {
  const field = document.getElementById(id) as HTMLInputElement;
  field.value = text;
  field.dispatchEvent(new Event('input', { bubbles: true }));
  flushSync();
}
const button = (text: string): HTMLButtonElement => {
  const found = [...document.querySelectorAll('button')].find((one) => one.textContent?.trim().startsWith(text));
  if (!found) throw new Error(`no button ${text}`);
  return found;
};
async function click(text: string): Promise<void> {
  button(text).click();
  await settled();
}
const asked = (name: string): unknown[] => fake.log.filter((one) => one.name === name).map((one) => one.args);

beforeEach(async () => {
  fake = new Fake({ shown: 400, hidden: 60, refused: 6, settings: { language: 'en', theme: 'dark' } });
  use(fake);
  session.head = null;
  session.locked = false;
  router.lead = null;
  where.drop();
  linked.drop();
  likely.drop();
  drafts.drop();
  await session.begin();
  await settled();
});

describe('map and time', () => {
  it('goes through the points by keys, says them, and lists their items', async () => {
    const page = await begin('places');
    await press('m');
    expect(document.activeElement?.id).toBe('where-map');
    const { world_px, x } = where.view!;
    await press('+');
    expect(where.view!.world_px).toBeGreaterThan(world_px);
    await press('ArrowRight');
    expect(where.view!.x).toBeGreaterThan(x);
    await press('n');
    expect(where.chosenCluster).not.toBeNull();
    expect(page.querySelector('#where-map [role="status"]')?.textContent).toMatch(/^\d+ items at .+ within/);
    const first = where.point;
    await press('n');
    expect(where.point).not.toBe(first);
    await press('p');
    expect(where.point).toBe(first);
    await press('Enter');
    expect(document.activeElement?.id).toBe('where-items');
    const number = where.chosen![0]!;
    await press('Enter');
    expect([router.page, router.item]).toEqual(['review', number]);
  });

  it('marks a span by keys; with a point it leaves what is in both; Esc lets go of one after the other', async () => {
    await begin('places');
    await press('m');
    await press('n');
    await press('t');
    expect(document.activeElement?.id).toBe('when-plot');
    await press('Home');
    await press('End', { shiftKey: true });
    expect(where.inSpan!.length).toBeGreaterThan(0);
    const there = new Set(where.atPoint);
    expect(where.chosen!.every((number) => there.has(number) && where.inSpan!.includes(number))).toBe(true);
    const times = where.chosen!.map((number) => where.stamps.get(number)!.time_s);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    await press('Escape');
    expect([where.span, where.point === null]).toEqual([null, false]);
    await press('Escape');
    expect(where.chosen).toBeNull();
  });

  it('sets a clock with a reason, and only then', async () => {
    await begin('places');
    await press('t');
    await press('c');
    expect(document.querySelector('[role="dialog"]')?.textContent).toContain('EOS 2000D');
    fill('clock-by', '1:xx');
    document.querySelector<HTMLFormElement>('#clock-form')!.requestSubmit();
    await settled();
    expect(document.body.textContent).toContain('Write it as 1:30:00');
    fill('clock-by', '1:00:30');
    fill('clock-reason', 'the clock of the station is in the picture');
    await click('behind');
    const before = where.devices[0]!.taken[0]![0];
    document.querySelector<HTMLFormElement>('#clock-form')!.requestSubmit();
    await settled();
    expect(asked('clock_set')).toEqual([{ device: 'canon-063021', aheadS: -3_630, reason: 'the clock of the station is in the picture' }]);
    expect(where.devices[0]!.taken[0]![0] - before).toBe(3_630 + 120);
    expect(document.querySelector('[role="dialog"]')).toBeNull();
  });

  it('has a table behind each, whose rows do the same', async () => {
    const page = await begin('places');
    const [mapTable, timeTable] = [...page.querySelectorAll<HTMLButtonElement>('.segments button:nth-child(2)')];
    mapTable!.click();
    timeTable!.click();
    await settled();
    const [points, devices] = [...page.querySelectorAll('table')];
    expect(points!.querySelectorAll('tbody tr')).toHaveLength(where.points.length);
    expect(devices!.querySelectorAll('tbody tr')).toHaveLength(where.devices.length);
    points!.querySelector<HTMLButtonElement>('tbody button')!.click();
    await settled();
    expect(where.point).toBe(where.ranked[0]!.index);
    expect(page.querySelector('#where-items')).not.toBeNull();
  });

  it('is about one lead alone when that was asked, and says so', async () => {
    router.lead = { lead: 2, name: 'Room <b>x</b>' };
    const page = await begin('places');
    expect(asked('map_points').at(-1)).toEqual({ lead: 2 });
    expect(page.querySelector('.tabs .chip')?.textContent).toContain('Only: Room <b>x</b>');
    page.querySelector<HTMLButtonElement>('.tabs .chip button')!.click();
    await settled();
    expect(asked('map_points').at(-1)).toEqual({ lead: null });
  });

  it('keeps what was chosen while a person looks at an item, and nothing after a lock', async () => {
    await begin('places');
    await press('m');
    await press('n');
    const { point } = where;
    router.go('review');
    await begin('places');
    expect(where.point).toBe(point);
    where.drop();
    expect([where.points, where.line, where.point]).toEqual([[], null, null]);
  });
});

describe('links', () => {
  it('are a list for the keys, in the order that is asked for', async () => {
    const page = await begin('links');
    expect(page.querySelectorAll('#links-list [role="option"]').length).toBeGreaterThan(3);
    await click('Items');
    expect(linked.rows[0]!.items).toBe(Math.max(...linked.rows.map((one) => one.items)));
    document.getElementById('links-list')!.focus();
    await press('ArrowDown');
    expect(linked.at).toBe(1);
    await click('Look-alike');
    expect(new Set(linked.rows.map((one) => one.kind))).toEqual(new Set(['look-alike']));
    document.getElementById('links-list')!.focus();
    await press('Enter');
    expect(router.page).toBe('review');
  });

  it('go across cases only by an index that was chosen, and say before that it is logged', async () => {
    await begin('links');
    expect(asked('links_across')).toEqual([]);
    await click('Across cases');
    expect(document.querySelector('[role="dialog"]')?.textContent).toContain('is logged');
    document.querySelector<HTMLFormElement>('#index-form')!.requestSubmit();
    await settled();
    expect(asked('links_across')).toEqual([]);
    fill('index-path', '/x/missing');
    document.querySelector<HTMLFormElement>('#index-form')!.requestSubmit();
    await settled();
    expect(document.querySelector('[role="dialog"] [role="alert"]')).not.toBeNull();
    fill('index-path', '/x/cases');
    document.querySelector<HTMLFormElement>('#index-form')!.requestSubmit();
    await settled();
    expect(linked.across).toHaveLength(4);
    expect(document.querySelector('[role="dialog"]')).toBeNull();
    await click('Another index');
    await click('Add this case');
    expect(asked('index_add')).toEqual([{ index: '/x/cases' }]);
  });
});

describe('made here', () => {
  it('lists items by rank, narrows by reasons, and opens one in the review', async () => {
    const page = await begin('made-here');
    const all = likely.lines.length;
    expect(all).toBeGreaterThan(10);
    const boxes = [...page.querySelectorAll<HTMLInputElement>('.why input')];
    boxes.at(-1)!.click();
    await settled();
    expect(likely.lines.length).toBeLessThan(all);
    expect(likely.lines.every((line) => line.reasons.some(([reason]) => reason === 'unedited'))).toBe(true);
    await press('Escape');
    expect(likely.lines).toHaveLength(all);
    document.getElementById('made-list')!.focus();
    await press('ArrowDown');
    await press('Enter');
    expect([router.page, router.item]).toEqual(['review', likely.lines[1]!.number]);
  });
});

describe('export', () => {
  it('asks with recipients, a word on media and a reason', async () => {
    const page = await begin('export');
    await click('Ask for a package');
    page.querySelector<HTMLFormElement>('form')!.requestSubmit();
    await settled();
    expect(asked('export_request')).toEqual([]);
    expect(page.textContent).toContain('Choose at least one recipient.');
    fill('ex-name', 'Unit <i>x</i>');
    fill('ex-key', `age1${'q'.repeat(57)}`);
    await click('Add a recipient');
    expect(page.textContent).toContain('This is no age key');
    fill('ex-key', `age1${'q'.repeat(58)}`);
    await click('Add a recipient');
    const media = [...page.querySelectorAll<HTMLInputElement>('fieldset input[type="checkbox"]')].at(-1)!;
    media.click();
    await settled();
    expect(asked('export_preview').at(-1)).toEqual({ what: 'classified', media: true });
    fill('ex-reason', 'for the national set');
    page.querySelector<HTMLFormElement>('form')!.requestSubmit();
    await settled();
    expect(asked('export_request')).toEqual([]);
    (document.getElementById('ex-media-sure') as HTMLInputElement).click();
    flushSync();
    page.querySelector<HTMLFormElement>('form')!.requestSubmit();
    await settled();
    expect(asked('export_request')).toEqual([{ form: { what: 'classified', media: true, recipients: [['Unit <i>x</i>', `age1${'q'.repeat(58)}`]], reason: 'for the national set' } }]);
    expect(page.querySelector('table')?.textContent).toContain('Unit <i>x</i>');
  });

  it('shows who asked the page without the buttons, and lets them withdraw', async () => {
    const page = await begin('export');
    page.querySelectorAll<HTMLButtonElement>('tbody button')[1]!.click();
    await settled();
    expect(page.textContent).toContain('Who asks does not sign.');
    expect(document.getElementById('ex-pass')).toBeNull();
    await click('Withdraw the request');
    const dialog = document.querySelector('[role="dialog"]')!;
    [...dialog.querySelectorAll<HTMLButtonElement>('button')].at(-1)!.click();
    await settled();
    expect(asked('export_withdraw')).toEqual([{ request: 2 }]);
    expect(page.textContent).toContain('Nothing left the case.');
  });

  it('signs with a key of one’s own once the page was read; a wrong passphrase is forgotten and writes nothing', async () => {
    const page = await begin('export');
    await click('Read package 3');
    const form = (): HTMLFormElement => page.querySelector<HTMLFormElement>('aside form')!;
    form().requestSubmit();
    await settled();
    expect(document.activeElement?.id).toBe('ex-key-file');
    fill('ex-key-file', '/k/lead.key');
    fill('ex-pass', 'wrong');
    fill('ex-out', '/out/3.package');
    form().requestSubmit();
    await settled();
    expect(asked('export_sign')).toEqual([]);
    expect(document.activeElement?.id).toBe('ex-unlooked');
    (document.getElementById('ex-unlooked') as HTMLInputElement).click();
    (document.getElementById('ex-read') as HTMLInputElement).click();
    flushSync();
    form().requestSubmit();
    await settled();
    expect(page.textContent).toContain('not the passphrase of that key');
    expect(document.activeElement?.id).toBe('ex-pass');
    expect((document.getElementById('ex-pass') as HTMLInputElement).value).toBe('');
    fill('ex-pass', 'zeef');
    form().requestSubmit();
    await settled();
    expect(asked('export_sign').at(-1)).toEqual({ request: 3, keyFile: '/k/lead.key', keyPassphrase: 'zeef', out: '/out/3.package', unlooked: true });
    expect(page.textContent).toContain('Signed and encrypted');
    expect(page.textContent).toContain('/out/3.package');
    expect(page.textContent).toContain('90ab5c1e90ab');
  });

  it('looks at the sample by keys alone, and then signs without a tick', async () => {
    const page = await begin('export');
    await click('Read package 3');
    expect(page.textContent).toContain('You looked at 0 of 20.');
    await click('Look at the sample');
    const list = page.querySelector<HTMLElement>('[role="listbox"]')!;
    expect(document.activeElement).toBe(list);
    const options = page.querySelectorAll('[role="option"]');
    expect(options).toHaveLength(20);
    for (let at = 0; at < options.length; at += 1) {
      await press(' ');
      keyboard.keyup(new KeyboardEvent('keyup', { key: ' ' }));
      await press('ArrowRight');
    }
    expect(page.textContent).toMatch(/You looked at (19|20) of 20\./);
    await press('Escape');
    expect(page.querySelector('[role="listbox"]')).toBeNull();
    expect(document.activeElement?.id).toBe('ex-look');
    expect(document.getElementById('ex-unlooked')).toBeNull();
    await press('Escape');
    expect(page.textContent).toContain('What leaves the case.');
  });

  it('takes a pasted file of keys apart, and takes a secret key off the page without a word of it', async () => {
    const page = await begin('export');
    await click('Ask for a package');
    const field = document.getElementById('ex-key') as HTMLInputElement;
    const paste = async (text: string): Promise<boolean> => {
      const event = new Event('paste', { bubbles: true, cancelable: true });
      Object.assign(event, { clipboardData: { getData: () => text } });
      const taken = !field.dispatchEvent(event);
      await settled();
      return taken;
    };
    const key = `age1${'q'.repeat(58)}`;
    expect(await paste(`# of the custodian\nCustodian=${key}\n`)).toBe(true);
    expect([field.value, (document.getElementById('ex-name') as HTMLInputElement).value]).toEqual([key, 'Custodian']);
    fill('ex-name', 'Own name');
    expect(await paste(`Custodian=${key}`)).toBe(true);
    expect((document.getElementById('ex-name') as HTMLInputElement).value).toBe('Own name');
    const secret = `AGE-SECRET-KEY-1${'Q'.repeat(58)}`;
    expect(await paste(`# public key: ${key}\n${secret}\n`)).toBe(true);
    expect(field.value).toBe('');
    expect(page.textContent).toContain('This is a secret key');
    expect(document.body.innerHTML).not.toContain(secret);
    fill('ex-key', secret);
    await settled();
    expect(field.value).toBe('');
    expect(asked('export_request')).toEqual([]);
    expect(await paste(`A=${key}\nage1${'p'.repeat(58)}`)).toBe(true);
    expect(page.textContent).toContain('age1pppppp');
    expect(await paste('something else')).toBe(false);
  });

  it('states only what was changed, and refuses what is no whole number', async () => {
    await begin('export');
    await click('Court report');
    const dialog = document.querySelector('[role="dialog"]')!;
    expect(dialog.textContent).toContain('stated by J. de Wit');
    expect(dialog.textContent).toContain('not stated');
    fill('report-out', '/out/report.pdf');
    fill('report-abuse', '1.5');
    const send = async (): Promise<void> => {
      document.querySelector<HTMLFormElement>('#report-form')!.requestSubmit();
      await settled();
    };
    await send();
    expect(document.activeElement?.id).toBe('report-abuse');
    expect(asked('report_write')).toEqual([]);
    fill('report-abuse', '4');
    fill('report-production', '');
    await send();
    expect(asked('qualification_state')).toEqual([{ acts: [['production', null], ['abuse', 4]] }]);
    expect(asked('report_write')).toHaveLength(1);
  });

  it('writes a report in the language that was chosen, and says what it wrote', async () => {
    await begin('export');
    await click('Court report');
    document.querySelector<HTMLFormElement>('#report-form')!.requestSubmit();
    await settled();
    expect(asked('report_write')).toEqual([]);
    fill('report-out', '/out/report.pdf');
    document.querySelector<HTMLInputElement>('input[name="report-language"]')!.click();
    flushSync();
    document.querySelector<HTMLFormElement>('#report-form')!.requestSubmit();
    await settled();
    expect(asked('report_write')).toEqual([{ language: 'nl', out: '/out/report.pdf' }]);
    expect(document.querySelector('[role="dialog"]')?.textContent).toContain('Written: 23 pages.');
  });
});

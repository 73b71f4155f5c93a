// The lead desk as a whole, worked by keys against the fake program: what is clear, what is saved, and the flag of a child at risk.
import { render, waitFor } from '@testing-library/svelte';
import axe from 'axe-core';
import { beforeEach, describe, expect, it } from 'vitest';
import App from '../src/App.svelte';
import { use } from '../src/backend';
import type { CommandName } from '../src/backend';
import { Fake, type FakeOptions } from '../src/backend/fake';
import type { EvidenceForm, RegionView } from '../src/backend/types';
import { desk } from '../src/desk/desk.svelte';
import { clearOnDesk } from '../src/desk/regions.svelte';
import { forget } from '../src/review/Review.svelte';
import { sights } from '../src/review/sight.svelte';
import { view } from '../src/review/view.svelte';
import { leadWatch } from '../src/shell/leadWatch.svelte';
import { overlays } from '../src/shell/overlays.svelte';
import { router } from '../src/shell/router.svelte';
import { session } from '../src/shell/session.svelte';

let fake: Fake;

/** Opens the window on a small fake case, in the review. */
async function open(options: FakeOptions = {}): Promise<void> {
  forget();
  overlays.drop();
  desk.drop(false);
  leadWatch.drop();
  router.go('start');
  session.head = null;
  fake = new Fake({ shown: 400, hidden: 60, refused: 6, now: () => new Date('2026-11-25T10:00:00Z'), ...options });
  use(fake);
  render(App);
  await session.begin();
  await waitFor(() => expect(view.ringTile).toBeDefined());
}
/** Goes to the desk, onto the room with two regions. */
async function onDesk(options: FakeOptions = {}): Promise<void> {
  await open(options);
  desk.show(2);
  await waitFor(() => expect(desk.detail?.line.lead).toBe(2));
  await waitFor(() => expect(clearOnDesk.sight.phase).toBe('clear'));
}

interface Held { ctrl?: boolean; shift?: boolean; repeat?: boolean }
function down(key: string, { ctrl = false, shift = false, repeat = false }: Held = {}): void {
  (document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent('keydown', { key, ctrlKey: ctrl, shiftKey: shift, repeat, bubbles: true, cancelable: true }));
}
const up = (key: string): void => void window.dispatchEvent(new KeyboardEvent('keyup', { key, bubbles: true }));
const press = (key: string, held: Held = {}): void => {
  down(key, held);
  up(key);
};
const calls = <T>(name: CommandName): T[] => fake.log.filter((one) => one.name === name).map((one) => one.args as T);
const picture = (): HTMLElement => document.querySelector<HTMLElement>('[role="application"]')!;
/** Types the name of the lead in the dialog that is open. */
function nameLead(name: string): void {
  const field = document.getElementById('lead-name') as HTMLInputElement;
  field.value = name;
  field.dispatchEvent(new Event('input', { bubbles: true }));
}
const settled = (): Promise<void> => waitFor(() => expect(desk.idle).toBe(true));

describe('what is clear on the desk', () => {
  beforeEach(() => onDesk());

  it('is the saved regions of the item, and nothing else', () => {
    expect(calls('regions_reveal')).toEqual([{ lead: 2, number: desk.number, longestPx: expect.any(Number) }]);
    expect(calls('reveal')).toEqual([]);
  });

  it('is nothing once the window has lost the focus, and the bytes are given back', async () => {
    window.dispatchEvent(new Event('blur'));
    expect(clearOnDesk.sight.phase).toBe('veiled');
    expect(calls('reveal_end')).toHaveLength(1);
    window.dispatchEvent(new Event('focus'));
    await waitFor(() => expect(clearOnDesk.sight.phase).toBe('clear'));
  });

  it.each(['locked', 'blank'] as const)('is nothing once the program says: %s', (event) => {
    fake.say({ event });
    expect(clearOnDesk.sight.phase).toBe('veiled');
    expect(calls('reveal_end')).toHaveLength(1);
  });

  it('is nothing behind a dialog', async () => {
    press('l');
    await waitFor(() => expect(document.querySelector('[role="dialog"]')).not.toBeNull());
    expect(clearOnDesk.sight.phase).toBe('veiled');
  });

  it('is nothing of an item without regions, nor after Q', async () => {
    press('q');
    await waitFor(() => expect(clearOnDesk.sight.phase).toBe('veiled'));
    press('q');
    await waitFor(() => expect(clearOnDesk.sight.phase).toBe('clear'));
    for (let at = 0; at < 3; at += 1) press(']');
    await waitFor(() => expect(desk.item?.regions).toEqual([]));
    await waitFor(() => expect(clearOnDesk.sight.phase).toBe('veiled'));
  });

  it('is nothing of an item that a set hides meanwhile', async () => {
    const detail = structuredClone(desk.detail!);
    for (const one of detail.evidence) one.has_picture = false;
    fake.leads.detail = () => detail;
    fake.say({ event: 'sets' });
    await waitFor(() => expect(clearOnDesk.sight.phase).toBe('veiled'));
    expect(document.querySelector('[role="application"]')).toBeNull();
  });

  it('is the whole picture while Space is held', async () => {
    picture().focus();
    down(' ');
    await waitFor(() => expect(sights.sight.phase).toBe('clear'));
    expect(calls('reveal')).toMatchObject([{ form: { number: desk.number, colour: false, part: null } }]);
    down(' ', { repeat: true });
    up(' ');
    expect(sights.sight.phase).toBe('veiled');
    expect(calls('reveal')).toHaveLength(1);
  });

  it('goes with the lock, and leaves nothing of the leads in the window', async () => {
    await session.lock();
    await waitFor(() => expect(leadWatch.lines).toBeNull());
    expect(clearOnDesk.sight.phase).toBe('veiled');
    expect(desk.detail).toBeNull();
    expect(document.body.textContent).not.toMatch(/Willow|curtain/);
  });
});

describe('regions by the keyboard alone', () => {
  beforeEach(() => onDesk());

  it('are drawn, saved, named and removed', async () => {
    picture().focus();
    press('d');
    press('ArrowLeft', { shift: true });
    press('ArrowRight', { ctrl: true });
    expect(calls('evidence_add')).toEqual([]);
    press('Enter');
    await settled();
    const [{ evidence }] = calls<{ evidence: EvidenceForm[] }>('evidence_add') as [{ evidence: EvidenceForm[] }];
    expect(evidence).toHaveLength(1);
    expect(evidence[0]).toMatchObject({ number: desk.number, caption: '', region: { rectangle: true } });
    await waitFor(() => expect(desk.drawing.chosen).not.toBeNull());
    press('Enter');
    await waitFor(() => expect(document.activeElement?.id).toBe('region-caption'));
    (document.activeElement as HTMLInputElement).value = '<i>Lamp</i>';
    press('Enter');
    await settled();
    expect(calls('evidence_change')).toMatchObject([{ caption: '<i>Lamp</i>' }]);
    await waitFor(() => expect(desk.item?.regions.at(-1)?.caption).toBe('<i>Lamp</i>'));
    expect(document.activeElement).toBe(picture());
    const number = desk.drawing.chosen;
    press('Delete');
    await settled();
    expect(calls('evidence_remove')).toEqual([{ evidence: [number] }]);
    expect(desk.item?.regions).toHaveLength(2);
  });

  it('are outlined with P, arrows and Enter', async () => {
    picture().focus();
    press('p');
    press('p');
    for (let at = 0; at < 4; at += 1) press('ArrowRight', { shift: true });
    press('p');
    for (let at = 0; at < 4; at += 1) press('ArrowDown', { shift: true });
    press('p');
    press('Enter');
    await settled();
    const [{ evidence }] = calls<{ evidence: EvidenceForm[] }>('evidence_add') as [{ evidence: EvidenceForm[] }];
    const region = evidence[0]!.region as RegionView;
    expect(region.rectangle).toBe(false);
    expect(region.points).toHaveLength(3);
  });

  it('are chosen by Tab, moved by arrows, and saved where they rest', async () => {
    picture().focus();
    press('Tab');
    expect(desk.drawing.chosen).toBe(desk.item?.regions[0]?.evidence);
    const before = desk.item!.regions[0]!.region!;
    press('ArrowRight');
    press('ArrowRight');
    await waitFor(() => expect(calls('evidence_change')).toHaveLength(1));
    const [{ region }] = calls<{ region: RegionView }>('evidence_change') as [{ region: RegionView }];
    expect(region.points[0]![0]).toBeGreaterThan(before.points[0]![0]);
    expect(region.points[0]![1]).toBe(before.points[0]![1]);
    await settled();
    // Undo brings it back, and says so.
    press('z', { ctrl: true });
    await waitFor(() => expect(desk.undone).not.toBeNull());
    expect(desk.item!.regions[0]!.region).toEqual(before);
  });

  it('are let go by Esc, and only then the page is left', async () => {
    picture().focus();
    press('Tab');
    press('Escape');
    expect(desk.drawing.chosen).toBeNull();
    expect(router.page).toBe('leads');
    press('Escape');
    expect(router.page).toBe('review');
  });
});

describe('a lead', () => {
  it('is made from the selection of the review', async () => {
    await open();
    press('x');
    press('ArrowDown', { shift: true });
    await waitFor(() => expect(view.selected).toBeGreaterThan(1));
    const selected = view.selected;
    press('l');
    await waitFor(() => expect(document.getElementById('lead-name')).not.toBeNull());
    press('Enter', { ctrl: true });
    expect(calls('lead_new')).toEqual([]);
    nameLead('Larch');
    press('Enter', { ctrl: true });
    await waitFor(() => expect(calls('lead_new')).toHaveLength(1));
    const [{ form, evidence }] = calls<{ form: { name: string; kind: string }; evidence: EvidenceForm[] }>('lead_new') as [{ form: { name: string; kind: string }; evidence: EvidenceForm[] }];
    expect(form).toMatchObject({ kind: 'victim', name: 'Larch' });
    expect(evidence).toHaveLength(selected);
    await waitFor(() => expect(leadWatch.lines?.some((line) => line.name === 'Larch')).toBe(true));
    expect(router.page).toBe('review');
  });

  it('says at once that a child may be at risk, where it is ticked', async () => {
    await open();
    press('l');
    await waitFor(() => expect(document.getElementById('lead-name')).not.toBeNull());
    nameLead('Larch');
    document.querySelector<HTMLInputElement>('.risk input')!.click();
    press('Enter', { ctrl: true });
    await waitFor(() => expect(calls('lead_risk')).toMatchObject([{ now: true }]));
    await waitFor(() => expect(leadWatch.lines?.find((line) => line.name === 'Larch')?.risk).toBe('now'));
    expect(desk.draft.risk, 'the next lead begins without it').toBe(false);
  });

  it('keeps what was typed when its dialog is closed, and drops it on lock', async () => {
    await open();
    press('l');
    await waitFor(() => expect(document.getElementById('lead-name')).not.toBeNull());
    nameLead('Larch');
    press('Escape');
    press('l');
    await waitFor(() => expect((document.getElementById('lead-name') as HTMLInputElement | null)?.value).toBe('Larch'));
    await session.lock();
    await waitFor(() => expect(desk.draft.name).toBe(''));
  });

  it('rests on a value of the metadata', async () => {
    await onDesk();
    desk.addMetadata(desk.number!, ['Exif', 'ISO', '320']);
    await settled();
    expect(desk.item?.evidence.at(-1)?.metadata).toEqual(['Exif', 'ISO', '320']);
    // A value is no region.
    expect(desk.item?.regions).toHaveLength(2);
  });

  it('loses no label when two are added faster than the program answers', async () => {
    await onDesk({ delay: 5 });
    desk.save((form) => ({ ...form, labels: [...form.labels, 'object.bag'] }));
    desk.save((form) => ({ ...form, labels: [...form.labels, 'object.toy'] }));
    await settled();
    await waitFor(() => expect(desk.detail?.form.labels).toEqual(expect.arrayContaining(['object.bag', 'object.toy'])));
  });
});

describe('a child at risk', () => {
  const flag = (): HTMLElement | null => document.querySelector('header .risk');

  it('stands in the head of every page until somebody takes it', async () => {
    await open();
    await waitFor(() => expect(flag()?.textContent).toContain('Willow'));
    for (const page of ['numbers', 'sets', 'settings', 'security', 'load', 'leads'] as const) {
      router.go(page);
      await waitFor(() => expect(flag()?.textContent).toContain('Willow'));
    }
    flag()!.click();
    await waitFor(() => expect(desk.detail?.line.name).toBe('Willow'));
    [...document.querySelectorAll('button')].find((one) => one.textContent?.trim() === 'Take it')!.click();
    await waitFor(() => expect(flag()).toBeNull());
    expect(calls('lead_risk_take')).toEqual([{ lead: 1 }]);
  });

  it('stays when the question fails', async () => {
    await open();
    await waitFor(() => expect(flag()).not.toBeNull());
    fake.failing.set('risks', { code: 'internal', message: 'x', hint: '', detail: '' });
    await leadWatch.askFlags();
    expect(flag()).not.toBeNull();
  });
});

describe('the desk', () => {
  it.each([['en', 'dark'], ['nl', 'light']])('has nothing for axe to find, %s, %s', async (language, theme) => {
    await onDesk({ settings: { language, theme } });
    const found = await axe.run(document.querySelector('.desk')!, { rules: { 'color-contrast': { enabled: false }, region: { enabled: false } }, resultTypes: ['violations'] });
    expect(found.violations.map((one) => `${one.id}: ${one.nodes[0]?.html}`)).toEqual([]);
  });
});

describe('beside the picture', () => {
  const MATCH = window.matchMedia;
  const room = (there: boolean): void => {
    window.matchMedia = ((query: string) => ({ matches: there && query.includes('min-width'), media: query, addEventListener: () => undefined, removeEventListener: () => undefined })) as never;
  };
  const figures = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>('figure')];

  it('where and when stand below it where there is room, and Tab passes them by', async () => {
    room(true);
    await onDesk();
    await waitFor(() => expect(figures()).toHaveLength(2));
    await waitFor(() => expect(figures()[0]!.textContent).toMatch(/\d+ of \d+ items with a place/));
    for (const one of figures()) for (const stop of one.querySelectorAll<HTMLElement>('button, [tabindex]')) expect(stop.tabIndex).toBe(-1);
    expect(document.querySelectorAll('#where-map, #when-plot'), 'the large ones are on their page').toHaveLength(0);
    expect((await axe.run(document.body, { rules: { 'color-contrast': { enabled: false } } })).violations).toEqual([]);
    window.matchMedia = MATCH;
  });

  it('where and when are a key away where there is no room', async () => {
    room(false);
    await onDesk();
    expect(figures()).toEqual([]);
    press('m');
    await waitFor(() => expect(router.page).toBe('places'));
    window.matchMedia = MATCH;
  });

  it('what looks like a region elsewhere is told, and is gone to; what shows too little is told too', async () => {
    await onDesk();
    const section = (): HTMLElement => document.querySelector<HTMLElement>('[data-section="seen"]')!;
    await waitFor(() => expect(section().textContent).toMatch(/Region 1 looks like region 1 of item/));
    expect(section().textContent).toMatch(/has no usable digest/);
    expect(calls('links_across'), 'no index is opened unasked').toEqual([]);
    section().querySelector<HTMLElement>('li button')!.click();
    await waitFor(() => expect(desk.detail?.form.kind).toBe('object'));
  });
});

// The review as a whole, worked by keys against the fake program. What axe says of it is asked in a browser: `npm run axe`.
import { render, screen, waitFor } from '@testing-library/svelte';
import { tick } from 'svelte';
import { beforeEach, describe, expect, it } from 'vitest';
import App from '../src/App.svelte';
import { use } from '../src/backend';
import type { CommandName } from '../src/backend';
import { Fake, type FakeOptions } from '../src/backend/fake';
import type { Target, Tile } from '../src/backend/types';
import { ONE_BY_ONE_MAX, suggested } from '../src/review/acts';
import { decisions } from '../src/review/decide.svelte';
import { forget } from '../src/review/Review.svelte';
import { notes } from '../src/review/notes.svelte';
import { sights } from '../src/review/sight.svelte';
import { stage } from '../src/review/stage.svelte';
import { START, view } from '../src/review/view.svelte';
import { overlays } from '../src/shell/overlays.svelte';
import { router } from '../src/shell/router.svelte';
import { session } from '../src/shell/session.svelte';

let fake: Fake;

/** Opens the window on a small fake case. */
async function open(options: FakeOptions = {}): Promise<void> {
  forget();
  stage.drop();
  stage.panelOpen = stage.filtersOpen = true;
  overlays.drop();
  router.go('start');
  session.head = null;
  fake = new Fake({ shown: 600, hidden: 900, refused: 6, now: () => new Date('2026-11-25T10:00:00Z'), ...options });
  use(fake);
  render(App);
  await session.begin();
  await waitFor(() => expect(view.head?.total ?? 0).toBeGreaterThan(0));
  await waitFor(() => expect(view.ringTile).toBeDefined());
}

interface Held { ctrl?: boolean; shift?: boolean; alt?: boolean; repeat?: boolean }

function down(key: string, { ctrl = false, shift = false, alt = false, repeat = false }: Held = {}): void {
  const target = document.activeElement ?? document.body;
  target.dispatchEvent(new KeyboardEvent('keydown', { key, code: /^\d$/.test(key) ? `Digit${key}` : '', ctrlKey: ctrl, shiftKey: shift, altKey: alt, repeat, bubbles: true, cancelable: true }));
}
const up = (key: string): void => void window.dispatchEvent(new KeyboardEvent('keyup', { key, bubbles: true }));

/** Presses keys one after the other, without waiting for anything. */
function press(...keys: string[]): void {
  for (const key of keys) {
    down(key);
    up(key);
  }
}
const settled = (): Promise<void> => waitFor(() => expect(decisions.queue.idle).toBe(true));
const calls = (name: CommandName): unknown[] => fake.log.filter((one) => one.name === name).map((one) => one.args);
const number = (): number => view.ringTile?.number ?? -1;

describe('deciding by key', () => {
  beforeEach(() => open());

  it('decides the one in the ring, moves on to the next undecided, and leaves the tile where it is', async () => {
    const first = number(), place = view.ring;
    press('6');
    await settled();
    expect(calls('decide')).toEqual([{ target: { kind: 'items', numbers: [first] }, category: '6', others: 'keep', note: null }]);
    expect(view.ring).toBeGreaterThan(place);
    expect(view.tile(place)).toMatchObject({ number: first, category: '6', own: true });
    await waitFor(() => expect(view.head?.settled).toBe(1));
  });

  it('loses no keystroke and keeps their order while commands are under way', async () => {
    await open({ delay: 15 });
    const numbers: number[] = [];
    for (let at = 0; at < 4; at += 1) numbers.push(view.rows.at(view.ring + at)!.number);
    press('6', '1', '6', '2');
    await settled();
    const made = calls('decide') as Array<{ target: Extract<Target, { kind: 'items' }>; category: string }>;
    expect(made.map((one) => one.category)).toEqual(['6', '1', '6', '2']);
    expect(made.map((one) => one.target.numbers[0])).toEqual(numbers);
  });

  it('clears with 0 and stays', async () => {
    const place = view.ring;
    press('6');
    await settled();
    press('ArrowLeft');
    await settled();
    expect(view.ring).toBe(place);
    press('0');
    await settled();
    expect(view.ring).toBe(place);
    expect(view.ringTile?.category).toBeNull();
  });

  it('takes back and does again, and goes back to where it was', async () => {
    const first = number();
    press('6');
    await settled();
    down('z', { ctrl: true });
    await settled();
    expect(number()).toBe(first);
    await waitFor(() => expect(view.ringTile?.category).toBeNull());
    down('Z', { ctrl: true, shift: true });
    await settled();
    await waitFor(() => expect(view.rows.of(first)?.category).toBe('6'));
  });

  it('shows an error in place; the item stays, and keys behind it are not done to it', async () => {
    const first = number(), place = view.ring;
    fake.failing.set('decide', { code: 'disk-full', message: 'The disk is full.', hint: 'Free 2 GB and go on.', detail: '' });
    press('6', '1', '1');
    await settled();
    expect(view.ring).toBe(place);
    expect(number()).toBe(first);
    expect(view.ringTile?.category).toBeNull();
    expect(calls('decide')).toHaveLength(1);
    expect((await screen.findByRole('alert')).textContent).toContain('The disk is full.');
    expect(decisions.dropped).toBe(2);
    // The next key works, and the message goes.
    press('1');
    await settled();
    expect(decisions.error).toBeNull();
    expect(calls('decide')).toHaveLength(2);
  });

  it('does not decide a page when a digit is held down', async () => {
    down('6');
    down('6', { repeat: true });
    down('6', { repeat: true });
    await settled();
    expect(calls('decide')).toHaveLength(1);
  });

  it('stays where advance is off', async () => {
    press('v');
    await settled();
    const place = view.ring;
    press('6');
    await settled();
    expect(view.ring).toBe(place);
    press('v');
  });
});

describe('deciding many', () => {
  beforeEach(() => open());

  it('asks before more than 50, with the exact number, and does nothing on Esc', async () => {
    down('a', { ctrl: true });
    press('6');
    const dialog = await screen.findByRole('dialog');
    const total = view.total;
    expect(dialog.textContent).toContain(`for ${total.toLocaleString('en-GB')} items`);
    expect(calls('decide')).toHaveLength(0);
    dialog.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, cancelable: true }));
    await settled();
    expect(calls('decide')).toHaveLength(0);
    expect(view.selected).toBe(total);
  });

  it('decides a small selection at once and lets it go', async () => {
    down('ArrowRight', { shift: true });
    down('ArrowRight', { shift: true });
    await settled();
    expect(view.selected).toBe(3);
    press('6');
    await settled();
    expect(calls('decide')).toMatchObject([{ target: { kind: 'range', count: 3 }, category: '6' }]);
    expect(view.selected).toBe(0);
  });

  it('asks where somebody else decided, keeps that, and overwrites only when it is ticked', async () => {
    await view.shelf('decided');
    await waitFor(() => expect(view.tile(0)).toBeDefined());
    let foreign = 0;
    while (view.tile(foreign)?.own !== false) foreign += 1;
    view.moveTo(foreign);
    const other = view.ringTile!.category === '1' ? '2' : '1';
    press(other);
    const dialog = await screen.findByRole('dialog');
    expect(dialog.textContent).toContain('J. de Wit');
    expect(dialog.textContent).toContain('kept as it is');
    const button = (): HTMLButtonElement => dialog.querySelector('button.main')!;
    expect(button().disabled).toBe(true);
    dialog.dispatchEvent(new KeyboardEvent('keydown', { key: 'o', bubbles: true, cancelable: true }));
    await tick();
    expect(button().disabled).toBe(false);
    button().click();
    await settled();
    expect(calls('decide')).toMatchObject([{ category: other, others: 'overwrite' }]);
  });

  it('decides a stack after it was looked at, without the one that is left out', async () => {
    const stacked = (await view.rows.run(0, 200)).find((tile) => (tile.stack ?? 0) > 3)!;
    view.moveTo(stacked.index);
    press('s');
    const dialog = await screen.findByRole('dialog');
    const key = (name: string): boolean => dialog.dispatchEvent(new KeyboardEvent('keydown', { key: name, bubbles: true, cancelable: true }));
    key('ArrowRight');
    key('x');
    key('2');
    await waitFor(() => expect((dialog.querySelector('button.main') as HTMLButtonElement).disabled).toBe(false));
    (dialog.querySelector('button.main') as HTMLButtonElement).click();
    await settled();
    const made = calls('decide') as Array<{ target: Extract<Target, { kind: 'stack' }>; category: string }>;
    expect(made[0]).toMatchObject({ category: '2', target: { kind: 'stack', number: stacked.number } });
    expect(made[0]!.target.except).toHaveLength(1);
  });

  it('selects the rest of the page with R, undecided ones alone', async () => {
    press('6');
    await settled();
    press('r');
    await settled();
    expect(view.selected).toBeGreaterThan(1);
    for (let index = 0; index < view.total; index += 1) if (view.isSelected(index)) expect(view.tile(index)?.category).toBeNull();
  });
});

describe('accepting many', () => {
  it('shows the suggestions of many before they are accepted, category by category, and stops at the first no', async () => {
    await open({ shown: 4_000 });
    await view.shelf('looks-known');
    await settled();
    expect(view.total).toBeLessThanOrEqual(ONE_BY_ONE_MAX);
    const { by, items } = suggested(await view.rows.run(0, view.total));
    expect(items).toBeGreaterThan(50);
    expect(by.size).toBeGreaterThan(1);
    down('a', { ctrl: true });
    press('a');
    const first = await screen.findByRole('dialog');
    expect(first.textContent).toContain(`for ${[...by.values()][0]!.length} items`);
    expect(calls('decide')).toHaveLength(0);
    (first.querySelector('button.main') as HTMLButtonElement).click();
    await waitFor(() => expect(calls('decide')).toHaveLength(1));
    const second = await waitFor(() => {
      const dialog = screen.getByRole('dialog');
      expect(dialog.textContent).toContain(`for ${[...by.values()][1]!.length} items`);
      return dialog;
    });
    second.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, cancelable: true }));
    await settled();
    expect(calls('decide')).toMatchObject([{ category: [...by.keys()][0], others: 'keep' }]);
  });
});

describe('the place', () => {
  beforeEach(() => open());

  it('is kept through filters, back and forward', async () => {
    press('ArrowDown', 'ArrowRight');
    await settled();
    const item = number();
    await view.pick('class', 'picture', true);
    expect(number()).toBe(item);
    await waitFor(() => expect(view.ringTile).toBeDefined());
    press('ArrowDown');
    await settled();
    const later = number();
    down('ArrowLeft', { alt: true });
    await settled();
    expect(view.query.picks).toEqual([]);
    await waitFor(() => expect(number()).toBe(item));
    down('ArrowRight', { alt: true });
    await settled();
    await waitFor(() => expect(number()).toBe(later));
  });

  it('stays with the item on refresh, and goes to the next where the item is settled', async () => {
    press('6', '6');
    await settled();
    const next = number(), before = view.total;
    press('F5');
    await settled();
    await waitFor(() => expect(number()).toBe(next));
    expect(view.total).toBe(before - 2);
    expect(view.head?.settled).toBe(0);
  });

  it('says which filters leave nothing, and takes the last one off', async () => {
    await view.pick('class', 'picture', true);
    await view.go({ ...view.query, text: 'nothinghasthisword' });
    expect(await screen.findByText('No item has all 2 filters.')).toBeTruthy();
    const buttons = screen.getAllByRole('button', { name: 'Take the last one off' });
    buttons[0]!.click();
    await settled();
    await waitFor(() => expect(view.total).toBeGreaterThan(0));
    expect(view.query.picks).toHaveLength(1);
  });

  it('shows again what is true, where sets changed while another page was open', async () => {
    const asked = calls('view_tiles').length;
    router.go('sets');
    await waitFor(() => expect(document.querySelector('[role="grid"]')).toBeNull());
    const item = number(), review = fake.review as unknown as { tile: (index: number, of: number, stacked: boolean) => Tile }, tile = review.tile.bind(review);
    review.tile = (index, of, stacked) => (of === item ? { ...tile(index, of, stacked), state: 'hidden', has_picture: false } : tile(index, of, stacked));
    router.go('review');
    await waitFor(() => expect(calls('view_tiles').length).toBeGreaterThan(asked));
    await waitFor(() => expect(view.ringTile?.state).toBe('hidden'));
    expect(document.querySelector('[data-text="Hidden meanwhile"]')).not.toBeNull();
  });

  it('says what undo takes back, also what another page did', async () => {
    press('b');
    await settled();
    await waitFor(() => expect(document.body.textContent).toContain('Undo: 1 × bookmarked'));
    router.go('hidden');
    await waitFor(() => expect(document.querySelector('[role="grid"]')).toBeNull());
    const state = fake.review.undoState();
    fake.review.undoState = () => ({ ...state, undo: { ...state.undo!, what: 'vetoed' } });
    router.go('review');
    await waitFor(() => expect(document.body.textContent).toContain('Undo: entry called wrong'));
  });

  it('is marked at the view that was saved, not at the shelf it begins from', async () => {
    const current = (): string[] => [...document.querySelectorAll('button.line[aria-current]')].map((one) => one.textContent?.replace(/\d.*$/, '').trim() ?? '');
    await waitFor(() => expect(current()).toEqual(['New, undecided']));
    await view.pick('class', 'video', true);
    await view.save('All videos');
    await waitFor(() => expect(current()).toEqual(['All videos']));
    await view.removeSaved('All videos');
  });

  it('is reached again by a view that was saved, renamed and removed', async () => {
    await view.pick('class', 'video', true);
    await view.save('Videos');
    await view.rename(view.saved[0]!, 'All videos');
    expect(view.saved.map((one) => one.name)).toEqual(['All videos']);
    await view.removeSaved('All videos');
    expect(view.saved).toEqual([]);
  });
});

describe('seeing clearly', () => {
  beforeEach(() => open());

  it('is asked for by holding Space, for the one in the ring, and ends with the key', async () => {
    const item = number();
    down(' ');
    await waitFor(() => expect(sights.sight.phase).toBe('clear'));
    expect(calls('reveal')).toMatchObject([{ form: { number: item, colour: false, part: null } }]);
    up(' ');
    expect(sights.sight.phase).toBe('veiled');
    expect(calls('reveal_end')).toHaveLength(1);
  });

  it('ends when the ring moves on; the next picture asks for a new press', async () => {
    down(' ');
    await waitFor(() => expect(sights.sight.phase).toBe('clear'));
    press('ArrowRight');
    expect(sights.sight.phase).toBe('veiled');
    down(' ', { repeat: true });
    expect(calls('reveal')).toHaveLength(1);
    up(' ');
  });

  it('ends behind a dialog and on lock', async () => {
    down(' ');
    await waitFor(() => expect(sights.sight.phase).toBe('clear'));
    press('n');
    await screen.findByRole('dialog');
    expect(sights.sight.phase).toBe('veiled');
    up(' ');
    // From within the dialog, by its key.
    down('l', { ctrl: true });
    await waitFor(() => expect(session.locked).toBe(true));
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(document.querySelectorAll('img')).toHaveLength(0);
  });

  it('is of the item that the keys before lead to', async () => {
    await open({ delay: 10 });
    const next = view.rows.at(view.ring + 1)!.number;
    down('6');
    down(' ');
    await waitFor(() => expect(sights.sight.phase).toBe('clear'));
    expect(calls('reveal')).toMatchObject([{ form: { number: next } }]);
    up(' ');
    expect(sights.sight.phase).toBe('veiled');
  });

  it('never asks for anything by moving, selecting, zooming or opening', async () => {
    press('ArrowDown', 'x', 'e', '+', ',', 'g', 'c', 'ArrowRight', 'g', 'd');
    await settled();
    expect(calls('reveal')).toHaveLength(0);
  });

  it('moves the lens, not the ring, while Q is held', async () => {
    const place = view.ring;
    down('q');
    await waitFor(() => expect(sights.sight.phase).toBe('clear'));
    down('ArrowRight');
    await waitFor(() => expect(calls('reveal').length).toBeGreaterThan(1));
    expect(view.ring).toBe(place);
    up('q');
    expect(sights.sight.phase).toBe('veiled');
  });
});

describe('the side panel', () => {
  beforeEach(() => open());

  it('says what a person marked, also where the tile is not seen', async () => {
    const marks = (): string[] => [...document.querySelectorAll('.panel .flag, aside .flag, .side .flag')].map((one) => one.textContent?.trim() ?? '');
    expect(marks()).not.toContain('Bookmark');
    press('b');
    await settled();
    await waitFor(() => expect(marks()).toContain('Bookmark'));
    press('o');
    await settled();
    await waitFor(() => expect(marks()).toContain('Handed over'));
  });
});

describe('a note that is being written', () => {
  beforeEach(() => open());
  const field = (): HTMLTextAreaElement => document.getElementById('note-text') as HTMLTextAreaElement;
  const write = (text: string): void => {
    field().value = text;
    field().dispatchEvent(new Event('input', { bubbles: true }));
  };
  async function begun(): Promise<void> {
    press('n');
    await waitFor(() => expect(field()).not.toBeNull());
    write('the same room as in');
  }

  it('is still there after the page was blank, and after a stop', async () => {
    await begun();
    fake.say({ event: 'blank' });
    await waitFor(() => expect(field()).toBeNull());
    session.blank = false;
    await waitFor(() => expect(field()?.value).toBe('the same room as in'));
    overlays.stopped = true;
    await waitFor(() => expect(field()).toBeNull());
    overlays.stopped = false;
    await waitFor(() => expect(field()?.value).toBe('the same room as in'));
  });

  it('is kept by the program over a lock, held by no page meanwhile, and offered to the same person', async () => {
    const item = number();
    await begun();
    await waitFor(() => expect(calls('note_draft')).toEqual([{ number: item, text: 'the same room as in' }]));
    // Nobody was there: first blank, then locked, with the review off the page.
    fake.say({ event: 'blank' });
    await tick();
    await fake.call('lock', {});
    await waitFor(() => expect(session.locked).toBe(true));
    expect([notes.kept, decisions.noting, view.head]).toEqual([[], null, null]);
    await session.opened(await fake.call('unlock', { passphrase: 'zeef' }));
    const go = await screen.findByText('Go on writing');
    expect(document.body.textContent).toContain(`You were writing a note on item ${item}.`);
    go.click();
    await waitFor(() => expect(field()?.value).toBe('the same room as in'));
    write('the same room as in 212');
    down('Enter', { ctrl: true });
    await waitFor(() => expect(calls('note')).toEqual([{ number: item, text: 'the same room as in 212' }]));
    await waitFor(() => expect(calls('note_draft').at(-1)).toEqual({ number: item, text: null }));
    expect(notes.kept).toEqual([]);
  });

  it('is gone when it is put away', async () => {
    await begun();
    down('Escape');
    await waitFor(() => expect(field()).toBeNull());
    await waitFor(() => expect(calls('note_draft').at(-1)).toMatchObject({ text: null }));
    expect(screen.queryByText('Go on writing')).toBeNull();
  });
});

describe('a view that is asked for from elsewhere', () => {
  it('is opened, from another page and from the review itself', async () => {
    await open();
    router.go('numbers');
    await tick();
    router.review({ ...START, shelf: 'decided' });
    await waitFor(() => expect(view.query.shelf).toBe('decided'));
    router.review({ ...START, shelf: 'returned' });
    await waitFor(() => expect(view.query.shelf).toBe('returned'));
    expect(router.view).toBeNull();
    press('ArrowLeft');
    down('ArrowLeft', { alt: true });
    await waitFor(() => expect(view.query.shelf).toBe('decided'));
  });
});

describe('the list of commands', () => {
  beforeEach(() => open());

  it('opens a dialog of another page, once', async () => {
    down('k', { ctrl: true });
    const field = (await screen.findByRole('dialog')).querySelector('input')!;
    field.value = 'add sources';
    field.dispatchEvent(new Event('input', { bubbles: true }));
    await tick();
    field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
    await waitFor(() => expect(screen.getByRole('dialog').textContent).toContain('Folders, zip and tar files'));
    expect([router.page, router.asked]).toEqual(['load', null]);
    screen.getByRole('dialog').dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, cancelable: true }));
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  });
});

describe('loupe and compare', () => {
  beforeEach(() => open());

  it('act on the one picture, whatever is selected', async () => {
    down('ArrowRight', { shift: true });
    await settled();
    press('e');
    await settled();
    expect(stage.mode).toBe('loupe');
    const item = number();
    press('6');
    await settled();
    expect(calls('decide')).toMatchObject([{ target: { kind: 'items', numbers: [item] } }]);
  });

  it('compares what is selected, and gives each its own category', async () => {
    press('x', 'ArrowRight', 'x', 'ArrowRight', 'x');
    press('c');
    await settled();
    expect(stage.mode).toBe('compare');
    expect(stage.compared).toHaveLength(3);
    const second = stage.compared[1]!.number;
    press('ArrowRight', '2');
    await settled();
    expect(calls('decide')).toMatchObject([{ target: { kind: 'items', numbers: [second] }, category: '2' }]);
    press('Home');
    await settled();
    expect(stage.comparedRing).toBe(0);
  });
});

describe('a screen reader', () => {
  it('is told a tile by number, category and suggestion, never by file name', async () => {
    await open();
    const options = [...document.querySelectorAll('[role="option"]')];
    expect(options[0]!.getAttribute('aria-label')).toMatch(/^Item [\d,]+, undecided/);
    expect(options[0]!.getAttribute('aria-setsize')).toBe(String(view.total));
    expect(options.map((one) => one.textContent + (one.getAttribute('aria-label') ?? '')).join(' ')).not.toMatch(/IMG_|DCIM|\.JPG/);
  });
});

// Decisions for one and for many: what a key acts on is said before, the count is exact, and one undo takes back the group.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { CaseHead, Tile, UndoState, ViewHead } from '../src/backend/types';
import type { Person } from './person';
import { missing } from './screen';
import { inDemonstration, type Reviewer } from './reviewer';
import { pattern, texts } from './words';
import { eventually, World } from './world';

describe.skipIf(missing().length > 0)('deciding', () => {
  let world: World;
  let person: Person;
  let anna: Reviewer;
  let head: CaseHead;
  const all = texts('en');

  beforeAll(async () => {
    world = new World();
    ({ person, anna, head } = await inDemonstration(world));
  });

  afterAll(async () => {
    await world?.end();
  });

  const decidedNow = async () => (await anna.strip()).decided;

  it('gives each key its category, in the order in which keys came', async () => {
    const before = await decidedNow();
    const first = await anna.ring();
    // Faster than the disk: none is lost, and none goes to another item.
    await person.session.typeKeys(['1', '2', '1', '2', '1']);
    await anna.decided(before + 5);
    const detail = await person.ask<{ category: string | null }>('item', { number: first });
    expect(detail.category).toBe(head.scheme.categories.find((one) => one.key === '1')?.code);
    for (let times = 0; times < 5; times += 1) await person.press('Ctrl', 'z');
    await anna.decided(before);
  });

  it('clears by 0, and says so', async () => {
    const before = await decidedNow();
    await person.press('Home');
    const number = await anna.ring();
    await person.press('v');
    await person.press('1');
    await anna.decided(before + 1);
    expect(await anna.ring()).toBe(number);
    await person.press('0');
    await anna.decided(before);
    await person.press('v');
  });

  it('acts on a selection: named, counted, and let go by Esc', async () => {
    await person.press('Home');
    await person.press('x');
    await person.press('ArrowRight');
    await person.press('ArrowRight');
    await person.press('x');
    await anna.actsOn(2);
    const before = await decidedNow();
    await person.press('3');
    await anna.decided(before + 2);
    await person.press('Escape');
    await anna.actsOn(1);
    await person.press('Ctrl', 'z');
    await anna.decided(before);
  });

  it('asks before a group, with the exact number, and takes it back as one', async () => {
    const before = await decidedNow();
    await person.press('F5');
    await person.press('Ctrl', 'a');
    const strip = await anna.strip();
    const undecided = strip.shown - strip.decided;
    expect(undecided).toBeGreaterThan(50);
    await person.press('2');
    await person.see('dialog', pattern(all.get('preview_title') ?? ''));
    await person.see('button', anna.say('decide_n', { n: anna.count(undecided) }));
    // Back first: nothing is done.
    await person.press('Escape');
    await person.seeNone('dialog');
    expect(await decidedNow()).toBe(before);
    await person.press('2');
    await person.click('button', anna.say('decide_n', { n: anna.count(undecided) }));
    await anna.decided(before + undecided);
    const label = (await person.ask<UndoState>('undo_state')).undo;
    expect(label).toMatchObject({ what: 'decided', items: undecided });
    await person.press('Ctrl', 'z');
    await anna.decided(before);
    await person.press('Ctrl', 'Shift', 'z');
    await anna.decided(before + undecided);
    await person.press('Ctrl', 'z');
    await anna.decided(before);
  });

  it('decides a stack as one, after a look at it', async () => {
    const query = { shelf: 'undecided', picks: [], text: '', order: 'review', descending: false, stacked: false };
    const view = await person.ask<ViewHead>('view_open', { query, anchor: null });
    const tiles = await person.ask<Tile[]>('view_tiles', { view: view.view, start: 0, count: 2000 });
    const stacked = tiles.find((tile) => tile.stack !== null);
    expect(stacked, 'the demonstration has a stack').toBeDefined();
    await anna.reload();
    await anna.toGrid();
    const before = await decidedNow();
    for (let steps = 0; steps < tiles.length && (await anna.ring()) !== stacked?.number; steps += 1) await person.press('ArrowRight');
    expect(await anna.ring()).toBe(stacked?.number);
    await person.press('Shift', 's');
    await person.see('dialog');
    await person.press('1');
    await eventually('the button counts', async () => (await person.names('button', pattern(all.get('decide_n') ?? ''))).length === 1);
    await person.press('Enter');
    await person.seeNone('dialog');
    await anna.decided(before + (stacked?.stack ?? 0));
    await person.press('Ctrl', 'z');
    await anna.decided(before);
  });

  it('keeps a note and a bookmark apart from the category', async () => {
    await person.press('Home');
    const number = await anna.ring();
    const before = await decidedNow();
    await person.press('b');
    await person.press('n');
    await person.see('dialog', anna.say('note_title', { n: anna.count(number) }));
    await person.fill(anna.say('note_label'), 'the same bench as before');
    await person.click('button', anna.say('save'));
    await person.seeNone('dialog');
    await eventually('the tile says both', async () => {
      const name = await anna.tile(number);
      return name?.includes(anna.say('tile_bookmark')) && name.includes(anna.say('tile_note'));
    });
    expect(await decidedNow()).toBe(before);
    await person.read('the same bench as before');
  });
});

// The keyboard alone: from the first page to a decision and to every part, without a pointer, and the focus never lost.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Person } from './person';
import { missing } from './screen';
import { Reviewer } from './reviewer';
import { eventually, World } from './world';

/** Most presses of Tab that a page may take to come to anything on it. */
const TABS_MAX = 60;

describe.skipIf(missing().length > 0)('by the keyboard alone', () => {
  let world: World;
  let person: Person;
  let anna: Reviewer;

  beforeAll(async () => {
    world = new World();
    person = await world.open();
    anna = new Reviewer(person);
    await person.see('button', anna.say('start_demo_try'), 60);
  });

  afterAll(async () => {
    await world?.end();
  });

  /** Name of what has the focus; empty when the page itself has it. */
  const focus = () => person.look<string>(
    `const one = document.activeElement; return !one || one === document.body ? '' : nameOf(one) || one.getAttribute('role') || one.tagName`);

  async function tabTo(wanted: string): Promise<void> {
    for (let tabs = 0; tabs < TABS_MAX; tabs += 1) {
      if ((await focus()) === wanted) return;
      await person.press('Tab');
    }
    throw new Error(`${wanted} is not reached by Tab.`);
  }

  it('opens the demonstration case', async () => {
    await tabTo(anna.say('start_demo_try'));
    await person.press('Enter');
    await anna.seeGrid(120);
    await person.see('option');
    await eventually('the grid has the focus', async () => (await focus()) === anna.say('tiles'));
  });

  it('shows one ring, which is in sight', async () => {
    await person.press('ArrowRight');
    await person.press('ArrowDown');
    const seen = await person.look<boolean>(
      `const list = find('listbox', { exact: arguments[0] })[0];
       const one = document.getElementById(list.getAttribute('aria-activedescendant'));
       const box = one.getBoundingClientRect();
       const deck = find('toolbar', { exact: arguments[1] })[0].getBoundingClientRect();
       return box.top >= 0 && box.bottom <= deck.top && box.width > 0;`, anna.say('tiles'), anna.say('acts_on'));
    expect(seen).toBe(true);
  });

  it('decides, reveals, and comes back', async () => {
    const before = (await anna.strip()).decided;
    await person.press('1');
    await anna.decided(before + 1);
    await person.session.hold(['Space']);
    await eventually('a clear view is counted', async () => (await anna.strip()).seen_today > 0);
    await person.session.letGo(['Space']);
    await eventually('nothing is clear', () => person.look<boolean>(`return document.querySelector('[src*="/clear/"]') === null`));
    await person.press('Ctrl', 'z');
    await anna.decided(before);
  });

  it('reaches every part, and every pane of the review', async () => {
    for (const [key, part] of [
      ['2', 'part_leads'], ['3', 'part_numbers'], ['4', 'part_sets'], ['5', 'part_export'], ['6', 'part_security'], ['7', 'part_settings'],
    ] as const) {
      await person.press('Ctrl', key);
      await eventually(`${part} is on the page`, () => person.look<boolean>(
        `return find('button', null).some((one) => one.getAttribute('aria-current') === 'page' && nameOf(one).startsWith(arguments[0]))`, anna.say(part)));
    }
    await person.press('Ctrl', '1');
    await anna.toGrid();
    const panes = new Set<string>();
    for (let times = 0; times < 8; times += 1) {
      await person.press('F6');
      panes.add(await person.look<string>(`const pane = document.activeElement?.closest('[data-pane]'); return pane ? pane.getAttribute('aria-label') || pane.className : ''`));
    }
    expect(panes.size).toBeGreaterThanOrEqual(3);
    expect(panes.has('')).toBe(false);
  });

  it('gives the focus back when a dialog closes, and keeps it within while it is open', async () => {
    await anna.toGrid();
    await person.press('?');
    await person.see('dialog');
    for (let tabs = 0; tabs < 12; tabs += 1) {
      await person.press('Tab');
      expect(await person.look<boolean>(`return document.activeElement.closest('dialog, [role=dialog]') !== null`)).toBe(true);
    }
    await person.press('Escape');
    await person.seeNone('dialog');
    await eventually('the grid has the focus', async () => (await focus()) === anna.say('tiles'));
  });

  it('opens a command by its name', async () => {
    await person.press('Ctrl', 'k');
    await person.see('dialog');
    await person.type(anna.say('part_numbers'));
    await person.press('Enter');
    await person.see('heading', anna.say('numbers_title'));
  });
});

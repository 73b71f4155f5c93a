// The lock: whatever is open closes, no picture and no word of the case stays on the page, and the same passphrase opens it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Person } from './person';
import { missing } from './screen';
import { inDemonstration, type Reviewer } from './reviewer';
import { eventually, World } from './world';

/** Passphrase of the demonstration case, which is no secret. */
const DEMONSTRATION = 'demonstration';

describe.skipIf(missing().length > 0)('the lock', () => {
  let world: World;
  let person: Person;
  let anna: Reviewer;

  beforeAll(async () => {
    world = new World();
    ({ person, anna } = await inDemonstration(world));
  });

  afterAll(async () => {
    await world?.end();
  });

  /** Each way to a dialog: from the grid, with what is pressed or clicked. */
  const DIALOGS: [name: string, open: () => Promise<void>][] = [
    ['the keys', () => person.press('?')],
    ['the commands', () => person.press('Ctrl', 'k')],
    ['a note', () => person.press('n')],
    ['a group', async () => {
      await person.press('Ctrl', 'a');
      await person.press('1');
    }],
    ['how tiles look', () => person.click('button', new RegExp(`^(${anna.say('look')}|${anna.say('look_title')})`))],
    ['the name of a view', () => person.click('button', anna.say('save_view'))],
    ['sources', async () => {
      await person.press('Ctrl', 'k');
      await person.see('dialog');
      await person.type(anna.say('load_title'));
      await person.press('Enter');
      await person.click('button', anna.say('load_add'));
    }],
    ['a reason to show again', async () => {
      await person.press('h');
      await person.see('option');
      await person.press('Shift', 'h');
    }],
    ['a list to import', async () => {
      await person.press('Ctrl', '4');
      await person.click('button', anna.say('sets_import'));
    }],
    ['a publisher to enrol', async () => {
      await person.press('Ctrl', '4');
      await person.click('button', anna.say('sets_enrol'));
    }],
    ['a person to add', async () => {
      await person.press('Ctrl', '7');
      await person.click('button', anna.say('users_add'));
    }],
  ];

  it.each(DIALOGS)('closes %s', async (_, open) => {
    await open();
    await person.see('dialog', undefined, 30);
    await anna.lock();
    expect(await person.names('dialog')).toEqual([]);
    await nothingOfTheCase();
    await anna.unlock(DEMONSTRATION);
    await person.press('Ctrl', '1');
    await anna.toGrid();
    expect(await person.names('dialog')).toEqual([]);
  });

  it('takes a picture back that is held clear', async () => {
    const number = await anna.ring();
    await person.session.hold(['Space']);
    await eventually('it is clear', () => person.look<boolean>(`return document.querySelector('[src*="/clear/"]') !== null`));
    await person.press('Ctrl', 'l');
    await person.see('button', anna.say('lock_unlock'));
    await nothingOfTheCase();
    await person.session.letGo(['Space']);
    await anna.unlock(DEMONSTRATION);
    await anna.toGrid();
    expect(await person.look<number>(`return document.querySelectorAll('[src*="/clear/"]').length`)).toBe(0);
    expect(number).toBeGreaterThan(0);
  });

  it('refuses another passphrase, and stays locked', async () => {
    await anna.lock();
    await person.fill(anna.say('start_passphrase'), 'not this one');
    await person.press('Enter');
    await person.read('access-denied', 60);
    await expect(person.ask('view_open', {
      query: { shelf: 'shown', picks: [], text: '', order: 'number', descending: false, stacked: false }, anchor: null,
    })).rejects.toThrow(/locked/);
    await anna.unlock(DEMONSTRATION);
  });

  it('keeps what was decided before it', async () => {
    await anna.toGrid();
    const before = (await anna.strip()).decided;
    await person.press('1');
    await person.press('Ctrl', 'l');
    await person.see('button', anna.say('lock_unlock'));
    await anna.unlock(DEMONSTRATION);
    await anna.decided(before + 1);
  });

  /** Nothing of the case is on the page but its number. */
  async function nothingOfTheCase(): Promise<void> {
    expect(await person.look<number>(`return document.querySelectorAll('img, canvas, [role=option], [role=listbox], table').length`)).toBe(0);
    expect(await person.look<string[]>(`return [...document.querySelectorAll('input, textarea')].map((one) => one.value).filter((text) => text !== '')`)).toEqual([]);
  }
});

// Why something is hidden, and how it is shown again: as text alone, by a reason, and only that one.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { ItemDetail, Strip } from '../src/backend/types';
import type { Person } from './person';
import { writePictures, type Written } from './pictures';
import { missing } from './screen';
import { inOwnCase, type Reviewer } from './reviewer';
import { eventually, World } from './world';

describe.skipIf(missing().length > 0)('what is hidden', () => {
  let world: World;
  let person: Person;
  let anna: Reviewer;
  let known: Written[];

  beforeAll(async () => {
    world = new World();
    writePictures(world.media, ['new-1.png', 'new-2.png'], 300);
    known = writePictures(world.media, ['known-1.png', 'known-2.png', 'known-3.png'], 700);
    world.write('known.txt', known.map((one) => `${one.sha256}  known\n`).join(''));
    world.run('zeef', 'set', 'import', world.path('known.txt'), '--name', 'seaside', '--role', 'known', '--profile', 'NL');
    ({ person, anna } = await inOwnCase(world));
  });

  afterAll(async () => {
    await world?.end();
  });

  it('is counted in the strip, and its sum is the total', async () => {
    const strip = await anna.strip();
    expect(strip).toMatchObject({ shown: 2, hidden: 3, refused: 0, total: 5 } satisfies Partial<Strip>);
    for (const part of ['shown', 'hidden', 'total']) await person.read(new RegExp(`${anna.say(part)} ${anna.count(strip[part as 'shown'])}`));
  });

  it('is a list of text, without a single picture', async () => {
    await person.press('h');
    await person.see('heading', anna.say('hidden_title'));
    await eventually('three lines', async () => (await person.names('option')).length === 3);
    expect(await person.look<number>(`return document.querySelectorAll('img, canvas, video').length`)).toBe(0);
  });

  it('says why: set, version, entry and digest', async () => {
    await person.read(/seaside v1/);
    await person.read(/SHA-256/);
    await person.see('complementary', anna.say('hidden_story'));
    await eventually('the panel says it', () => person.look<boolean>(
      `return find('complementary', { exact: arguments[0] }).some((one) => one.innerText.includes('seaside'))`, anna.say('hidden_story')));
  });

  it('is shown again by a reason, that one alone', async () => {
    const number = await person.look<number>(`return Number(nameOf(find('option', null)[0]).match(/[0-9.,]+/)[0].replace(/[.,]/g, ''))`);
    await person.press('Shift', 'h');
    await person.see('dialog');
    await person.click('button', anna.say('hidden_again'));
    await person.read(anna.say('hidden_e_missing'));
    await person.fill(anna.say('hidden_reason'), 'a picture of the sea, of the family itself');
    await person.click('button', anna.say('hidden_again'));
    await person.seeNone('dialog', undefined, 30);
    await eventually('one less is hidden', async () => (await anna.strip()).hidden === 2);
    expect(await anna.strip()).toMatchObject({ shown: 3, hidden: 2, total: 5 });
    const detail = await person.ask<ItemDetail>('item', { number });
    expect(detail.state).toBe('shown');
    // Its whole story stays: what hid it, and who said that it was wrong.
    expect(detail.story.length).toBeGreaterThan(1);
    await person.press('Ctrl', '1');
    await anna.seeGrid();
    await person.press('F5');
    await eventually('it is in the review', async () => (await anna.tile(number)) !== undefined);
    await person.press('Home');
    await eventually('it stands first', async () => (await anna.ring()) === number);
    await person.read(new RegExp(anna.say('story_judged_again', { was: anna.say('state_hidden'), now: anna.say('state_returned') })));
    // Every step of the window's own story has all that its sentence says.
    expect(await person.look<string[]>(`return [...document.querySelectorAll('.story li')].map((one) => one.innerText).filter((text) => /[:,(]\\s*$|:\\s*\\d\\d:/.test(text))`)).toEqual([]);
  });
});

// Filters: the place is kept through every filter, with back and forward as in a browser, and nothing is hidden unsaid.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Person } from './person';
import { missing } from './screen';
import { inDemonstration, Reviewer } from './reviewer';
import { eventually, World } from './world';

describe.skipIf(missing().length > 0)('filters', () => {
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

  /** Tiles of the view, as the tools say beside its name. */
  const total = () => person.look<string>(`return tidy(document.querySelector('.tools h2 + span')?.textContent)`);

  it('keeps the place through a filter, back and forward', async () => {
    for (let steps = 0; steps < 7; steps += 1) await person.press('ArrowRight');
    const place = await anna.ring();
    const before = await total();
    await person.press('/');
    await person.fill(anna.say('filter_text'), `item:${place}`);
    await person.press('Enter');
    await eventually('one item is left', async () => (await total()) === '1');
    expect(await anna.ring()).toBe(place);
    await person.press('Alt', 'ArrowLeft');
    await eventually('all are back', async () => (await total()) === before);
    expect(await anna.ring()).toBe(place);
    await person.press('Alt', 'ArrowRight');
    await eventually('the filter is back', async () => (await total()) === '1');
    await person.press('Alt', 'ArrowLeft');
    await eventually('all are back', async () => (await total()) === before);
    expect(await anna.ring()).toBe(place);
  });

  it('says when nothing meets the filters, and takes the last one off', async () => {
    await person.press('/');
    await person.fill(anna.say('filter_text'), 'item:99999999');
    await person.press('Enter');
    await person.read(anna.say('no_hits_one'));
    await person.click('button', anna.say('last_off'));
    await person.see('option');
  });

  it('says what it does not understand, and hides nothing by it', async () => {
    const before = await total();
    await person.press('/');
    await person.fill(anna.say('filter_text'), 'size>many');
    await person.press('Enter');
    await person.read(/Not understood/);
    expect(await total()).toBe(before);
    await person.press('Alt', 'ArrowLeft');
  });

  it('keeps a view by name, over a restart', async () => {
    await person.press('/');
    await person.fill(anna.say('filter_text'), 'size>1k');
    await person.press('Enter');
    await person.see('button', anna.say('filter_off', { name: 'size>1k' }));
    await person.click('button', anna.say('save_view'));
    await person.fill(anna.say('save_view_name'), 'Large ones');
    await person.press('Enter');
    await person.see('button', /^Large ones/);
    await world.close();
    person = await world.open();
    anna = new Reviewer(person);
    await anna.openDemonstration();
    await person.click('button', /^Large ones/, 30);
    await person.see('button', anna.say('filter_off', { name: 'size>1k' }), 30);
  });
});

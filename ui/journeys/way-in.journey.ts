// First start to first decision; then undo, a restart, and redo: what was done and taken back is still known.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Person } from './person';
import { writePictures } from './pictures';
import { missing } from './screen';
import { numberIn, PASSPHRASE, Reviewer } from './reviewer';
import { pattern, texts } from './words';
import { eventually, World } from './world';

describe.skipIf(missing().length > 0)('the first day', () => {
  let world: World;
  let person: Person;
  let anna: Reviewer;
  const say = (key: string, values?: Record<string, string | number>) => anna.say(key, values);
  /** The button of undo, whatever it would take back. */
  const undoes = pattern(texts('en').get('undo_this') ?? '');

  beforeAll(async () => {
    world = new World();
    writePictures(world.media, Array.from({ length: 6 }, (_, index) => `holiday/picture-${index}.png`), 11);
    person = await world.open();
    anna = new Reviewer(person);
  });

  afterAll(async () => {
    await world?.end();
  });

  it('begins on a page that says what to do, with nothing of a case', async () => {
    await person.see('heading', say('start_first_title'), 60);
    await person.see('button', say('start_demo_try'));
    await person.see('button', say('start_new'));
  });

  it('makes a case: what is missing is said in place, and nothing typed is lost', async () => {
    await person.click('button', say('start_new'));
    await person.see('heading', say('newcase_title'));
    await person.fill(say('newcase_number'), '26-RTM-0417');
    await person.click('button', say('newcase_make'));
    await person.read(say('newcase_e_missing'));
    expect(await person.look(`return find('textbox', { exact: arguments[0] })[0].value`, say('newcase_number'))).toBe('26-RTM-0417');
    await person.fill(say('newcase_unit'), 'Team West');
    await person.fill(say('newcase_warrant'), 'RK 26/114');
    // In English nothing says which scheme it is, and it cannot be changed later: she chooses it.
    await person.choose(say('newcase_scheme'), 'Project VIC, United States');
    await person.fill(say('newcase_dir'), world.path('case'));
    await person.fill(say('newcase_user'), 'anna');
    await person.fill(say('newcase_passphrase'), PASSPHRASE);
    await person.fill(say('newcase_repeat'), PASSPHRASE);
    await person.click('button', say('newcase_make'));
    await person.see('heading', say('load_none_title'), 60);
  });

  it('loads a source by its path, and the first pictures come', async () => {
    await person.click('button', say('load_add'));
    await person.see('dialog', say('load_add_title'));
    await person.fill(say('load_paths'), world.media);
    await person.click('button', say('load_start_one'));
    await person.seeNone('dialog');
    await eventually('all is loaded', async () => (await anna.strip()).total === 6, 60);
    await person.press('Ctrl', '1');
    await anna.seeGrid();
    // What came while another page was open waits, or is there: nothing moves under a finger.
    await person.press('F5');
    await eventually('six tiles', async () => (await person.names('option')).length === 6);
  });

  it('decides: the deck says on what, the ring goes on, and it is durable', async () => {
    await anna.toGrid();
    await anna.actsOn(1);
    const first = await anna.ring();
    await person.press('1');
    await anna.decided(1);
    await eventually('the ring goes to the next', async () => (await anna.ring()) !== first);
    expect(await anna.tile(first)).not.toContain(say('tile_undecided'));
    await person.see('button', undoes);
  });

  it('takes back, knows it after a restart, and does it again', async () => {
    const decided = numberIn((await person.names('option')).find((name) => !name.includes(say('tile_undecided'))) ?? '');
    await person.press('Ctrl', 'z');
    await anna.decided(0);
    await world.close();

    person = await world.open();
    anna = new Reviewer(person);
    await person.see('button', /26-RTM-0417/, 60);
    await person.fill(say('start_passphrase'), 'not this one');
    await person.press('Enter');
    await person.read('access-denied', 60);
    await person.fill(say('start_passphrase'), PASSPHRASE);
    await person.press('Enter');
    await anna.seeGrid(60);
    await anna.toGrid();
    await anna.decided(0);
    await person.press('Ctrl', 'Shift', 'z');
    await anna.decided(1);
    await eventually('the tile has its category again', async () => {
      await person.press('F5');
      const detail = await person.ask<{ category: string | null }>('item', { number: decided });
      return detail.category !== null;
    });
  });
});

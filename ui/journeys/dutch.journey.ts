// Dutch: every page is in Dutch alone, numbers and days are as Dutch has them, and a switch of language needs no restart.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Person } from './person';
import { missing } from './screen';
import { Reviewer } from './reviewer';
import { texts } from './words';
import { VIEWS } from './views';
import { eventually, World } from './world';

/** English texts of two words or more that Dutch says otherwise: none of them may be on a Dutch page. */
function english(): string[] {
  const dutch = texts('nl');
  return [...texts('en')].filter(([key, text]) => text.includes(' ') && !text.includes('{') && dutch.get(key) !== text).map(([, text]) => text);
}

describe.skipIf(missing().length > 0)('in Dutch', () => {
  let world: World;
  let person: Person;
  let anna: Reviewer;
  const foreign = english();

  beforeAll(async () => {
    world = new World({ language: 'nl' });
    person = await world.open();
    anna = new Reviewer(person, 'nl');
  });

  afterAll(async () => {
    await world?.end();
  });

  /** All that is read on a page: its text, and the names that a screen reader says. */
  const said = () => person.look<string>(
    `const names = [...document.querySelectorAll('[aria-label],[title],[placeholder],[alt]')].filter(seen)
       .flatMap((one) => ['aria-label', 'title', 'placeholder', 'alt'].map((name) => one.getAttribute(name)));
     return tidy(document.body.innerText) + ' | ' + names.filter(Boolean).join(' | ');`);

  it('begins in Dutch, and says so to a screen reader', async () => {
    await person.see('heading', anna.say('start_first_title'), 60);
    expect(await person.look<string>('return document.documentElement.lang')).toBe('nl');
  });

  it('has every page in Dutch alone', async () => {
    await anna.openDemonstration();
    for (const [name, go] of Object.entries(VIEWS)) {
      await go(anna);
      const all = await said();
      expect(foreign.filter((text) => all.includes(text)), name).toEqual([]);
      expect(all, name).not.toMatch(/undefined|\bnull\b|\[object/);
      if ((await person.names('dialog')).length > 0) await person.press('Escape');
    }
  });

  it('changes its language without a restart, and keeps it', async () => {
    await person.press('Ctrl', '7');
    await person.see('heading', anna.say('part_settings'), 30);
    const settings = (await person.ask<{ settings: Record<string, unknown> }>('startup')).settings;
    expect(settings.language).toBe('nl');
    await person.click('radio', 'English').catch(() => person.click('button', 'English'));
    const in_english = new Reviewer(person, 'en');
    await eventually('the page is English', async () => (await person.names('button', in_english.say('part_numbers'))).length > 0);
    expect((await person.ask<{ settings: Record<string, unknown> }>('startup')).settings.language).toBe('en');
  });
});

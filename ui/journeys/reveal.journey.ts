// A picture is clear only while a key is held, only that one, and only because it was asked for.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Person } from './person';
import { missing } from './screen';
import { Reviewer } from './reviewer';
import { eventually, World } from './world';

describe.skipIf(missing().length > 0)('a clear picture', () => {
  let world: World;
  let person: Person;
  let anna: Reviewer;

  /** What the page has asked `media:` for, by kind: every source that any picture was given. */
  const asked = (kind: string) => person.look<number>(`return window.asked.filter((one) => one.startsWith('media:') && one.includes('/' + arguments[0] + '/')).length`, kind);
  const clearNow = () => person.look<number>(`return document.querySelectorAll('[src*="/clear/"], canvas').length`);

  beforeAll(async () => {
    world = new World();
    person = await world.open();
    anna = new Reviewer(person);
    await person.see('button', anna.say('start_demo_try'), 60);
    await person.session.run(`
      window.asked = [];
      const own = Object.getOwnPropertyDescriptor(HTMLImageElement.prototype, 'src');
      Object.defineProperty(HTMLImageElement.prototype, 'src', { ...own, set(value) { window.asked.push(String(value)); own.set.call(this, value); } });
      const set = Element.prototype.setAttribute;
      Element.prototype.setAttribute = function (name, value) { if (name === 'src') window.asked.push(String(value)); return set.call(this, name, value); };`);
    await anna.openDemonstration();
    await anna.toGrid();
  });

  afterAll(async () => {
    await world?.end();
  });

  it('is never asked for by moving about', async () => {
    for (const key of ['ArrowRight', 'ArrowDown', 'PageDown', 'End', 'Home', 'e', 'ArrowRight', 'ArrowRight', 'g', 'x', 'ArrowRight', 'x', 'c', 'g', 'Escape', '1']) {
      await person.press(key);
    }
    await person.press('Ctrl', 'z');
    await eventually('tiles are there', async () => (await asked('tile')) > 5);
    expect(await asked('clear')).toBe(0);
  });

  it('is there while Space is held, and gone when it is let go', async () => {
    const before = (await anna.strip()).seen_today;
    await person.session.hold(['Space']);
    await eventually('it is clear', async () => (await clearNow()) === 1);
    expect(await asked('clear')).toBe(1);
    await person.session.letGo(['Space']);
    await eventually('it is veiled', async () => (await clearNow()) === 0);
    await eventually('it is counted once', async () => (await anna.strip()).seen_today === before + 1);
    expect(await asked('clear')).toBe(1);
  });

  it('goes when the ring moves on, and the next one needs a new press', async () => {
    await person.session.hold(['Space']);
    await eventually('it is clear', async () => (await clearNow()) === 1);
    const seen = await asked('clear');
    await person.session.press(['ArrowRight']);
    await eventually('it is veiled', async () => (await clearNow()) === 0);
    expect(await asked('clear')).toBe(seen);
    await person.session.letGo(['Space']);
  });

  it('goes behind a dialog', async () => {
    await person.session.hold(['Space']);
    await eventually('it is clear', async () => (await clearNow()) === 1);
    await person.session.press(['Ctrl', 'k']);
    await eventually('it is veiled', async () => (await clearNow()) === 0);
    await person.session.letGo(['Space']);
    await person.press('Escape');
  });

  it('has no pixels of another when keys are fast', async () => {
    const before = await asked('clear');
    for (let times = 0; times < 8; times += 1) await person.session.press(['Space']);
    await eventually('all is veiled', async () => (await clearNow()) === 0);
    expect((await asked('clear')) - before).toBeLessThanOrEqual(8);
    await anna.toGrid();
  });

  it('cannot be dragged out, copied or printed', async () => {
    const dragged = await person.look<boolean>(
      `const picture = document.querySelector('img'); const event = new DragEvent('dragstart', { bubbles: true, cancelable: true });
       picture.dispatchEvent(event); return !event.defaultPrevented;`);
    expect(dragged).toBe(false);
    const printed = await person.look<boolean>(
      `return [...document.adoptedStyleSheets].some((sheet) => [...sheet.cssRules].some((rule) => rule.media && rule.media.mediaText === 'print'))`);
    expect(printed).toBe(true);
  });
});

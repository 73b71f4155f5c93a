// axe-core finds nothing in any view, in both languages and both themes, as the real webview draws them.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Person } from './person';
import { missing } from './screen';
import { Reviewer } from './reviewer';
import type { Language } from './words';
import { VIEWS } from './views';
import { World } from './world';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Finding {
  id: string;
  impact: string;
  nodes: string[];
}

const RUN = `
const done = arguments[arguments.length - 1];
axe.run(document, { resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }).then(
  ({ violations }) => done(violations.map((one) => ({ id: one.id, impact: one.impact, nodes: one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)) }))),
  (error) => done([{ id: 'axe itself', impact: String(error), nodes: [] }]));
`;

const LOOKS: [Language, 'dark' | 'light'][] = [['en', 'dark'], ['nl', 'dark'], ['en', 'light'], ['nl', 'light']];

describe.skipIf(missing().length > 0).each(LOOKS)('axe, %s, %s', (language, theme) => {
  let world: World;
  let person: Person;
  let anna: Reviewer;

  async function check(): Promise<Finding[]> {
    await person.session.run(`if (!window.axe) { ${AXE} }`);
    return person.session.runLong<Finding[]>(RUN);
  }

  beforeAll(async () => {
    world = new World({ language, theme });
    person = await world.open();
    anna = new Reviewer(person, language);
    await person.see('button', anna.say('start_demo_try'), 60);
  });

  afterAll(async () => {
    await world?.end();
  });

  it('start and new case', async () => {
    expect(await check(), 'start').toEqual([]);
    await person.click('button', anna.say('start_new'));
    await person.see('heading', anna.say('newcase_title'));
    expect(await check(), 'new case').toEqual([]);
    await person.click('button', anna.say('start_back'));
    await anna.openDemonstration();
  });

  it.each(Object.entries(VIEWS))('%s', async (_, go) => {
    await go(anna);
    expect(await person.look<string>('return document.documentElement.dataset.theme')).toBe(theme);
    expect(await check()).toEqual([]);
  });

  it('stop now and lock', async () => {
    await person.press('Escape');
    await person.press('Ctrl', '1');
    await person.press('Ctrl', '.');
    await person.see('heading', anna.say('care_stop_title'));
    expect(await check(), 'stop now').toEqual([]);
    await person.click('button', anna.say('care_stop_go_on'));
    await anna.seeGrid();
    await anna.lock();
    expect(await check(), 'lock').toEqual([]);
  });
});

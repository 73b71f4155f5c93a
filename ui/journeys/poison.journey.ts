// Names that were made to do harm: HTML, text that runs from right to left, line ends, escapes of terminals, and bytes that
// are no text. Wherever a name is shown it is text, it stays in its place, and nothing of it runs.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { ItemDetail, Tile, ViewHead } from '../src/backend/types';
import type { Person } from './person';
import { drawPicture } from './pictures';
import { missing } from './screen';
import { inOwnCase, type Reviewer } from './reviewer';
import { VIEWS } from './views';
import { eventually, World } from './world';

const BIDI = '\u202Egnp.exe';
const NAMES = [
  '<img src=x onerror="window.poisoned=1">.png',
  '<script>window.poisoned=1<\u2215script>.png',
  `holiday${BIDI}.png`,
  'two\nlines.png',
  'bell\u0007 and \u001b[31mred.png',
  "'; DROP TABLE item; --.png",
  '{{7*7}}${7*7}.png',
];

describe.skipIf(missing().length > 0)('poisoned names', () => {
  let world: World;
  let person: Person;
  let anna: Reviewer;

  beforeAll(async () => {
    world = new World();
    for (const [index, name] of NAMES.entries()) {
      const folder = join(world.media, index % 2 ? '<b>folder</b>' : `map${BIDI}`);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, name), drawPicture(800 + index, 120, 90));
    }
    const raw = Buffer.concat([Buffer.from(`${world.media}/`), Buffer.from([0xff, 0xfe, 0x41]), Buffer.from('.png')]);
    writeFileSync(raw, drawPicture(990, 120, 90));
    writeFileSync(join(world.media, '<i>broken<i>.png'), drawPicture(991, 120, 90).subarray(0, 150));
    const known = drawPicture(992, 120, 90);
    writeFileSync(join(world.media, '<u>known<u>\n\u202Etxt.png'), known);
    writeFileSync(world.path('known.bin'), known);
    world.write('list.csv', `MD5\n${(await import('node:crypto')).createHash('md5').update(known).digest('hex')}\n`);
    world.run('zeef', 'set', 'import', world.path('list.csv'), '--name', 'listed', '--role', 'known', '--profile', 'NL');
    ({ person, anna } = await inOwnCase(world));
  });

  afterAll(async () => {
    await world?.end();
  });

  /** What must hold on every page. */
  async function harmless(where: string): Promise<void> {
    const found = await person.look<{ ran: boolean; elements: string[]; control: string[] }>(
      `const control = [];
       const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
       for (let node = walker.nextNode(); node; node = walker.nextNode()) {
         // A line end would break the row, an escape and a turned direction would hide what is there.
         if (/[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u202a-\\u202e\\u2066-\\u2069]/.test(node.textContent)) control.push(node.textContent);
       }
       return {
         ran: window.poisoned !== undefined,
         elements: [...document.querySelectorAll('img[src="x"], b, u, i')].filter((one) => /folder|known|broken/.test(one.textContent) && !one.children.length && one.tagName !== 'B').map((one) => one.outerHTML),
         control,
       };`);
    expect(found, where).toEqual({ ran: false, elements: [], control: [] });
  }

  it('are text in the panel, for each item', async () => {
    const query = { shelf: 'shown', picks: [], text: '', order: 'number', descending: false, stacked: false };
    const view = await person.ask<ViewHead>('view_open', { query, anchor: null });
    const tiles = await person.ask<Tile[]>('view_tiles', { view: view.view, start: 0, count: 50 });
    expect(tiles.length).toBeGreaterThanOrEqual(NAMES.length + 1);
    await person.press('Home');
    for (let index = 0; index < tiles.length; index += 1) {
      const number = await anna.ring();
      const detail = await person.ask<ItemDetail>('item', { number });
      await eventually('the panel follows', async () => (await person.text()).includes(anna.say('item_n', { n: anna.count(number) })));
      const path = detail.places[0]?.path ?? '';
      expect(path).not.toMatch(/[\u0000-\u001f\u202a-\u202e]/);
      await person.read(path);
      await harmless(path);
      await person.press('ArrowRight');
    }
  });

  it('are text in the loupe, in compare and in a note', async () => {
    await person.press('Home');
    await person.press('e');
    await harmless('the loupe');
    await person.press('g');
    await person.press('x');
    await person.press('ArrowRight');
    await person.press('x');
    await person.press('c');
    await harmless('compare');
    await person.press('g');
    await person.press('Escape');
    await person.press('n');
    await person.see('dialog');
    await person.fill(anna.say('note_label'), NAMES[0] ?? '');
    await person.click('button', anna.say('save'));
    await person.read(NAMES[0] ?? '');
    await harmless('a note');
  });

  it('are text in filters: folders, chips, the name of a view', async () => {
    await person.press('/');
    await person.fill(anna.say('filter_text'), '<b>folder');
    await person.press('Enter');
    await harmless('a chip');
    await person.click('button', anna.say('save_view'));
    await person.fill(anna.say('save_view_name'), NAMES[0] ?? '');
    await person.press('Enter');
    await person.seeNone('dialog');
    await harmless('a view');
    await person.press('Alt', 'ArrowLeft');
  });

  it('are text among what is hidden, and among what was refused', async () => {
    await person.press('h');
    await person.see('option', undefined, 30);
    await person.read(/known/);
    await harmless('hidden');
    await person.press('Ctrl', '1');
    await VIEWS.sources?.(anna);
    await person.see('option', /broken/, 30);
    await harmless('refused');
  });

  it('are text in a case number and a unit, on every page that shows them', async () => {
    await person.ask('case_close');
    await person.ask('case_new', {
      form: { dir: world.path('other'), number: NAMES[0], unit: `<b>unit</b>${'x'.repeat(200)}`, legal_scope: '<i>all</i>', scheme: 'nl', user: 'anna', passphrase: 'een andere wachtzin' },
    }).catch(() => undefined);
    await person.session.run('location.reload()');
    for (const key of ['1', '2', '3', '4', '5']) {
      await person.press('Ctrl', key);
      await harmless(`part ${key}`);
    }
  });
});

// Pictures of every view for the README, from the demonstration case, in both themes and both languages: `make shots`.
// ZEEF_SHOTS=all writes every view in all four looks into target/shots, to be looked at.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, it } from 'vitest';

import { smaller } from './png';
import { Reviewer } from './reviewer';
import type { Language } from './words';
import { VIEWS } from './views';
import { eventually, ROOT, World } from './world';

const ALL = process.env.ZEEF_SHOTS === 'all';
const OUT = ALL ? join(ROOT, 'target/shots') : join(ROOT, 'ui/screenshots');

/** Views that the README shows in another look than English and dark. */
const OTHER_LOOKS: Record<string, [Language, 'dark' | 'light']> = {
  sources: ['nl', 'dark'], hidden: ['nl', 'dark'], group: ['nl', 'dark'], overview: ['en', 'light'], sets: ['nl', 'light'],
  places: ['nl', 'light'], links: ['en', 'light'], 'export-ask': ['nl', 'dark'], settings: ['nl', 'light'], day: ['nl', 'light'], security: ['en', 'light'], start: ['nl', 'dark'], lock: ['nl', 'dark'],
};
const LOOKS: [Language, 'dark' | 'light'][] = [['en', 'dark'], ['nl', 'dark'], ['en', 'light'], ['nl', 'light']];

/** The case of another tool, as one that is looked into. */
const FOREIGN = JSON.stringify({
  '@odata.context': 'http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/US/$metadata#Cases',
  value: [{
    CaseNumber: '26-1181', SourceApplicationName: 'Another tool', SourceApplicationVersion: '7.1',
    Media: Array.from({ length: 48 }, (_, at) => ({
      MediaID: at, Category: at % 4, MD5: at.toString(16).padStart(32, 'a'), RelativeFilePath: `Files\\${at}`, MediaFiles: [{ FilePath: 'C:\\x', FileName: `${at}.jpg` }],
    })),
  }],
});

describe.each(LOOKS)('pictures, %s, %s', (language, theme) => {
  let world: World;

  afterEach(async () => {
    await world?.end();
  });

  it('of every view', async () => {
    mkdirSync(OUT, { recursive: true });
    world = new World({ language, theme });
    world.write('other.json', FOREIGN);
    const person = await world.open();
    const anna = new Reviewer(person, language);
    const wanted = (view: string) => {
      const [itsLanguage, itsTheme] = OTHER_LOOKS[view] ?? ['en', 'dark'];
      return ALL || (itsLanguage === language && itsTheme === theme);
    };
    const take = async (view: string) => {
      // Pictures come after the page: a view is taken when nothing of it is on its way.
      await person.session.runLong(
        `const done = arguments[arguments.length - 1]; const began = performance.now();
         const look = () => [...document.images].every((one) => one.complete) || performance.now() - began > 5000
           ? requestAnimationFrame(() => requestAnimationFrame(done)) : requestAnimationFrame(look);
         setTimeout(look, 300);`);
      const name = ALL ? `${view}-${language}-${theme}.png` : `${view}.png`;
      writeFileSync(join(OUT, name), smaller(await person.session.picture()));
    };
    await person.see('button', anna.say('start_demo_try'), 60);
    if (wanted('start')) await take('start');
    await person.click('button', anna.say('start_new'));
    await person.see('heading', anna.say('newcase_title'));
    if (wanted('new-case')) await take('new-case');
    await person.click('button', anna.say('start_back'));
    await anna.openDemonstration();
    await anna.toGrid();
    // A little work, so that there is something to see.
    await person.session.typeKeys(['1', '2', '6', 'b', 'ArrowRight', '3']);
    const decided = `return document.querySelector('#views-title + ul li:nth-child(2) .number')?.textContent`;
    await eventually('the counts beside the grid have followed', async () => (await person.look<string>(decided)) === '4');
    for (const [view, go] of Object.entries(VIEWS)) {
      if (!wanted(view)) continue;
      await go(anna);
      if (view === 'add-foreign') {
        await person.fill(anna.say('import_file'), world.path('other.json'));
        await person.click('button', anna.say('import_preview'));
        await person.see('region', anna.say('foreign_holds'), 30);
      }
      await take(view);
      if ((await person.names('dialog')).length > 0) await person.press('Escape');
    }
    if (wanted('stop-now')) {
      await person.press('Ctrl', '.');
      await person.see('heading', anna.say('care_stop_title'));
      await take('stop-now');
      await person.click('button', anna.say('care_stop_go_on'));
    }
    if (wanted('lock')) {
      await anna.lock();
      await take('lock');
    }
  });
});

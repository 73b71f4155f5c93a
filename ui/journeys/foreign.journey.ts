// The case of another tool, in the real window: looked at, asked about, added as a job, seen beside the item; and the whole
// case written for another tool again, with what came in.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { ItemDetail, NumbersView, OpinionView } from '../src/backend/types';
import type { Person } from './person';
import { writePictures, type Written } from './pictures';
import { missing } from './screen';
import { Reviewer } from './reviewer';
import { VIEWS } from './views';
import { eventually, World } from './world';

/** Seconds that a busy machine may take for what a person waits for. */
const PATIENCE = 60;
/** A text that would do harm where it is not inert. */
const HARM = '=cmd <b>kitchen</b>';

describe.skipIf(missing().length > 0)('the case of another tool', () => {
  let world: World;
  let person: Person;
  let anna: Reviewer;
  let pictures: Written[];
  let file: string;
  let out: string;

  const md5 = (one: Written): string => createHash('md5').update(one.bytes).digest('hex');
  const detail = async (one: Written) => person.ask<ItemDetail>('item', { number: await person.ask<number>('item_number', { sha256: one.sha256 }) });

  /** Writes a case beside the media: two records contradict each other, one has a code that tools use in opposite ways, one has no file. */
  function writeCase(): string {
    const [first, second, third] = pictures as [Written, Written, Written];
    const record = (one: Written, category: number, name: string, more: Record<string, unknown> = {}) => ({
      MediaID: 7, Category: category, MD5: md5(one), RelativeFilePath: `files\\${basename(one.path)}`,
      MediaFiles: [{ MD5: md5(one), FilePath: 'C:\\x', FileName: name, Created: '1/2/2019 3:04:05 AM (UTC-5)' }], ...more,
    });
    const media = [
      record(first, 1, 'a.png', { Tags: HARM, Exifs: [{ PropertyName: 'Model', PropertyValue: 'Aria 5' }], X_Station: '<script>', Segments: [{ SegmentIndex: 1, Start: 5, End: 9, Category: 2 }] }),
      record(first, 2, 'b.png'), record(second, 0, 'c.png'), record(third, 1, 'd.png'),
      { MediaID: 9, Category: 1, MD5: 'cd'.repeat(16), RelativeFilePath: 'gone\\x', MediaFiles: [{ FilePath: 'C:\\x', FileName: 'gone.png' }] },
    ];
    const text = JSON.stringify({
      '@odata.context': 'http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/US/$metadata#Cases',
      value: [{ CaseNumber: 'X-9', SourceApplicationName: 'Griffin', SourceApplicationVersion: '7.1', Media: media }],
    });
    const path = join(world.media, 'other/case.json');
    writeFileSync(path, text);
    return path;
  }

  beforeAll(async () => {
    world = new World();
    writePictures(world.media, ['own/plain.png'], 80_000);
    pictures = writePictures(world.media, ['other/files/one.png', 'other/files/two.png', 'other/files/three.png'], 81_000);
    file = writeCase();
    out = world.path('out.vics.json');
    person = await world.open();
    anna = new Reviewer(person);
    await anna.makeCase(world, [join(world.media, 'own')], 'project-vic-us');
  });

  afterAll(async () => {
    await world?.end();
  });

  it('is known among typed paths, and tells what it holds before anything is stored', async () => {
    await VIEWS.sources?.(anna);
    await person.click('button', anna.say('load_add'), PATIENCE);
    await person.fill(anna.say('load_paths'), file);
    await person.click('button', anna.say('load_start_one'));
    await person.see('dialog', anna.say('foreign_title'), PATIENCE);
    await person.see('region', anna.say('foreign_holds'), PATIENCE);
    const text = await person.text();
    for (const part of ['VICS case 2.0', 'Griffin 7.1', anna.say('foreign_missing')]) expect(text).toContain(part);
    expect((await person.ask<NumbersView>('numbers')).sources).toHaveLength(1);
  });

  it('is asked about the code that tools use in opposite ways, and is added as a job', async () => {
    await person.choose(anna.say('import_code', { code: '0' }), 'non-pertinent');
    await person.click('button', anna.say('foreign_do', { n: 5 }), PATIENCE);
    await person.seeNone('dialog', undefined, PATIENCE);
    await person.read(anna.say('jobs_out_foreign', { joined: 4, records: 5, items: 3, places: 5, absent: 1 }), 120);
    await person.read(anna.say('jobs_out_foreign_conflicts', { n: 1 }));
    const { sources, strip } = await person.ask<NumbersView>('numbers');
    expect(sources.map((one) => one.kind)).toEqual(['folder', 'folder', 'stated']);
    expect(sources[2]?.file_sha256).toBe(createHash('sha256').update(readFileSync(file)).digest('hex'));
    // Four pictures, and the place of what did not come along; the file itself is none of them.
    expect(strip).toMatchObject({ total: 5, refused: 1, hidden: 0 });
  });

  it('is seen beside the item, as text alone, and decides nothing', async () => {
    const [said, other] = (await detail(pictures[0]!)).opinions as [OpinionView, OpinionView];
    expect([said.tool, said.code, other.code]).toEqual(['Griffin 7.1', '1', '2']);
    expect((await detail(pictures[1]!)).opinions[0]).toMatchObject({ code: '0', meaning: 'non-pertinent' });
    expect(await detail(pictures[0]!)).toMatchObject({ category: null, state: 'shown', tools_conflict: true });
    await person.press('Ctrl', '1');
    await anna.toGrid();
    await person.press('Home');
    const wanted = (await detail(pictures[0]!)).number;
    for (let steps = 0; steps < 6 && (await anna.ring()) !== wanted; steps += 1) await person.press('ArrowRight');
    await person.see('region', new RegExp(anna.say('tools_title')), PATIENCE);
    await person.read(anna.say('tools_conflict'));
    const text = await person.text();
    expect(text).toContain(HARM);
    expect(await person.look<number>(`return document.querySelectorAll('.foreign b, .foreign script').length`)).toBe(0);
  });

  it('goes out again with what came in, in the clear, by a team lead who knows it', async () => {
    await person.press('Ctrl', '5');
    await person.click('button', anna.say('vics_open'), PATIENCE);
    await person.fill(anna.say('vics_out'), out);
    await person.click('button', anna.say('vics_write'));
    await person.read(anna.say('vics_e_sure'));
    await person.click('checkbox', anna.say('vics_sure'));
    await person.click('button', anna.say('vics_write'));
    await person.read(anna.say('vics_done', { n: 4 }), PATIENCE);
    await person.read(createHash('sha256').update(readFileSync(out)).digest('hex'));
    const written = JSON.parse(readFileSync(out, 'utf8')) as { value: [{ Media: Record<string, unknown>[] }] };
    const first = written.value[0].Media.find((one) => String(one.MD5).toLowerCase() === md5(pictures[0]!))!;
    expect(first).toMatchObject({ Tags: HARM, X_Station: '<script>' });
    expect(first.Category).toBeUndefined();
    expect(first.X_ZeefOtherTools).toMatchObject([{ Tool: 'Griffin 7.1', Category: 1 }, { Category: 2 }]);
    expect(readFileSync(out, 'utf8')).not.toContain('<script>');
    await eventually('the dialog can be left', async () => (await person.names('button', anna.say('close'))).length > 0);
    await person.click('button', anna.say('close'));
  });
});

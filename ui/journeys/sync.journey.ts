// The daily sync from the window, with a real publisher beside it: what becomes known is hidden, what is withdrawn comes
// back, and what changes too much waits for a person.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { NoticeView, PublisherLine } from '../src/backend/types';
import type { Person } from './person';
import { writePictures, type Written } from './pictures';
import { missing } from './screen';
import { inOwnCase, type Reviewer } from './reviewer';
import { eventually, World } from './world';

describe.skipIf(missing().length > 0)('a sync from the window', () => {
  let world: World;
  let person: Person;
  let anna: Reviewer;
  let pictures: Written[];
  let site: string;
  /** What `zeef-publish release` printed. */
  let readOut: string;

  const publish = (command: string, ...more: string[]) => world.run('zeef-publish', command, world.path('publisher/repository'), ...more);
  const release = () => publish('release', '--keys', world.path('publisher/keys'), '--out', site);
  const md5 = (one: Written) => createHash('md5').update(one.bytes).digest('hex');

  /** Has a unit contribute what it classified, as a VICS list. */
  function contribute(name: string, of: Written[]): void {
    const value = of.map((one, index) => ({
      MediaID: index, Category: 1, MD5: md5(one), SHA1: createHash('sha1').update(one.bytes).digest('hex'), MediaSize: one.bytes.length,
    }));
    const list = { '@odata.context': 'http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/US/$metadata#Media', value };
    const path = world.path(`publisher/${name}.json`);
    writeFileSync(path, JSON.stringify(list));
    publish('add', path, '--by', 'unit-north');
  }

  /** Fetches from the site by the command that the button calls, and waits for the end of it. */
  async function sync(): Promise<void> {
    const job = await person.ask<number>('sync_run', { from: site });
    await eventually('the sync is over', async () => {
      const found = (await person.ask<{ job: number; state: string; error: unknown }[]>('jobs')).find((one) => one.job === job);
      if (found?.state === 'failed') throw new Error(JSON.stringify(found.error));
      return found?.state === 'done';
    }, 90);
  }

  beforeAll(async () => {
    world = new World();
    site = world.path('publisher/site');
    mkdirSync(world.path('publisher'));
    pictures = writePictures(world.media, Array.from({ length: 6 }, (_, index) => join('dcim', `picture-${index}.png`)), 4_000);
    publish('init', '--set', 'national', '--title', 'National set', '--profile', 'US', '--keys', world.path('publisher/keys'));
    contribute('first', pictures.slice(0, 2));
    readOut = release();
    ({ person, anna } = await inOwnCase(world, 'project-vic-us'));
    expect(await anna.strip()).toMatchObject({ shown: 6, hidden: 0 });
  });

  afterAll(async () => {
    await world?.end();
  });

  it('enrols a publisher by the file that was handed over', async () => {
    await person.press('Ctrl', '4');
    await person.click('button', anna.say('sets_enrol'));
    await person.see('dialog', anna.say('sets_enrol_title'));
    await person.fill(anna.say('sets_enrol_file'), join(site, 'enrolment.json'));
    await person.click('button', anna.say('sets_enrol_look'));
    await person.see('dialog', anna.say('sets_enrol_compare_title'), 30);
    // What stands there is what the custodian reads out: the SHA-256 of the root, in the rows that the publisher's program prints.
    const { root } = JSON.parse(readFileSync(join(site, 'enrolment.json'), 'utf8')) as { root: string };
    const shown = await person.look<string>(`return document.getElementById('enrol-print').innerText`);
    expect(shown.replaceAll(/\s/g, '')).toBe(createHash('sha256').update(root).digest('hex'));
    const rows = shown.trim().split(/\s*\n\s*/);
    expect(rows.length).toBe(4);
    for (const row of rows) expect(readOut).toContain(row);
    await person.click('button', anna.say('sets_enrol_do'));
    await person.read(anna.say('sets_enrol_e_compared'), 30);
    expect(await person.ask<PublisherLine[]>('publishers')).toEqual([]);
    await person.click('checkbox', anna.say('sets_enrol_compared'));
    await person.click('button', anna.say('sets_enrol_do'));
    await person.seeNone('dialog', undefined, 30);
    await person.read(/national/, 30);
    expect((await person.ask<PublisherLine[]>('publishers')).length).toBe(1);
  });

  it('takes a release, hides what it knows, and says what came', async () => {
    await sync();
    await eventually('two are hidden', async () => (await anna.strip()).hidden === 2, 60);
    await person.read(anna.say('sets_case_effect'), 30);
    await person.press('h');
    await person.press('Ctrl', '1');
    await anna.toGrid();
    await person.press('F5');
    await eventually('four tiles', async () => (await person.names('option')).length === 4);
  });

  it('gives back what the publisher withdraws, first and with the reason', async () => {
    // What a release may change is said by the one that is installed, so that none loosens its own limits.
    publish('limits', '--upserts-max', '1', '--withdrawals-max', '10', '--quarantined-max', '10');
    publish('withdraw', md5(pictures[0] as Written), '--reason', 'a picture from a calendar');
    release();
    await sync();
    await eventually('one came back', async () => {
      const strip = await anna.strip();
      return strip.hidden === 1 && strip.shown === 5;
    }, 60);
    const number = await person.ask<number>('item_number', { sha256: pictures[0]?.sha256 });
    await person.press('Ctrl', '4');
    await person.read(anna.say('sets_withdrawn'), 30);
    await person.press('Ctrl', '1');
    await anna.toGrid();
    await person.press('F5');
    await person.press('Home');
    await eventually('it stands first', async () => (await anna.ring()) === number);
    expect(await anna.tile(number)).toContain(anna.say('tile_returned'));
    await person.read(/a picture from a calendar/, 30);
    const notices = await person.ask<NoticeView[]>('notices', { unreadOnly: true });
    expect(notices.some((one) => one.number === number)).toBe(true);
  });

  it('leaves a flood waiting, and takes it by a reason alone', async () => {
    contribute('flood', pictures.slice(2, 5));
    release();
    await sync();
    await eventually('it waits', async () => (await person.ask<PublisherLine[]>('publishers'))[0]?.waiting !== null, 60);
    expect((await anna.strip()).hidden).toBe(1);
    await person.press('Ctrl', '4');
    await person.click('button', /^Accept v\d+…$/, 30);
    await person.see('dialog');
    await person.fill(anna.say('hidden_reason'), 'they told us by telephone: a backlog of one unit');
    await person.click('button', /^Accept v\d+$/);
    await person.seeNone('dialog', undefined, 60);
    await person.ask('rematch_run');
    await eventually('the others are hidden too', async () => (await anna.strip()).hidden === 4, 60);
  });
});

// From new pictures to a lead, and from a lead to the national set: in the real window. What one workstation classified is
// signed by a second person, taken by the custodian, released, and hidden on another workstation, which never saw this case.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { ExportLine, ExportSample, LeadDetail, LeadLine, MapPoint } from '../src/backend/types';
import { writeShots, type Shot } from './cameras';
import type { Person } from './person';
import { writePictures, type Written } from './pictures';
import { missing } from './screen';
import { PASSPHRASE, Reviewer } from './reviewer';
import { pattern } from './words';
import { eventually, World } from './world';

const CODE_NAME = 'Willow <b>';
const SERIES = 'Willow series';
const SERIAL = '063021-A';
const KEY_PASSPHRASE = 'zes andere woorden voor een sleutel';
const OTHER = 'carla';
/** Keys are valid around every day on which this journey can run. */
const [FROM, UNTIL] = ['2020-01-01T00:00:00Z', '2099-01-01T00:00:00Z'];
/** Seconds that a busy machine may take for what a person waits for. */
const PATIENCE = 30;

/** Four pictures of one camera, three of them of one place. */
const SHOTS: Shot[] = [
  { name: 'dcim/IMG_0101.png', taken: '2025:06:01 10:00:00', place: [52.0705, 4.3007] },
  { name: 'dcim/IMG_0102.png', taken: '2025:06:01 10:05:00', place: [52.0705, 4.3007] },
  { name: 'dcim/IMG_0103.png', taken: '2025:06:03 18:30:00', place: [52.0705, 4.3007] },
  { name: 'dcim/IMG_0104.png', taken: '2025:06:20 09:00:00', place: [48.8584, 2.2945] },
].map((one) => ({ ...one, make: 'Testcam', model: 'T 100', serial: SERIAL, place: one.place as [number, number] }));

describe.skipIf(missing().length > 0)('from new pictures to a set that hides them', () => {
  let world: World;
  let there: World | undefined;
  let person: Person;
  let anna: Reviewer;
  let shots: Written[];
  let numbers: number[];
  let keys: { public: string; recipient: string };

  const publish = (command: string, ...more: string[]) => world.run('zeef-publish', command, world.path('publisher/repository'), ...more);
  const lead = () => person.ask<LeadDetail>('lead', { lead: 1 });
  const regions = async () => (await lead()).evidence.filter((one) => one.region !== null);
  const exportLine = async () => (await person.ask<ExportLine[]>('exports'))[0];
  const clearPictures = () => person.look<number>(`return document.querySelectorAll('[src*="/clear/"]').length`);
  const focus = () => person.look<string>(`const one = document.activeElement; return !one || one === document.body ? '' : one.id || nameOf(one)`);
  const spoken = () => person.look<string[]>(`return [...document.querySelectorAll('[role=status]')].map((one) => tidy(one.textContent)).filter(Boolean)`);
  async function said(pattern: RegExp): Promise<void> {
    await eventually(`something says ${pattern}`, async () => (await spoken()).some((text) => pattern.test(text)), PATIENCE)
      .catch(async (error: unknown) => { throw new Error(`${String(error)}; it says: ${(await spoken()).join(' | ')}`); });
  }

  /** Brings the ring to an item, by arrows. */
  async function toItem(number: number): Promise<void> {
    await person.press('Ctrl', '1');
    await anna.toGrid();
    await person.press('Home');
    for (let steps = 0; steps < 20; steps += 1) {
      if ((await anna.ring()) === number) return;
      await person.press('ArrowRight');
    }
    throw new Error(`The ring does not come to item ${number}.`);
  }

  async function toDesk(): Promise<void> {
    await person.press('Ctrl', '2');
    await person.see('application', undefined, PATIENCE);
    await eventually('the picture has the focus', () => person.look<boolean>(`return document.activeElement?.getAttribute('role') === 'application'`));
  }

  beforeAll(async () => {
    world = new World();
    mkdirSync(world.path('publisher'));
    shots = writeShots(world.media, SHOTS, 61_000);
    writePictures(world.media, ['other/plain-1.png', 'other/plain-2.png'], 71_000);
    world.write('key-word', `${KEY_PASSPHRASE}\n`);
    // The last line is the key itself, behind the name of whom it is of: a comment may stand above it.
    const key = (...more: string[]) => (JSON.parse(world.run('zeef', 'package', 'key', ...more, '--json')) as { key: string }).key.split(/[\n=]/).at(-1)!;
    keys = {
      public: key('signing', '--out', world.path('carla.key'), '--passphrase-file', world.path('key-word')),
      recipient: key('reading', '--out', world.path('custodian.key'), '--name', 'Custodian'),
    };
    person = await world.open();
    anna = new Reviewer(person);
    await anna.makeCase(world, [world.media], 'project-vic-us');
    await person.ask('user_add', { name: OTHER, role: 'team-lead', passphrase: PASSPHRASE });
    numbers = await Promise.all(shots.map((one) => person.ask<number>('item_number', { sha256: one.sha256 })));
    await anna.toGrid();
    expect(await anna.strip()).toMatchObject({ shown: 6, hidden: 0 });
  });

  afterAll(async () => {
    await there?.end();
    await world?.end();
  });

  it('makes a victim lead of the item in the ring, with a series and a place', async () => {
    await toItem(numbers[0]!);
    await person.press('l');
    await person.see('dialog', anna.say('lead_new_title'), PATIENCE);
    await person.fill(anna.say('lead_code_name'), CODE_NAME);
    await person.fill(anna.say('lead_series'), SERIES);
    await person.fill(anna.say('lead_latitude'), '52.0705');
    await person.fill(anna.say('lead_longitude'), '4,3007');
    await person.fill(anna.say('lead_radius'), '500');
    await person.press('Ctrl', 'Enter');
    await person.seeNone('dialog', undefined, PATIENCE);
    await eventually('the lead is there', async () => (await person.ask<LeadLine[]>('leads')).length === 1, PATIENCE);
    const made = await lead();
    expect(made.line).toMatchObject({ kind: 'victim', name: CODE_NAME, items: 1, regions: 0, own: true, series: SERIES });
    expect(made.form.place).toEqual([52.0705, 4.3007, 500]);
  });

  it('draws a region by mouse', async () => {
    await toDesk();
    const box = await person.look<{ x: number; y: number; width: number; height: number }>(
      `const box = find('application', null)[0].getBoundingClientRect(); return { x: box.x, y: box.y, width: box.width, height: box.height }`);
    const at = (x: number, y: number) => ({ x: box.x + box.width * x, y: box.y + box.height * y });
    await person.session.drag(at(0.05, 0.1), at(0.3, 0.5));
    const region = (await eventually('it is saved', async () => (await regions())[0], PATIENCE)).region!;
    expect(region.rectangle).toBe(true);
    // A pixel on the screen may be two of the picture, or half of one.
    const near = (found: number, part: number, whole: number) => expect(Math.abs(found - part * whole)).toBeLessThanOrEqual(4);
    const [[left, top], [right, bottom]] = region.points as [[number, number], [number, number]];
    near(left, 0.05, region.picture_width);
    near(top, 0.1, region.picture_height);
    near(right, 0.3, region.picture_width);
    near(bottom, 0.5, region.picture_height);
    await person.press('Escape');
  });

  it('draws a box and an outline by keyboard alone, names one and takes the other back', async () => {
    await toDesk();
    await person.press('d');
    await person.session.press(['Shift', 'ArrowRight'], 8);
    await person.session.press(['Ctrl', 'Shift', 'ArrowDown'], 3);
    await person.press('Enter');
    const box = (await eventually('the box is saved', async () => (await regions())[1], PATIENCE)).region!;
    const [[left], [right]] = box.points as [[number, number], [number, number]];
    expect(box.rectangle && (left + right) / 2 > box.picture_width / 2, 'it was moved to the right').toBe(true);
    // What was drawn is chosen; Enter names it, and Enter again gives the focus back to the picture.
    await person.read(anna.say('desk_caption'), PATIENCE);
    await person.press('Enter');
    await eventually('the name has the focus', async () => (await focus()) === 'region-caption');
    await person.type('=cmd curtain');
    await person.press('Enter');
    await eventually('it is named', async () => (await regions())[1]?.caption === '=cmd curtain', PATIENCE);

    await person.press('Escape');
    await person.press('p');
    await person.press('p');
    await person.session.press(['Shift', 'ArrowLeft'], 5);
    await person.press('p');
    await person.session.press(['Shift', 'ArrowDown'], 5);
    await person.press('p');
    await person.press('Enter');
    const outline = (await eventually('the outline is saved', async () => (await regions())[2], PATIENCE)).region!;
    expect([outline.rectangle, outline.points.length]).toEqual([false, 3]);
    await person.press('Ctrl', 'z');
    await eventually('it is taken back', async () => (await regions()).length === 2, PATIENCE);
    expect((await lead()).line).toMatchObject({ items: 1, regions: 2 });
  });

  it('finds what the device made elsewhere: by its serial number and by GPS', async () => {
    await toDesk();
    const [serial] = await eventually('the clues are there', async () => {
      const found = await person.names('button', new RegExp(`^${anna.say('clue_serial')}:.*${SERIAL}`));
      return found.length > 0 && found;
    }, PATIENCE);
    expect(serial).toMatch(/4$/);
    expect((await person.names('button', new RegExp(`^${anna.say('clue_place')}:`))).some((name) => name.endsWith('3'))).toBe(true);
    await person.click('button', new RegExp(`^${anna.say('clue_serial')}:`));
    await person.click('button', anna.say('clue_add', { n: 3 }));
    await eventually('the lead rests on four', async () => (await lead()).line.items === 4, PATIENCE);
  });

  it('walks the map and the time line by keyboard alone', async () => {
    await toDesk();
    await person.press('m');
    await eventually('the map has the focus', async () => (await focus()) === 'where-map');
    const points = await eventually('the points are there', async () => {
      const found = await person.ask<MapPoint[]>('map_points', { lead: 1 });
      return found.length >= 2 && found;
    }, PATIENCE);
    expect(points.some((one) => one.items === 3 && Math.abs(one.latitude - 52.0705) < 0.01)).toBe(true);
    await person.press('n');
    await said(/^4 items at 52\.07/);
    await person.press('Enter');
    await eventually('the items have the focus', async () => (await focus()) === 'where-items');
    const listed = (await person.names('option')).map((name) => Number(/\d+/.exec(name)?.[0]));
    // The place that the lead names lies there too, and all of its items are of it.
    expect(listed.toSorted((a, b) => a - b)).toEqual(numbers.toSorted((a, b) => a - b));
    await person.press('m');
    const view = () => person.look<string>(`return document.querySelector('#where-map .bar')?.textContent ?? ''`);
    const before = await view();
    await person.session.press(['+'], 3);
    await eventually('it is nearer', async () => (await view()) !== before);
    await person.press('ArrowLeft');
    await person.press('Home');
    await eventually('all is seen again', async () => (await view()) === before);
    await person.press('Escape');

    await person.press('t');
    await eventually('the time line has the focus', async () => (await focus()) === 'when-plot');
    await person.press('Home');
    await person.press('Shift', 'End');
    await said(/: 4 items$/);
    await person.press('c');
    await person.see('dialog', pattern(anna.say('clock_title')), PATIENCE);
    await person.type('0:02:00');
    await person.press('Tab');
    await person.type('a receipt in the picture');
    await person.press('Tab');
    await person.press('Tab');
    await person.press('Enter');
    await person.seeNone('dialog', undefined, PATIENCE);
    const { devices } = await person.ask<{ devices: { name: string; clock_ahead_s: number }[] }>('time_line', { lead: null });
    expect(devices.find((one) => one.name.includes(SERIAL))?.clock_ahead_s).toBe(120);
    await person.press('t');
    await person.press('Home');
    await person.press('Shift', 'End');
    await person.press('Enter');
    await eventually('its items have the focus', async () => (await focus()) === 'where-items');
    expect((await person.names('option')).length).toBe(4);
  });

  it('keeps "a child may be at risk now" on every page until somebody takes it', async () => {
    await toDesk();
    await person.click('button', anna.say('risk_raise'));
    const flag = new RegExp(`^${anna.say('risk_now')}`);
    await person.see('button', flag, PATIENCE);
    for (const key of ['1', '3', '4', '5', '6', '7', '2']) {
      await person.press('Ctrl', key);
      await eventually(`the page of Ctrl ${key} is there`, async () => (await person.names('heading')).length > 0 || (await person.names('listbox')).length > 0);
      await person.see('button', flag);
    }
    await person.press('Ctrl', '1');
    await person.click('button', flag);
    await person.click('button', anna.say('risk_take'), PATIENCE);
    await person.seeNone('button', flag, PATIENCE);
    await person.read(anna.say('risk_taken_by', { by: 'anna' }));
    expect((await lead()).line).toMatchObject({ risk: 'taken', risk_by: 'anna' });
    await person.choose(anna.say('lead_state'), anna.say('lead_state_identified'));
    await eventually('the victim is identified', async () => (await lead()).line.state === 'identified', PATIENCE);
  });

  it('forgets a lead that is being written when the case is locked', async () => {
    await toItem(numbers[1]!);
    await person.press('l');
    await person.see('dialog', undefined, PATIENCE);
    await person.fill(anna.say('lead_code_name'), 'Not for this computer');
    await anna.lock();
    expect(await person.names('dialog')).toEqual([]);
    expect(await person.look<number>(`return document.querySelectorAll('img, canvas, [role=application], [role=option]').length`)).toBe(0);
    expect(await person.look<string[]>(`return [...document.querySelectorAll('input, textarea')].map((one) => one.value).filter((text) => text !== '')`)).toEqual([]);
    await anna.unlock();
    await anna.seeGrid(PATIENCE);
    expect(await person.names('dialog')).toEqual([]);
    expect((await person.ask<LeadLine[]>('leads')).length).toBe(1);
    await anna.toGrid();
    await person.press('l');
    await person.see('dialog', undefined, PATIENCE);
    expect(await person.look<string>(`return find('textbox', { exact: arguments[0] })[0].value`, anna.say('lead_code_name'))).toBe('');
    await person.press('Escape');
    await person.seeNone('dialog');
  });

  it('has the set asked for, and tells who asked why they do not sign', async () => {
    for (const [at, number] of numbers.entries()) {
      await toItem(number);
      await person.press('1');
      await anna.decided(at + 1);
    }
    await person.press('Ctrl', '5');
    await person.click('button', anna.say('export_ask'), PATIENCE);
    await person.fill(anna.say('export_name'), 'Custodian');
    await person.fill(anna.say('export_key'), keys.recipient);
    await person.click('button', anna.say('export_add'));
    await person.see('checkbox', /^Custodian/);
    await person.fill(anna.say('hidden_reason'), 'for the national set, by the agreement of May');
    await person.click('button', anna.say('export_ask_do'));
    await person.read(anna.say('export_asked', { n: 1 }), PATIENCE);
    await person.click('button', new RegExp(`^${anna.say('export_look')}`));
    await person.see('heading', anna.say('export_cannot_title'), PATIENCE);
    await person.read(anna.say('export_not_asked_it'));
    expect(await person.names('textbox', anna.say('export_key_file'))).toEqual([]);
    // The page is not what holds it: the case is.
    const out = world.path('anna.zeef-package');
    await expect(person.ask('export_sign', { request: 1, keyFile: world.path('carla.key'), keyPassphrase: KEY_PASSPHRASE, out, unlooked: true })).rejects.toThrow(/not-allowed/);
    expect(existsSync(out)).toBe(false);
    expect(await exportLine()).toMatchObject({ state: 'asked', may_sign: false, why_not: 'asked-it' });
  });

  it('is signed by the team lead with a key of her own', async () => {
    await person.press('Ctrl', '7');
    await person.click('button', anna.say('case_close'), PATIENCE);
    // The page proposes who was there last, and puts the focus beside that.
    await eventually('the passphrase has the focus', async () => (await focus()) === 'start-passphrase', PATIENCE);
    await person.fill(anna.say('start_name'), OTHER);
    await person.fill(anna.say('start_passphrase'), PASSPHRASE);
    await person.press('Enter');
    await anna.seeGrid(PATIENCE);
    await person.press('Ctrl', '5');
    await person.click('button', anna.say('export_waits_look', { n: 1 }), PATIENCE);
    // She looks at what leaves before she signs: as long as a key is held, item by item.
    const sampled = (await person.ask<ExportSample>('export_sample', { request: 1 })).items;
    expect(sampled.map((one) => one.looked)).toEqual(sampled.map(() => false));
    await expect(person.ask('export_sign', { request: 1, keyFile: world.path('carla.key'), keyPassphrase: KEY_PASSPHRASE, out: world.path('unlooked'), unlooked: false })).rejects.toThrow(/You looked at 0/);
    await person.click('button', anna.say('sample_look'), PATIENCE);
    for (const at of sampled.keys()) {
      await person.session.hold(['Space']);
      await eventually('it is clear', async () => (await clearPictures()) === 1);
      await person.session.letGo(['Space']);
      await eventually('it is veiled', async () => (await clearPictures()) === 0);
      await person.read(anna.say('sample_looked', { n: at + 1, all: sampled.length }));
      await person.press('ArrowRight');
    }
    await person.press('Escape');
    await person.click('button', anna.say('sample_again'), PATIENCE);
    await person.press('Escape');
    expect(await person.names('checkbox', /^I sign without/)).toEqual([]);
    // Whoever has no key makes one here; this one nobody trusts, so she signs with the one that the list has.
    await person.click('button', anna.say('key_none'));
    await person.fill(anna.say('key_out'), world.path('fresh.key'));
    await person.fill(anna.say('key_pass'), KEY_PASSPHRASE);
    await person.fill(anna.say('newcase_repeat'), KEY_PASSPHRASE);
    await person.press('Enter');
    await person.see('dialog', anna.say('key_made_title'), PATIENCE);
    const fresh = readFileSync(world.path('fresh.key.pub'), 'utf8').trim().split('\n').at(-1)!;
    await person.read(fresh);
    expect(readFileSync(world.path('fresh.key'), 'utf8')).toContain('secret signing key');
    await person.press('Escape');
    await eventually('its file is filled in', () => person.look<boolean>(`return document.getElementById('ex-key-file').value === arguments[0]`, world.path('fresh.key')));
    await person.fill(anna.say('export_key_file'), world.path('carla.key'));
    await person.fill(anna.say('export_key_pass'), KEY_PASSPHRASE);
    await person.fill(anna.say('export_out'), world.path('set.zeef-package'));
    await person.click('checkbox', anna.say('export_read'));
    await person.click('button', anna.say('export_sign_do'), PATIENCE);
    await person.see('heading', anna.say('export_signed_title'), PATIENCE);
    const package_ = readFileSync(world.path('set.zeef-package'));
    const sha256 = createHash('sha256').update(package_).digest('hex');
    await person.read(sha256);
    expect(await exportLine()).toMatchObject({ state: 'signed', signed_by: OTHER, package_sha256: sha256, sample: [numbers.length, numbers.length] });
    // Nothing of what it holds can be read in the file.
    for (const needle of [SERIES, CODE_NAME, SERIAL, shots[0]!.sha256, OTHER]) expect(package_.includes(Buffer.from(needle)), needle).toBe(false);
  });

  it('writes the court report, whose figures are those of the strip', async () => {
    await person.click('button', anna.say('export_all'));
    await person.click('button', anna.say('report_open'), PATIENCE);
    const pdf = world.path('report.pdf');
    await person.fill(anna.say('report_act_possession'), '3');
    await person.fill(anna.say('report_out'), pdf);
    await person.click('button', anna.say('report_write'));
    await person.read(/Written: [\d,]+ pages?\./, 120);
    await person.click('button', anna.say('close'));
    // Readers that are not ours; where one is not there, what it would check is skipped, and said.
    const read = (name: string, ...args: string[]): string | null => {
      const ran = spawnSync(name, args, { encoding: 'utf8' });
      if (ran.error) console.info(`skipped: ${name} is not there`);
      else expect(ran.status, `${name}: ${ran.stdout}${ran.stderr}`).toBe(0);
      return ran.error ? null : ran.stdout;
    };
    expect(read('qpdf', '--check', pdf) ?? 'No syntax or stream encoding errors found').toContain('No syntax or stream encoding errors found');
    expect(read('pdfinfo', pdf) ?? 'Tagged: yes').toMatch(/Tagged:\s+yes/);
    // It says of itself that it is PDF/A-2a.
    const bytes = readFileSync(pdf);
    for (const mark of ['<pdfaid:part>2<', '<pdfaid:conformance>A<']) expect(bytes.includes(mark), mark).toBe(true);
    const figures = JSON.parse(readFileSync(world.path('report.json'), 'utf8')) as {
      totals: Record<'items' | 'shown' | 'hidden' | 'refused' | 'waiting' | 'decided', number>; decided: { code: string; items: number; occurrences: number }[];
      leads: { items: number; regions: number; state: string }[]; exports: { state: string; signed_by: string; sample: object }[];
      qualification: { name: string; items: number; by: string }[];
    };
    const { shown, hidden, refused, waiting, total, decided } = await anna.strip();
    expect(figures.totals).toMatchObject({ shown, hidden, refused, waiting, decided, items: total });
    expect(figures.decided.reduce((sum, one) => sum + one.items, 0)).toBe(decided);
    expect(figures.leads).toMatchObject([{ items: 4, regions: 2, state: 'identified' }]);
    expect(figures.exports).toMatchObject([{ state: 'signed', signed_by: OTHER, sample: { of: numbers.length, looked: numbers.length } }]);
    expect(figures.qualification).toMatchObject([{ name: 'possession', items: 3, by: OTHER }]);
    const text = read('pdftotext', '-layout', pdf, '-');
    for (const word of text === null ? [] : [SERIES, CODE_NAME, '26-1']) expect(text).toContain(word);
  });

  it('is taken by the custodian, released, and hides the same pictures on another workstation', async () => {
    const site = world.path('publisher/site');
    const release = () => publish('release', '--keys', world.path('publisher/keys'), '--out', site);
    publish('init', '--set', 'national', '--title', 'National set', '--profile', 'US', '--keys', world.path('publisher/keys'));
    publish('lead', '--name', 'Carla', '--unit', 'Unit', '--key', keys.public, '--from', FROM, '--until', UNTIL);
    const add = () => publish('add', world.path('set.zeef-package'), '--by', 'custodian', '--identity', world.path('custodian.key'));
    add();
    expect(add, 'a package is taken once').toThrow();
    release();

    there = new World();
    there.write('passphrase', `${PASSPHRASE}\n`);
    const as = ['--user', 'bert', '--passphrase-file', there.path('passphrase'), '--json'];
    there.run('zeef', 'sync', 'enrol', `${site}/enrolment.json`);
    const told = JSON.parse(there.run('zeef', 'sync', 'run', '--from', site, '--json')) as { outcome: string; added: number };
    expect(told).toMatchObject({ outcome: 'arrived', added: 4 });
    there.run('zeef', 'case', 'new', there.path('case'), '--number', '26-2', '--unit', 'Elsewhere', '--scheme', 'project-vic-us', ...as);
    there.run('zeef', 'case', 'add', there.path('case'), world.media, ...as);
    for (const shot of shots) {
      const story = JSON.parse(there.run('zeef', 'case', 'why', there.path('case'), shot.sha256, ...as)) as {
        item: { state: string }; hits: { series: string; flags: { victim_identified: boolean } }[];
      };
      expect(story.item.state).toBe('hidden');
      expect(story.hits[0]).toMatchObject({ series: SERIES, flags: { victim_identified: true } });
    }
  });
});

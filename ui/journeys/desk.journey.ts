// The lead desk of the demonstration: leads of two people, where and when their items were made, and what looks like a region of
// theirs elsewhere. Nothing clear leaves for it, and Tab passes the small map and time line by.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { LeadDetail, LeadLine, LinkLine, RegionsView } from '../src/backend/types';
import type { Person } from './person';
import { missing } from './screen';
import { Reviewer } from './reviewer';
import { eventually, World } from './world';

const PATIENCE = 60;

describe.skipIf(missing().length > 0)('the lead desk', () => {
  let world: World;
  let person: Person;
  let anna: Reviewer;
  let leads: LeadLine[];

  /** One point or device is said otherwise than several. */
  const begins = (key: string) => new RegExp(`^${anna.say(key).split('{')[0]}`);
  const named = (name: RegExp) => leads.find((line) => name.test(line.name))!;
  const focus = () => person.look<string>(`const one = document.activeElement; return !one || one === document.body ? '' : one.id || one.getAttribute('role') || nameOf(one)`);

  beforeAll(async () => {
    world = new World();
    person = await world.open();
    anna = new Reviewer(person);
    await anna.openDemonstration();
    leads = await person.ask<LeadLine[]>('leads');
    await person.press('Ctrl', '2');
    await person.see('application', undefined, PATIENCE);
  });

  afterAll(async () => {
    await world?.end();
  });

  it('has leads of several kinds, made by two people', async () => {
    expect(new Set(leads.map((line) => line.kind)).size).toBeGreaterThanOrEqual(6);
    expect(new Set(leads.map((line) => line.by))).toEqual(new Set(['anna', 'bram']));
    expect(leads.every((line) => line.risk !== 'now'), 'no flag stands on the screens of a demonstration').toBe(true);
    expect(await person.ask('undo_state'), 'what others did is not hers to take back').toMatchObject({ undo: null });
  });

  it('shows where and when, as images that Tab passes by, and a key opens the large ones', async () => {
    await person.see('image', begins('map_label'), PATIENCE);
    await person.see('image', begins('time_label'));
    await person.read(/\d+ of \d+ items with a place/, PATIENCE);
    await person.look(`document.querySelector('[role=application]').focus()`);
    const stops: string[] = [];
    for (let step = 0; step < 40; step += 1) {
      await person.session.press(['Tab']);
      stops.push(await person.look<string>(`return document.activeElement?.closest('figure') ? 'figure' : ''`));
    }
    expect(stops).not.toContain('figure');
    await person.look(`document.querySelector('[role=application]').focus()`);
    await person.press('m');
    await eventually('the map has the focus', async () => (await focus()) === 'where-map', PATIENCE);
    await person.press('Ctrl', '2');
    await person.see('application', undefined, PATIENCE);
  });

  it('tells what looks like a region of another lead, and goes there', async () => {
    const room = named(/^Room/), bag = named(/bag$/);
    await person.click('button', new RegExp(`${room.name}`), PATIENCE);
    const found = await eventually('all regions were looked at', async () => {
      const view = await person.ask<RegionsView>('lead_regions', { lead: room.lead });
      return view.waiting === 0 && view;
    }, PATIENCE);
    const [alike] = found.lines.flatMap((line) => line.alike);
    expect(alike).toMatchObject({ lead: bag.lead, name: bag.name });
    expect(alike!.distance).toBeLessThanOrEqual(31);
    const to = new RegExp(`looks like region ${alike!.region} of item ${alike!.number}, ${bag.name}`);
    await person.click('button', to, PATIENCE);
    await person.see('heading', anna.say('item_n', { n: alike!.number }), PATIENCE);
    // And what shows too little is told.
    await person.read(/shows too little: it has no usable digest/, PATIENCE);
    expect((await person.ask<LinkLine[]>('links', { lead: bag.lead })).map((line) => line.kind)).toContain('region-alike');
  });

  it('looks in other cases by an index, which the log tells', async () => {
    const index = world.path('mine.zeef-index');
    await person.ask('index_add', { index });
    await person.click('button', anna.say('seen_look_across'), PATIENCE);
    await person.see('dialog', anna.say('index_title'), PATIENCE);
    await person.fill(anna.say('index_file'), index);
    await person.press('Enter');
    await person.seeNone('dialog', undefined, PATIENCE);
    await person.read(anna.say('seen_none_across'), PATIENCE);
  });

  it('moves a region, and its look is asked for anew', async () => {
    const bag = named(/bag$/);
    const before = await person.ask<LeadDetail>('lead', { lead: bag.lead });
    const region = before.evidence.find((one) => one.region !== null && one.caption === 'behind the bag')!;
    const moved = { ...region.region!, points: region.region!.points.map(([x, y]): [number, number] => [Math.max(0, x - 120), y + 180]) };
    await person.ask('evidence_change', { evidence: region.evidence, caption: region.caption, region: moved });
    const after = await eventually('it was looked at', async () => {
      const view = await person.ask<RegionsView>('lead_regions', { lead: bag.lead });
      return view.waiting === 0 && view;
    }, PATIENCE);
    expect(after.lines.find((one) => one.evidence === region.evidence)?.alike).toEqual([]);
    await person.ask('undo');
    const back = await person.ask<RegionsView>('lead_regions', { lead: bag.lead });
    expect(back.lines.find((one) => one.evidence === region.evidence)?.alike).toHaveLength(1);
  });
});

// Every view of the window, and the way to it: for journeys that look at all of them, and for the pictures of the README.
import type { LeadDetail, LeadLine, ViewHead, Tile } from '../src/backend/types';
import type { Reviewer } from './reviewer';
import { eventually } from './world';

/** Goes to a view from wherever the reviewer is; the demonstration case is open. */
export type Way = (reviewer: Reviewer) => Promise<void>;

const part = (key: string, heading: string): Way => async ({ person, say }) => {
  await person.press('Escape');
  await person.press('Ctrl', key);
  await person.see('heading', say(heading));
};

const grid: Way = async (reviewer) => {
  await reviewer.person.press('Escape');
  await reviewer.person.press('Ctrl', '1');
  await reviewer.toGrid();
  await reviewer.person.press('g');
};

/** A page that the list of commands leads to. */
const command = (key: string): Way => async (reviewer) => {
  await grid(reviewer);
  await reviewer.person.press('Ctrl', 'k');
  await reviewer.person.see('dialog');
  await reviewer.person.type(reviewer.say(key));
  await reviewer.person.press('Enter');
};

const pressed = (...keys: string[][]): Way => async (reviewer) => {
  await grid(reviewer);
  for (const key of keys) await reviewer.person.press(...key);
};

/** Sees to it that there is a lead: of an item with a place, with a box, an outline and a place of its own. */
async function withLead({ person }: Reviewer): Promise<void> {
  if ((await person.ask<LeadLine[]>('leads')).length > 0) return;
  const points = await person.ask<{ numbers: number[] }[]>('map_points', { lead: null });
  const view = await person.ask<ViewHead>('view_open', {
    query: { shelf: 'shown', picks: [], text: '', order: 'number', descending: false, stacked: false }, anchor: null,
  });
  const tiles = await person.ask<Tile[]>('view_tiles', { view: view.view, start: 0, count: 500 });
  const placed = new Set(points.flatMap((one) => one.numbers));
  const pictures = tiles.filter((one) => one.has_picture);
  const items = [...pictures.filter((one) => placed.has(one.number)), ...pictures].slice(0, 3).map((one) => one.number);
  const whole = (number: number) => ({ number, caption: '', region: null, metadata: null });
  const form = {
    kind: 'victim', state: 'followed', name: 'Willow', labels: [], text: 'The same curtain stands in two pictures.', series: 'Willow series',
    place: [52.0705, 4.3007, 500], related: [],
  };
  const lead = await person.ask<number>('lead_new', { form, evidence: [...new Set(items)].map(whole) });
  const [first] = (await person.ask<LeadDetail>('lead', { lead })).evidence.filter((one) => one.width !== null && one.height !== null);
  if (!first) return;
  const [width, height] = [first.width ?? 0, first.height ?? 0];
  const at = (x: number, y: number): [number, number] => [Math.round(width * x), Math.round(height * y)];
  const region = (rectangle: boolean, points: [number, number][]) => ({ picture_width: width, picture_height: height, rectangle, points });
  await person.ask('evidence_add', { lead, evidence: [
    { ...whole(first.number), caption: 'curtain', region: region(true, [at(0.08, 0.1), at(0.4, 0.5)]) },
    { ...whole(first.number), caption: 'socket', region: region(false, [at(0.6, 0.5), at(0.85, 0.55), at(0.75, 0.9)]) },
  ] });
}

const desk: Way = async (reviewer) => {
  await withLead(reviewer);
  await grid(reviewer);
  await part('2', 'part_leads')(reviewer);
  await reviewer.person.see('application', undefined, 60);
  await eventually('the regions are clear', () => reviewer.person.look<boolean>(`return document.querySelector('[role=application] [src*="/clear/"]') !== null`), 60);
};

/** A page behind one of the tabs of the leads, about the whole case. */
const tab = (key: string): Way => async (reviewer) => {
  await desk(reviewer);
  await reviewer.person.click('button', reviewer.say(key));
  await reviewer.person.see('heading', undefined, 60);
};

const exports: Way = async (reviewer) => {
  // From the review: a page that is open already stays where it was.
  await grid(reviewer);
  await part('5', 'export_title')(reviewer);
};

/** Names are those of the files of the pictures. */
export const VIEWS: Record<string, Way> = {
  review: grid,
  loupe: pressed(['Home'], ['e']),
  compare: pressed(['Home'], ['x'], ['ArrowRight'], ['x'], ['c']),
  group: async (reviewer) => {
    await pressed(['Escape'], ['Ctrl', 'a'], ['1'])(reviewer);
    await reviewer.person.see('dialog');
  },
  note: async (reviewer) => {
    await pressed(['Escape'], ['Home'], ['n'])(reviewer);
    await reviewer.person.see('dialog');
  },
  hidden: async (reviewer) => {
    await pressed(['h'])(reviewer);
    await reviewer.person.see('heading', reviewer.say('hidden_title'));
    await reviewer.person.see('option');
  },
  sources: async (reviewer) => {
    await command('load_title')(reviewer);
    await reviewer.person.see('heading', reviewer.say('load_title'));
  },
  'new-lead': async (reviewer) => {
    await pressed(['Escape'], ['Home'], ['l'])(reviewer);
    await reviewer.person.see('dialog', reviewer.say('lead_new_title'), 60);
  },
  leads: desk,
  places: async (reviewer) => {
    await tab('tab_places')(reviewer);
    await reviewer.person.see('group', new RegExp(`^${reviewer.say('map_label').split('{')[0]}`), 60);
  },
  links: tab('tab_links'),
  'made-here': tab('tab_made_here'),
  overview: part('3', 'numbers_title'),
  sets: part('4', 'sets_title'),
  export: exports,
  'export-ask': async (reviewer) => {
    await exports(reviewer);
    await reviewer.person.click('button', reviewer.say('export_ask'));
    await reviewer.person.see('heading', reviewer.say('export_ask_title'));
    await reviewer.person.see('heading', reviewer.say('export_in_it'), 60);
  },
  report: async (reviewer) => {
    await exports(reviewer);
    await reviewer.person.click('button', reviewer.say('report_open'));
    await reviewer.person.see('dialog', reviewer.say('report_title'));
  },
  'add-foreign': async (reviewer) => {
    await VIEWS.sources?.(reviewer);
    await reviewer.person.click('button', reviewer.say('load_add'));
    await reviewer.person.click('button', reviewer.say('foreign_open'));
    await reviewer.person.see('dialog', reviewer.say('foreign_title'));
  },
  vics: async (reviewer) => {
    await exports(reviewer);
    await reviewer.person.click('button', reviewer.say('vics_open'));
    await reviewer.person.see('dialog', reviewer.say('vics_title'));
  },
  security: part('6', 'security_title'),
  settings: part('7', 'settings_title'),
  keys: async (reviewer) => {
    await pressed(['?'])(reviewer);
    await reviewer.person.see('dialog');
  },
  commands: async (reviewer) => {
    await pressed(['Ctrl', 'k'])(reviewer);
    await reviewer.person.see('dialog');
  },
  day: async (reviewer) => {
    await grid(reviewer);
    await reviewer.person.click('button', new RegExp(`^${reviewer.say('clear_views')}`));
    await reviewer.person.see('heading', reviewer.say('care_day_title'));
  },
};

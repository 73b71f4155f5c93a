// Every view of the window, and the way to it: for journeys that look at all of them, and for the pictures of the README.
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

/** True when the item on the desk has two regions: the curtain is the first of them. */
const hasRegions = ({ person, say }: Reviewer): Promise<boolean> =>
  person.look<boolean>(`return find('button', { source: arguments[0], flags: '' }).length > 0`, `^${say('desk_region', { n: 2 })}`);

/** The desk with the lead of the demonstration that has regions, a place, and something that looks like it elsewhere. */
const desk: Way = async (reviewer) => {
  await grid(reviewer);
  await part('2', 'part_leads')(reviewer);
  await reviewer.person.see('application', undefined, 60);
  await reviewer.person.click('button', /Room with striped curtain/, 60);
  await reviewer.person.look(`find('application', null)[0].focus()`);
  await reviewer.person.read(reviewer.say('seen_title'), 60);
  for (let steps = 0; steps < 8 && !(await hasRegions(reviewer)); steps += 1) await reviewer.person.press(']');
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

// Every view of the window, and the way to it: for journeys that look at all of them, and for the pictures of the README.
import type { Reviewer } from './reviewer';

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
  leads: part('2', 'part_leads'),
  overview: part('3', 'numbers_title'),
  sets: part('4', 'sets_title'),
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

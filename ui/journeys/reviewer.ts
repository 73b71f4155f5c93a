// A person who reviews: what she sees in the grid, the deck and the strip, in her language.
import type { CaseHead, Startup, Strip } from '../src/backend/types';
import { eventually, type World } from './world';
import type { Person } from './person';
import { words, type Language, type Words } from './words';

export const PASSPHRASE = 'een lange wachtzin met spaties';

export class Reviewer {
  readonly say: Words;

  constructor(readonly person: Person, readonly language: Language = 'en') {
    this.say = words(language);
  }

  /** Opens the demonstration case from the first page, by its button, and waits for the grid. */
  async openDemonstration(): Promise<CaseHead> {
    await this.person.click('button', this.say('start_demo_try'), 60);
    await this.seeGrid(240);
    return this.head();
  }

  /** Makes a case as `anna`, past the form, and has the page begin anew in it. */
  async makeCase(world: World, paths: string[], scheme = 'nl'): Promise<CaseHead> {
    const form = {
      dir: world.path('case'), number: '26-1', unit: 'Unit', legal_scope: 'warrant: 1', scheme, user: 'anna', passphrase: PASSPHRASE,
    };
    await this.person.ask('case_new', { form });
    if (paths.length > 0) await world.load(this.person, paths);
    await this.reload();
    return this.head();
  }

  /** Has the page begin anew, as it does when the window opens. */
  async reload(): Promise<void> {
    await this.person.session.run('location.reload()');
    await this.seeGrid(60);
  }

  async head(): Promise<CaseHead> {
    const open = (await this.person.ask<Startup>('startup')).open;
    if (!open) throw new Error('No case is open.');
    return open;
  }

  async seeGrid(seconds?: number): Promise<void> {
    await this.person.see('listbox', this.say('tiles'), seconds);
  }

  /** Waits until tiles are there, and puts the focus on the grid. */
  async toGrid(): Promise<void> {
    await this.seeGrid();
    await this.person.see('option');
    await this.person.look(`find('listbox', { exact: arguments[0] })[0].focus()`, this.say('tiles'));
  }

  /** Number of the item that has the ring. */
  async ring(): Promise<number> {
    const name = await eventually('the ring is on a tile', () => this.person.look<string | null>(
      `const list = find('listbox', { exact: arguments[0] })[0];
       const one = list && document.getElementById(list.getAttribute('aria-activedescendant') ?? '');
       return one ? nameOf(one) : null;`, this.say('tiles')).then((found) => (found === null || found === this.say('not_ready') ? undefined : found)));
    return numberIn(name);
  }

  /** Name of an item's tile: number, category, suggestion, stack. */
  async tile(number: number): Promise<string | undefined> {
    return (await this.person.names('option')).find((name) => numberIn(name) === number);
  }

  /** What the deck says that keys act on. */
  async acts(): Promise<string> {
    return this.person.look<string>(`const deck = find('toolbar', { exact: arguments[0] })[0]; return deck ? tidy(textOf(deck.firstElementChild)) : ''`, this.say('acts_on'));
  }

  /** Waits until it says this number. */
  async actsOn(items: number | string): Promise<void> {
    const wanted = `${this.say('acts_on')} ${typeof items === 'number' ? this.count(items) : items}`;
    await eventually(`the deck says ${wanted}`, async () => (await this.acts()).startsWith(wanted));
  }

  count(number: number): string {
    return number.toLocaleString(this.language === 'nl' ? 'nl-NL' : 'en-GB');
  }

  strip(): Promise<Strip> {
    return this.person.ask<Strip>('strip');
  }

  /** Waits until so many are decided, as the program knows it and as the strip shows it. */
  async decided(items: number): Promise<void> {
    await eventually(`${items} decided`, async () => (await this.strip()).decided === items);
  }

  /** Locks by the key, and waits for the page. */
  async lock(): Promise<void> {
    await this.person.press('Ctrl', 'l');
    await this.person.see('button', this.say('lock_unlock'));
  }

  async unlock(passphrase = PASSPHRASE): Promise<void> {
    await this.person.fill(this.say('start_passphrase'), passphrase);
    await this.person.press('Enter');
    await this.person.seeNone('button', this.say('lock_unlock'), 60);
  }
}

/** Who sits at the window of a world. */
export interface AtWork {
  person: Person;
  anna: Reviewer;
  head: CaseHead;
}

/** Opens the window of a world, and in it the demonstration case, with the focus on its tiles. */
export async function inDemonstration(world: World): Promise<AtWork> {
  const person = await world.open();
  const anna = new Reviewer(person);
  const head = await anna.openDemonstration();
  await anna.toGrid();
  return { person, anna, head };
}

/** Opens the window of a world, and in it a new case about the world's media, with the focus on its tiles. */
export async function inOwnCase(world: World, scheme = 'nl'): Promise<AtWork> {
  const person = await world.open();
  const anna = new Reviewer(person);
  const head = await anna.makeCase(world, [world.media], scheme);
  await anna.toGrid();
  return { person, anna, head };
}

/** The number in a name such as "Item 18,190, undecided". */
export function numberIn(name: string): number {
  const found = /\d[\d.,\u202f\u00a0]*/.exec(name);
  if (!found) throw new Error(`No number is in "${name}".`);
  return Number(found[0].replace(/\D/g, ''));
}

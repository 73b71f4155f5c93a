// Figures of the window, measured in the real one: times between events and frames are taken inside the page. Nothing is
// asserted but that there was something to measure; `tests/bench/run.py` prints what this writes.
//
// ZEEF_FIGURES names the file to write; ZEEF_ITEMS how many synthetic items (default 1,000,000); ZEEF_CORPUS a folder of
// photos, where there is one; ZEEF_MINUTES how long the memory is watched (default 10).
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

import type { DecideDone, Strip, Tile, ViewHead } from '../src/backend/types';
import type { Person } from './person';
import { PASSPHRASE, Reviewer } from './reviewer';
import { eventually, processes, program, ROOT, World } from './world';

const ITEMS = Number(process.env.ZEEF_ITEMS ?? 1_000_000);
const MINUTES = Number(process.env.ZEEF_MINUTES ?? 10);
const CORPUS = process.env.ZEEF_CORPUS;
const OUT = process.env.ZEEF_FIGURES ?? join(ROOT, 'target/bench-window.json');
const GROUP = 10_000;
const SINGLES = 300;
/** Longest that the making of a case, and all that is measured in it, may last. */
const MAKING_MS = 3_600_000;

interface Row {
  name: string;
  value: number;
  unit: string;
  goal: string;
}

const rows: Row[] = [];

function percentile(values: number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

function note(name: string, values: number | number[], unit: string, goal: string, part = 0.95): void {
  const value = typeof values === 'number' ? values : percentile(values, part);
  rows.push({ name, value, unit, goal });
  console.log(`${name}: ${value.toFixed(1)} ${unit} (${goal})`);
}

/** In the page: notes, for each key, the time from the event to the frame in which the ring is on another tile whose picture
 *  is there. The event's own time stamp is the start, so that a busy page does not look quick. */
const WATCH_KEYS = `
window.keyTimes = [];
addEventListener('keydown', (event) => {
  const began = event.timeStamp;
  const list = document.querySelector('[role=listbox]');
  const before = list && list.getAttribute('aria-activedescendant');
  const look = () => {
    const now = list && list.getAttribute('aria-activedescendant');
    const tile = now && document.getElementById(now);
    const picture = tile && tile.querySelector('img');
    const there = tile && now !== before && (!picture || (picture.complete && picture.naturalWidth > 0)) && !tile.hasAttribute('aria-busy');
    // The frame after the one in which all is there is the one that is painted.
    if (there) requestAnimationFrame((at) => window.keyTimes.push(performance.now() - began));
    else if (performance.now() - began < 5000) requestAnimationFrame(look);
    else window.keyTimes.push(5000);
  };
  requestAnimationFrame(look);
}, true);
`;

const SCROLL = `
const done = arguments[arguments.length - 1];
const [frames, step] = arguments;
let box = document.querySelector('[role=listbox]');
while (box && box.scrollHeight <= box.clientHeight + 10) box = box.parentElement;
const times = [];
let last = 0;
const next = (now) => {
  if (last) times.push(now - last);
  last = now;
  box.scrollTop += box.scrollTop + box.clientHeight + step >= box.scrollHeight ? -box.scrollHeight : step;
  if (times.length < frames) requestAnimationFrame(next); else done(times);
};
requestAnimationFrame(next);
`;

const INVOKE = `
const done = arguments[arguments.length - 1];
const [command, all] = arguments;
(async () => {
  const times = [];
  for (const one of all) {
    const began = performance.now();
    await window.__TAURI_INTERNALS__.invoke(command, one);
    times.push(performance.now() - began);
  }
  return times;
})().then(done, (error) => done(String(JSON.stringify(error))));
`;

describe('figures of the window', () => {
  const worlds: World[] = [];

  afterAll(async () => {
    for (const world of worlds) await world.end();
    writeFileSync(OUT, `${JSON.stringify(rows, null, 2)}\n`);
    expect(rows.length).toBeGreaterThan(0);
  });

  async function timed(person: Person, command: string, all: Record<string, unknown>[]): Promise<number[]> {
    const times = await person.session.runLong<number[] | string>(INVOKE, command, all);
    if (typeof times === 'string') throw new Error(times);
    return times;
  }

  async function keyTimes(person: Person, keys: string[]): Promise<number[]> {
    await person.session.run('window.keyTimes = []');
    for (const [index, key] of keys.entries()) {
      await person.session.press([key]);
      await eventually('the next item is painted', () => person.session.run<boolean>('return window.keyTimes.length > arguments[0]', index), 30);
    }
    return person.session.run<number[]>('return window.keyTimes');
  }

  /** Opens a case from the first page: from a folder for somebody, or else the case that was open last. Gives the time from
   *  Enter to the first tile with its picture. */
  async function openCase(world: World, from: { dir: string; user: string } | null): Promise<{ anna: Reviewer; first: number }> {
    const person = await world.open();
    const anna = new Reviewer(person);
    if (from) {
      await person.click('button', new RegExp(`^(${anna.say('start_open_folder')}|${anna.say('start_open_another')})`), 60);
      await person.fill(anna.say('start_folder'), from.dir);
      await person.fill(anna.say('start_name'), from.user);
    }
    await person.fill(anna.say('start_passphrase'), PASSPHRASE);
    await person.session.run(`
      window.firstTile = 0;
      addEventListener('keydown', (event) => {
        if (event.key !== 'Enter') return;
        const look = () => {
          const picture = document.querySelector('[role=option] img');
          if (picture && picture.complete && picture.naturalWidth > 0) requestAnimationFrame(() => { window.firstTile = performance.now() - event.timeStamp; });
          else requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
      }, { capture: true, once: true });`);
    await person.press('Enter');
    const first = await eventually('the first tile', async () => (await person.session.run<number>('return window.firstTile')) || undefined, 120);
    await anna.toGrid();
    await person.session.run(WATCH_KEYS);
    return { anna, first };
  }

  async function keys(anna: Reviewer, of: string): Promise<void> {
    const { person } = anna;
    // Ahead and back again: what is met a second time is in memory.
    const right = Array.from({ length: 60 }, () => 'ArrowRight');
    const left = Array.from({ length: 60 }, () => 'ArrowLeft');
    await keyTimes(person, right);
    note(`key to painted next item, cached, ${of}, p95`, await keyTimes(person, left), 'ms', '≤ 50 ms');
    const far = Array.from({ length: 40 }, () => 'PageDown');
    note(`key to painted item a page further, cold, ${of}, p95`, await keyTimes(person, far), 'ms', '≤ 150 ms');
    note(`jump to the last and back, cold, ${of}, worst`, await keyTimes(person, ['End', 'Home', 'End', 'Home']), 'ms', '≤ 150 ms', 1);
  }

  it('of a synthetic case', async () => {
    const world = new World();
    worlds.push(world);
    const dir = world.path('case');
    world.write('passphrase', PASSPHRASE);
    execFileSync(program('examples/synthetic_case'), [dir, String(ITEMS), world.path('passphrase')], { stdio: ['ignore', 'inherit', 'inherit'] });
    const of = `${ITEMS.toLocaleString('en-GB')} items`;
    // The first opening after loading, which reads every item; later ones begin with the table that was kept.
    const { anna, first } = await openCase(world, { dir, user: 'demo' });
    const { person } = anna;
    note(`opening to first tile, ${of}`, first, 'ms', '≤ 2,000 ms');
    await keys(anna, of);
    await person.press('Home');
    note(`frame while scrolling 40 px a frame, ${of}, p95`, await person.session.runLong<number[]>(SCROLL, 900, 40), 'ms', '≤ 20 ms');
    note(`frame while scrolling a screen a frame, ${of}, p95`, await person.session.runLong<number[]>(SCROLL, 300, 700), 'ms', '');

    const query = { shelf: 'undecided', picks: [], text: '', order: 'review', descending: false, stacked: false };
    const view = await person.ask<ViewHead>('view_open', { query, anchor: null });
    const tiles = await person.ask<Tile[]>('view_tiles', { view: view.view, start: 0, count: SINGLES });
    const head = await anna.head();
    const category = head.scheme.categories[0]?.code;
    const singles = tiles.map((tile) => ({ target: { kind: 'items', numbers: [tile.number] }, category, others: 'keep', note: null }));
    note(`classify to durable acknowledgement, ${of}, p99`, await timed(person, 'decide', singles), 'ms', '≤ 30 ms', 0.99);
    const group = { target: { kind: 'range', view: view.view, first: SINGLES, count: GROUP }, category, others: 'keep', note: null };
    note(`a group of ${GROUP.toLocaleString('en-GB')}, ${of}`, await timed(person, 'decide', [group]), 'ms', '≤ 1,000 ms', 1);
    const decided = await person.ask<Strip>('strip');
    note('its undo', await timed(person, 'undo', [{}]), 'ms', '≤ 1,000 ms', 1);
    expect(decided.decided - (await person.ask<Strip>('strip')).decided).toBe(GROUP);
    expect((await person.ask<DecideDone>('decide', { ...group })).items).toBe(GROUP);
    await person.ask('undo');

    await person.session.run(`
      window.lockTime = 0;
      addEventListener('keydown', (event) => {
        if (!event.ctrlKey || event.key !== 'l') return;
        const look = () => {
          if (document.querySelector('[role=option], img')) requestAnimationFrame(look);
          else requestAnimationFrame(() => { window.lockTime = performance.now() - event.timeStamp; });
        };
        requestAnimationFrame(look);
      }, true);`);
    await person.press('Ctrl', 'l');
    note(`lock key to a page without a picture, ${of}`, await eventually('it is locked', async () => (await person.session.run<number>('return window.lockTime')) || undefined), 'ms', '');
    await anna.unlock(PASSPHRASE);
    await world.close();
    note(`opening to first tile once more, ${of}`, (await openCase(world, null)).first, 'ms', '≤ 2,000 ms');
  }, MAKING_MS);

  it('of the memory of the webview', async () => {
    const world = worlds[0];
    if (!world) throw new Error('There is no window to watch.');
    const web = () => processes().filter((one) => one.name.startsWith('WebKitWebProces') && world.living().some((mine) => mine.pid === one.pid));
    const memory = () => web().reduce((sum, one) => sum + Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${one.pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0), 0) / 1024;
    const person = world.person;
    await new Reviewer(person).toGrid();
    // The first minute fills what is kept; flat is what comes after it.
    const scrollMinute = async () => {
      const end = Date.now() + 60_000;
      // A script has no hand, and a window without one goes blank after five minutes.
      await person.press('Shift');
      while (Date.now() < end) await person.session.runLong<number[]>(SCROLL, 600, 40);
      return memory();
    };
    await scrollMinute();
    const seen = [memory()];
    for (let minute = 0; minute < MINUTES; minute += 1) seen.push(await scrollMinute());
    console.log(`memory of the webview, minute by minute: ${seen.map((one) => one.toFixed(0)).join(' ')} MiB`);
    note(`memory of the webview, ${MINUTES} minutes of scrolling: at most`, Math.max(...seen), 'MiB', '');
    note(`memory of the webview, ${MINUTES} minutes of scrolling: greatest minus smallest`, Math.max(...seen) - Math.min(...seen), 'MiB', '≤ 100 MiB (± 50)');
  }, (MINUTES + 5) * 90_000);

  it.skipIf(!CORPUS || !existsSync(CORPUS))('of a corpus of photos', async () => {
    const world = new World();
    worlds.push(world);
    const person = await world.open();
    const form = { dir: world.path('case'), number: '1', unit: 'Unit', legal_scope: 'bench', scheme: 'nl', user: 'anna', passphrase: PASSPHRASE };
    await person.ask('case_new', { form });
    await world.load(person, [CORPUS ?? ''], 3600);
    const { total } = await person.ask<Strip>('strip');
    await world.close();
    const { anna, first } = await openCase(world, null);
    const of = `${total.toLocaleString('en-GB')} photos`;
    note(`opening to first tile, ${of}`, first, 'ms', '≤ 2,000 ms');
    await keys(anna, of);
    const [times, number] = [[] as number[], await anna.ring()];
    for (let round = 0; round < 20; round += 1) {
      times.push(...await timed(anna.person, 'reveal', [{ form: { number: number + round, colour: false, longest_px: 1600, part: null } }]).catch(() => []));
    }
    if (times.length > 0) note(`asking for a clear picture, ${of}, p95`, times, 'ms', '');
  }, MAKING_MS);
});

// Proof: nothing of a case's pictures, names, notes or words is on the disk outside of the encrypted case, while the window
// is at work and after it. All files of the home and of the folders for temporary files are searched, byte by byte.
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { CaseHead, Ticket, Tile, ViewHead } from '../src/backend/types';
import { addBody, addText, BLOCK_BYTES, search, type Needles } from './needles';
import type { Person } from './person';
import { writePictures } from './pictures';
import { missing } from './screen';
import { World } from './world';

/** In every text that is looked for: drawn anew in each run, so that no copy of this file has it. */
const MARK = randomBytes(6).toString('hex');
const PASSPHRASE = `wachtzin ${MARK} met zes woorden erin`;
const NAMES = ['zomer', 'winter', 'lente'].map((season) => `map ${MARK}/${season}-${MARK}.png`);
const NOTE = `notitie ${MARK}: dezelfde bank als in reeks veertien`;
const VIEW = `weergave ${MARK} bank`;
/** Folders in which programs leave things when nobody says otherwise. */
const COMMON = [tmpdir(), '/var/tmp', '/dev/shm'];

const SERVED = `
const done = arguments[arguments.length - 1];
fetch('media://localhost' + arguments[0]).then((answer) => answer.arrayBuffer()).then((body) => {
  let text = '';
  for (const byte of new Uint8Array(body)) text += String.fromCharCode(byte);
  done(btoa(text));
}, () => done(''));
`;

describe.skipIf(missing().length > 0)('what is on the disk', () => {
  const needles: Needles = new Map();
  const began = Date.now() - 1000;
  let world: World;
  let person: Person;

  const everywhere = () => {
    const own = search([world.home], needles);
    const common = search(COMMON, needles, began, [world.home, world.media]);
    return { found: [...own.found, ...common.found], files: own.files + common.files, bytes: own.bytes + common.bytes };
  };

  beforeAll(async () => {
    world = new World();
    const written = writePictures(world.media, NAMES, 60_013);
    for (const one of written) addBody(needles, `the source ${one.path}`, one.bytes);
    for (const name of NAMES) addText(needles, name.split('/')[1] ?? name);
    for (const text of [NOTE, VIEW, PASSPHRASE]) addText(needles, text);
    person = await world.open();
    const startup = await person.ask<{ schemes: { id: string }[] }>('startup');
    const head = await person.ask<CaseHead>('case_new', {
      form: {
        dir: world.path('case'), number: '26-2', unit: 'Unit', legal_scope: '', scheme: startup.schemes[0]?.id ?? '',
        user: 'anna', passphrase: PASSPHRASE,
      },
    });
    await world.load(person, [world.media]);
    const query = { shelf: 'undecided', picks: [], text: MARK, order: 'number', descending: false, stacked: false };
    const view = await person.ask<ViewHead>('view_open', { query, anchor: null });
    const tiles = await person.ask<Tile[]>('view_tiles', { view: view.view, start: 0, count: 10 });
    expect(tiles.length).toBe(NAMES.length);
    for (const tile of tiles) {
      for (const kind of ['tile', 'loupe']) {
        const body = await person.session.runLong<string>(SERVED, `/${head.epoch}/${kind}/${tile.number}?3-dark`);
        expect(body.length).toBeGreaterThan(0);
        addBody(needles, `the veiled ${kind} ${tile.number}`, Buffer.from(body, 'base64'));
      }
      for (const colour of [false, true]) {
        const form = { number: tile.number, colour, longest_px: 1024, part: null };
        const ticket = await person.ask<Ticket>('reveal', { form });
        const body = await person.session.runLong<string>(SERVED, ticket.path.startsWith('/') ? ticket.path : `/${ticket.path}`);
        expect(body.length).toBeGreaterThan(0);
        addBody(needles, `the clear picture ${tile.number}`, Buffer.from(body, 'base64'));
        await person.ask('reveal_end', { ticket: ticket.ticket });
      }
      await person.ask('item', { number: tile.number });
    }
    const number = tiles[0]?.number ?? 0;
    await person.ask('note', { number, text: NOTE });
    await person.ask('saved_view_put', { view: { name: VIEW, query } });
    await person.ask('undo_state');
  });

  afterAll(async () => {
    await world?.end();
  });

  it('is found where it is planted, as every search here would find it', () => {
    mkdirSync(world.path('control'));
    const pieces = [...needles.values()];
    for (const [index, piece] of pieces.entries()) {
      writeFileSync(world.path('control', String(index)), Buffer.concat([Buffer.alloc(index === 0 ? BLOCK_BYTES - 9 : index * 7), piece, Buffer.alloc(9)]));
    }
    expect(new Set(search([world.path('control')], needles).found.map((one) => one.split(' in /')[0])).size).toBe(needles.size);
    // What is planted may not be what the searches after this find.
    for (const index of pieces.keys()) writeFileSync(world.path('control', String(index)), '');
  });

  it('holds nothing of the case while the window is at work', () => {
    const { found, files } = everywhere();
    expect(files).toBeGreaterThan(5);
    expect(found).toEqual([]);
  });

  it('holds nothing of it after the lock', async () => {
    await person.ask('lock');
    expect(everywhere().found).toEqual([]);
  });

  it('holds nothing of it after the window has closed, or was ended in mid-work', async () => {
    await world.close();
    expect(everywhere().found).toEqual([]);
    person = await world.open();
    await person.ask('case_open', { dir: world.path('case'), user: 'anna', passphrase: PASSPHRASE });
    await world.kill();
    expect(everywhere().found).toEqual([]);
  });
});

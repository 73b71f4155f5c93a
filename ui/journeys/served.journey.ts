// Proof: the bytes that `media:` serves are veiled until somebody asks for one picture, and then it is that one, once.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { CaseHead, Ticket, Tile, ViewHead, ViewQuery } from '../src/backend/types';
import type { Person } from './person';
import { writePictures } from './pictures';
import { missing } from './screen';
import { World } from './world';

/** What was served, measured in the page: size, colour, and the sharpest step between two pixels beside each other. */
interface Measured {
  status: number;
  bytes: number;
  width: number;
  height: number;
  colour: number;
  step: number;
  headers: Record<string, string>;
}

const MEASURE = `
const done = arguments[arguments.length - 1];
(async () => {
  const answer = await fetch('media://localhost' + arguments[0]);
  const body = await answer.blob();
  const out = { status: answer.status, bytes: body.size, width: 0, height: 0, colour: 0, step: 0, headers: Object.fromEntries(answer.headers) };
  if (answer.ok && body.size > 0) {
    const picture = await createImageBitmap(body);
    const canvas = document.createElement('canvas');
    canvas.width = out.width = picture.width;
    canvas.height = out.height = picture.height;
    const pen = canvas.getContext('2d');
    pen.drawImage(picture, 0, 0);
    const { data } = pen.getImageData(0, 0, out.width, out.height);
    for (let y = 0; y < out.height; y += 1) for (let x = 0; x < out.width; x += 1) {
      const at = (y * out.width + x) * 4;
      out.colour = Math.max(out.colour, Math.abs(data[at] - data[at + 1]), Math.abs(data[at + 1] - data[at + 2]));
      if (x > 0) out.step = Math.max(out.step, Math.abs(data[at] - data[at - 4]));
      if (y > 0) out.step = Math.max(out.step, Math.abs(data[at] - data[at - out.width * 4]));
    }
  }
  return out;
})().then(done, (error) => done({ status: 0, bytes: 0, width: 0, height: 0, colour: 0, step: 0, headers: {}, error: String(error) }));
`;

/** All pictures of the journey have edges of more than this; what is veiled has none that comes near. */
const CLEAR_STEP = 60;
const VEILED_STEP = 24;
const PASSPHRASE = 'een lange wachtzin';

describe.skipIf(missing().length > 0)('what media: serves', () => {
  let world: World;
  let person: Person;
  let head: CaseHead;
  let tiles: Tile[];

  const query = (shelf: ViewQuery['shelf']): ViewQuery => ({ shelf, picks: [], text: '', order: 'number', descending: false, stacked: false });
  const measure = (path: string) => person.session.runLong<Measured>(MEASURE, path);
  const shelf = async (name: ViewQuery['shelf']) => {
    const view = await person.ask<ViewHead>('view_open', { query: query(name), anchor: null });
    return person.ask<Tile[]>('view_tiles', { view: view.view, start: 0, count: 500 });
  };

  beforeAll(async () => {
    world = new World();
    writePictures(world.media, Array.from({ length: 8 }, (_, index) => `picture-${index}.png`), 41);
    const known = writePictures(world.media, ['known-1.png', 'known-2.png'], 977);
    const list = world.path('known.txt');
    world.write('known.txt', known.map((one) => `${one.sha256}  known\n`).join(''));
    world.run('zeef', 'set', 'import', list, '--name', 'known', '--role', 'known', '--profile', 'NL');
    person = await world.open();
    const startup = await person.ask<{ schemes: { id: string }[] }>('startup');
    head = await person.ask<CaseHead>('case_new', {
      form: {
        dir: world.path('case'), number: '26-1', unit: 'Unit', legal_scope: '', scheme: startup.schemes[0]?.id ?? '',
        user: 'anna', passphrase: PASSPHRASE,
      },
    });
    await world.load(person, [world.media]);
    tiles = await shelf('undecided');
  });

  afterAll(async () => {
    await world?.end();
  });

  it('gives every tile veiled: small, grey and without an edge', async () => {
    expect(tiles.length).toBe(8);
    for (const tile of tiles) {
      for (const kind of ['tile', 'loupe']) {
        for (const look of ['3-dark', '1-dark', '2-light']) {
          const found = await measure(`/${head.epoch}/${kind}/${tile.number}?${look}`);
          expect(found, `${kind} ${tile.number} ${look}`).toMatchObject({ status: 200, colour: 0 });
          expect(found.step, `${kind} ${tile.number} ${look}`).toBeLessThan(VEILED_STEP);
        }
      }
    }
  });

  it('lets nobody keep an answer or take it for something else', async () => {
    const { headers } = await measure(`/${head.epoch}/tile/${tiles[0]?.number}?3-dark`);
    expect(headers['cache-control']).toBe('no-store');
    expect(headers['access-control-allow-origin'] ?? '').not.toBe('*');
  });

  it('gives one clear picture for one ticket, once', async () => {
    const number = tiles[0]?.number ?? 0;
    const form = { number, colour: false, longest_px: 1024, part: null };
    const ticket = await person.ask<Ticket>('reveal', { form });
    const path = ticket.path.startsWith('/') ? ticket.path : `/${ticket.path}`;
    const clear = await measure(path);
    expect(clear).toMatchObject({ status: 200, colour: 0 });
    // The control of all that is measured above: a clear picture is told from a veiled one.
    expect(clear.step).toBeGreaterThan(CLEAR_STEP);
    expect((await measure(path)).status, 'a second time').toBe(404);

    const coloured = await person.ask<Ticket>('reveal', { form: { ...form, colour: true } });
    await person.ask('reveal_end', { ticket: coloured.ticket });
    expect((await measure(coloured.path.startsWith('/') ? coloured.path : `/${coloured.path}`)).status, 'after the key was let go').toBe(404);
    // Nothing of it stays: the tile is what it was.
    expect((await measure(`/${head.epoch}/tile/${number}?3-dark`)).step).toBeLessThan(VEILED_STEP);
  });

  it('gives nothing of what is hidden, whatever it is asked by', async () => {
    const hidden = await shelf('hidden');
    expect(hidden.length).toBe(2);
    for (const tile of hidden) {
      expect(tile.has_picture).toBe(false);
      for (const kind of ['tile', 'loupe', 'clear']) {
        const found = await measure(`/${head.epoch}/${kind}/${tile.number}?3-dark`);
        expect(found, kind).toMatchObject({ status: 404, bytes: 0 });
      }
      await expect(person.ask('reveal', { form: { number: tile.number, colour: false, longest_px: 1024, part: null } })).rejects.toThrow();
    }
  });

  it('gives nothing under another name, of another opening, or after the lock', async () => {
    const number = tiles[0]?.number ?? 0;
    for (const path of [
      '/', `/${head.epoch}`, `/${head.epoch}/tile/4000000?3-dark`, `/${head.epoch}/tile/${number}/?3-dark`,
      `/0${head.epoch.slice(1)}x/tile/${number}?3-dark`, `/${head.epoch}/file/etc/passwd`, `//etc/passwd`,
    ]) {
      expect(await measure(path), path).toMatchObject({ status: 404, bytes: 0 });
    }
    const ticket = await person.ask<Ticket>('reveal', { form: { number, colour: false, longest_px: 512, part: null } });
    await person.ask('lock');
    const path = ticket.path.startsWith('/') ? ticket.path : `/${ticket.path}`;
    for (const asked of [path, `/${head.epoch}/tile/${number}?3-dark`]) {
      expect(await measure(asked), asked).toMatchObject({ status: 404, bytes: 0 });
    }
    const again = await person.ask<CaseHead>('unlock', { passphrase: PASSPHRASE });
    expect(again.epoch).not.toBe(head.epoch);
    expect((await measure(`/${head.epoch}/tile/${number}?3-dark`)).status, 'the opening before').toBe(404);
    expect((await measure(`/${again.epoch}/tile/${number}?3-dark`)).status).toBe(200);
  });
});

// Proof: of a picture on the lead desk nothing is clear but the saved regions of that lead, in grey, once for each ticket;
// and nothing of it while something lies over the desk, or after the lock.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { CaseHead, LeadDetail, RegionView, Ticket, Tile, ViewHead } from '../src/backend/types';
import type { Person } from './person';
import { writePictures } from './pictures';
import { missing } from './screen';
import { Reviewer } from './reviewer';
import { eventually, World } from './world';

/** What was served, measured within and outside of shapes: colour, and the sharpest step between two pixels beside each other. */
interface Measured {
  status: number;
  bytes: number;
  width: number;
  height: number;
  colour: number;
  within: number;
  outside: number;
}

/** Measures in the page. Shapes are outlines, in parts of the picture; pixels within `margin` of an edge are left out of
 *  both, because there a clear pixel lies beside a veiled one. */
const MEASURE = `
const [path, shapes, margin, done] = arguments;
(async () => {
  const answer = await fetch('media://localhost' + path);
  const body = await answer.blob();
  const out = { status: answer.status, bytes: body.size, width: 0, height: 0, colour: 0, within: 0, outside: 0 };
  if (!answer.ok || body.size === 0) return out;
  const picture = await createImageBitmap(body);
  const [width, height] = [out.width = picture.width, out.height = picture.height];
  const canvas = () => Object.assign(document.createElement('canvas'), { width, height }).getContext('2d', { willReadFrequently: true });
  const [pen, mask] = [canvas(), canvas()];
  pen.drawImage(picture, 0, 0);
  const { data } = pen.getImageData(0, 0, width, height);
  // Red: within, blue: the edge.
  mask.lineWidth = 2 * margin;
  for (const shape of shapes) {
    mask.beginPath();
    shape.forEach(([x, y], at) => at === 0 ? mask.moveTo(x * width, y * height) : mask.lineTo(x * width, y * height));
    mask.closePath();
    mask.fillStyle = '#f00';
    mask.fill();
  }
  for (const shape of shapes) {
    mask.beginPath();
    shape.forEach(([x, y], at) => at === 0 ? mask.moveTo(x * width, y * height) : mask.lineTo(x * width, y * height));
    mask.closePath();
    mask.strokeStyle = '#00f';
    mask.stroke();
  }
  const kinds = mask.getImageData(0, 0, width, height).data;
  const kind = (at) => kinds[at + 2] > 0 ? 'edge' : kinds[at] > 0 ? 'within' : 'outside';
  for (let y = 0; y < height; y += 1) for (let x = 0; x < width; x += 1) {
    const at = (y * width + x) * 4;
    out.colour = Math.max(out.colour, Math.abs(data[at] - data[at + 1]), Math.abs(data[at + 1] - data[at + 2]));
    const here = kind(at);
    if (here === 'edge') continue;
    for (const other of [x > 0 ? at - 4 : -1, y > 0 ? at - width * 4 : -1]) {
      if (other >= 0 && kind(other) === here) out[here] = Math.max(out[here], Math.abs(data[at] - data[other]));
    }
  }
  return out;
})().then(done, (error) => done({ status: 0, bytes: 0, width: 0, height: 0, colour: 0, within: 0, outside: 0, error: String(error) }));
`;

/** All pictures of the journey have edges of more than this; what is veiled has none that comes near. */
const CLEAR_STEP = 60;
const VEILED_STEP = 24;
/** Pixels beside an edge that are not measured: a picture that is made smaller mixes so many. */
const MARGIN_PX = 4;
const WIDTH = 480;
const HEIGHT = 360;

type Point = [number, number];
const BOX: Point[] = [[40, 30], [200, 150]];
const OUTLINE: Point[] = [[300, 180], [440, 200], [370, 330]];
const region = (rectangle: boolean, points: Point[]): RegionView => ({ picture_width: WIDTH, picture_height: HEIGHT, rectangle, points });
/** Outlines of both, in parts of the picture. */
const SHAPES = [[BOX[0]!, [200, 30], BOX[1]!, [40, 150]], OUTLINE].map((shape) => shape.map(([x, y]) => [x! / WIDTH, y! / HEIGHT]));

describe.skipIf(missing().length > 0)('what is clear on the lead desk', () => {
  let world: World;
  let person: Person;
  let anna: Reviewer;
  let head: CaseHead;
  let number: number;
  let other: number;

  const measure = async (path: string, shapes: unknown = SHAPES) =>
    person.session.runLong<Measured>(MEASURE, path.startsWith('/') ? path : `/${path}`, shapes, MARGIN_PX);
  const reveal = (lead: number, of: number, longestPx = 1024) => person.ask<Ticket>('regions_reveal', { lead, number: of, longestPx });
  const lead = (evidence: unknown[]) => person.ask<number>('lead_new', {
    form: { kind: 'victim', state: 'open', name: 'Willow', labels: [], text: '', series: null, place: null, related: [] }, evidence,
  });
  /** Addresses of all pictures on the page that are not veiled ones. */
  const clear = () => person.look<string[]>(
    `return [...document.querySelectorAll('[src]')].map((one) => one.getAttribute('src')).filter((src) => !/\\/(tile|loupe)\\//.test(src) && /localhost/.test(src) && /media/.test(src))`);
  const desk = async () => {
    await person.press('Ctrl', '2');
    await person.see('application', undefined, 60);
    await eventually('the regions are clear', async () => (await clear()).length === 1, 60);
  };

  beforeAll(async () => {
    world = new World();
    writePictures(world.media, Array.from({ length: 3 }, (_, index) => `picture-${index}.png`), 53);
    person = await world.open();
    anna = new Reviewer(person);
    head = await anna.makeCase(world, [world.media]);
    const view = await person.ask<ViewHead>('view_open', {
      query: { shelf: 'undecided', picks: [], text: '', order: 'number', descending: false, stacked: false }, anchor: null,
    });
    const tiles = await person.ask<Tile[]>('view_tiles', { view: view.view, start: 0, count: 10 });
    [number, other] = [tiles[0]!.number, tiles[1]!.number];
    const evidence = (shape: RegionView | null, of = number) => ({ number: of, caption: '', region: shape, metadata: null });
    await lead([evidence(region(true, BOX)), evidence(region(false, OUTLINE)), evidence(null, other)]);
    await lead([evidence(region(true, [[0, 0], [100, 100]]), other)]);
    await anna.reload();
    head = await anna.head();
  });

  afterAll(async () => {
    await world?.end();
  });

  it('is the saved regions alone, in grey, once', async () => {
    for (const longest of [320, 480, 1024]) {
      const ticket = await reveal(1, number, longest);
      const found = await measure(ticket.path);
      expect(found, `${longest}`).toMatchObject({ status: 200, colour: 0, width: ticket.width, height: ticket.height });
      expect(found.within, `${longest}, within`).toBeGreaterThan(CLEAR_STEP);
      expect(found.outside, `${longest}, outside`).toBeLessThan(VEILED_STEP);
      expect((await measure(ticket.path)).status, 'a second time').toBe(404);
    }
    // The control: with no region named, the same measure meets the clear ones.
    expect((await measure((await reveal(1, number)).path, [])).outside).toBeGreaterThan(CLEAR_STEP);
  });

  it('is nothing of an item that this lead has no region of', async () => {
    for (const [of, item] of [[1, other], [2, number]] as const) {
      const answer = await reveal(of, item).then((ticket) => measure(ticket.path, []), () => null);
      // Refused, or veiled all over: either shows nothing.
      if (answer !== null) expect(answer.outside, `lead ${of}`).toBeLessThan(VEILED_STEP);
    }
    await expect(reveal(9, number)).rejects.toThrow();
  });

  it('is nothing once the key or the page was let go', async () => {
    const ticket = await reveal(1, number);
    await person.ask('reveal_end', { ticket: ticket.ticket });
    expect((await measure(ticket.path)).status).toBe(404);
    expect((await measure(`/${head.epoch}/loupe/${number}?3-dark`, [])).outside).toBeLessThan(VEILED_STEP);
  });

  it('goes under a dialog, under the commands, on other pages and by its key', async () => {
    await desk();
    for (const [open, close] of [[['l'], 'dialog'], [['Ctrl', 'k'], 'dialog'], [['?'], 'dialog']] as const) {
      await person.press(...open);
      await person.see(close, undefined, 60);
      await eventually('nothing is clear', async () => (await clear()).length === 0);
      await person.press('Escape');
      await person.seeNone(close);
      await eventually('the regions are clear again', async () => (await clear()).length === 1, 60);
    }
    await person.press('q');
    await eventually('nothing is clear', async () => (await clear()).length === 0);
    await person.press('q');
    await eventually('the regions are clear again', async () => (await clear()).length === 1, 60);
    for (const key of ['1', '3', '5']) {
      await person.press('Ctrl', key);
      await eventually(`nothing is clear on the page of Ctrl ${key}`, async () => (await clear()).length === 0);
    }
    await desk();
  });

  it('is no shape that is drawn and not saved', async () => {
    await desk();
    const before = (await person.ask<LeadDetail>('lead', { lead: 1 })).evidence.length;
    await person.press('d');
    await person.read(anna.say('desk_box_keys'), 60);
    const found = await measure((await reveal(1, number)).path);
    expect(found.outside).toBeLessThan(VEILED_STEP);
    await person.press('Escape');
    expect((await person.ask<LeadDetail>('lead', { lead: 1 })).evidence.length).toBe(before);
  });

  it('is nothing after the lock, whoever asks', async () => {
    const ticket = await reveal(1, number);
    await anna.lock();
    expect(await person.look<number>(`return document.querySelectorAll('img, canvas, [role=application]').length`)).toBe(0);
    expect(await measure(ticket.path)).toMatchObject({ status: 404, bytes: 0 });
    await expect(reveal(1, number)).rejects.toThrow(/locked/);
    await anna.unlock();
    expect(await measure(ticket.path)).toMatchObject({ status: 404, bytes: 0 });
    await desk();
    expect((await measure((await reveal(1, number)).path)).outside).toBeLessThan(VEILED_STEP);
  });
});

// The map: projection and back, moving within the world, what is one at a scale, what a hand meets, towns and shapes.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { atlasOf, trace } from '../src/leads/logic/atlas';
import { LETTERS } from '../src/leads/logic/isoCountries';
import { byWeight, centred, clusters, degrees, distance, fitted, fromPx, hit, itemsAt, lengthPx, moved, nearer, place, resized, scaleBar, spotOf, stepped, toPx, within, type Counted, type MapView } from '../src/leads/logic/mapView';
import { isNamed, nearestTown, TOWNS } from '../src/leads/logic/towns';

const ROTTERDAM = { latitude: 51.92, longitude: 4.48 };
const view = (more: Partial<MapView> = {}): MapView => ({ ...place(ROTTERDAM), world_px: 40_000, width_px: 900, height_px: 500, ...more });
const point = (latitude: number, longitude: number, items: number, radius_m = 100): Counted => ({ latitude, longitude, items, radius_m, numbers: [], lead: null });

describe('the projection', () => {
  it('puts the world into a square and comes back', () => {
    expect(place({ latitude: 0, longitude: 0 })).toEqual({ x: 0.5, y: 0.5 });
    expect(place({ latitude: 0, longitude: -180 }).x).toBeCloseTo(0, 9);
    // What Mercator cannot show stands at its edge.
    expect(place({ latitude: 90, longitude: 0 }).y).toBeCloseTo(0, 6);
    for (const spot of [ROTTERDAM, { latitude: -33.87, longitude: 151.21 }, { latitude: 78.2, longitude: -15.6 }]) {
      const back = spotOf(place(spot));
      expect(back.latitude).toBeCloseTo(spot.latitude, 8);
      expect(back.longitude).toBeCloseTo(spot.longitude, 8);
    }
  });

  it('knows the pixel of a place and the place of a pixel', () => {
    expect(toPx(view(), place(ROTTERDAM))).toEqual({ x: 450, y: 250 });
    const px = { x: 123, y: 77 };
    const back = toPx(view(), fromPx(view(), px));
    expect(back.x).toBeCloseTo(px.x, 6);
    expect(back.y).toBeCloseTo(px.y, 6);
  });

  it('draws a length on the ground longer towards the poles', () => {
    const equator = lengthPx(view(), 0, 1_000), north = lengthPx(view(), 60, 1_000);
    expect(north / equator).toBeCloseTo(2, 6);
    expect(equator).toBeCloseTo((1_000 / 40_075_016.686) * 40_000, 9);
  });

  it('measures along the ground', () => {
    // Rotterdam to Antwerp, about 78 km by any atlas.
    expect(distance(ROTTERDAM, { latitude: 51.22, longitude: 4.4 }) / 1000).toBeCloseTo(78, 0);
    expect(distance(ROTTERDAM, ROTTERDAM)).toBe(0);
  });
});

describe('moving and nearing', () => {
  it('keeps the place under the pointer where it is', () => {
    const px = { x: 700, y: 120 };
    const held = fromPx(view(), px);
    const near = nearer(view(), 2.5, px);
    expect(near.world_px).toBe(100_000);
    expect(toPx(near, held).x).toBeCloseTo(px.x, 6);
    expect(toPx(near, held).y).toBeCloseTo(px.y, 6);
  });

  it('never leaves the world, and is never smaller than the window', () => {
    let now = view();
    for (let i = 0; i < 300; i += 1) now = stepped(now, -1, -1);
    expect(fromPx(now, { x: 0, y: 0 }).x).toBeCloseTo(0, 9);
    expect(fromPx(now, { x: 0, y: 0 }).y).toBeCloseTo(0, 9);
    const far = nearer(view(), 1e-9);
    expect(far.world_px).toBe(900);
    expect(nearer(view(), 1e12).world_px).toBe(nearer(view(), 1e15).world_px);
    expect(within(view({ x: 7 })).x).toBeLessThan(1);
  });

  it('moves by pixels, and keeps its middle when the window changes', () => {
    const now = moved(view(), 90, 0);
    expect(toPx(now, place(ROTTERDAM)).x).toBeCloseTo(360, 6);
    expect(resized(view(), 300, 300)).toMatchObject(place(ROTTERDAM));
    expect(centred(view(), { latitude: 41.39, longitude: 2.17 })).toMatchObject(place({ latitude: 41.39, longitude: 2.17 }));
  });

  it('fits all points with room around them, one alone with its surroundings, none as the world', () => {
    const points = [point(51.92, 4.48, 3), point(52.52, 13.4, 2), point(41.39, 2.17, 1)];
    const now = fitted(points, 900, 500);
    for (const one of points) {
      const at = toPx(now, place(one));
      expect(at.x).toBeGreaterThan(40);
      expect(at.x).toBeLessThan(860);
      expect(at.y).toBeGreaterThan(40);
      expect(at.y).toBeLessThan(460);
    }
    const alone = fitted(points.slice(0, 1), 900, 500);
    expect(lengthPx(alone, 51.92, 60_000)).toBeGreaterThan(200);
    expect(lengthPx(alone, 51.92, 60_000)).toBeLessThan(500);
    expect(fitted([], 900, 500).world_px).toBe(900);
  });

  it('has a bar of a round length that is not longer than its place', () => {
    for (const world_px of [900, 5_000, 77_000, 900_000, 6_000_000]) {
      const bar = scaleBar(view({ world_px }));
      expect(bar.px).toBeLessThanOrEqual(120);
      expect(bar.px).toBeGreaterThan(40);
      expect(String(bar.metres)).toMatch(/^[125]0*$/);
    }
  });
});

describe('points', () => {
  const points = [point(51.905, 4.466, 12), point(51.92, 4.48, 31, 1_000), point(51.22, 4.4, 6), point(10.3, 123.9, 640, 10_000)];

  it('are one where a hand cannot part them, and two from near by', () => {
    const far = clusters(points, view());
    expect(far.map((one) => [one.members, one.items, one.radius_m])).toEqual([[[3], 640, 10_000], [[1, 0], 43, 1_000], [[2], 6, 100]]);
    const near = clusters(points, nearer(view(), 40));
    expect(near.map((one) => one.members)).toEqual([[3], [1], [0], [2]]);
  });

  it('stand in the same order whatever order they come in', () => {
    const order = byWeight(points).map((at) => points[at]!.items);
    const turned = [...points].reverse();
    expect(byWeight(turned).map((at) => turned[at]!.items)).toEqual(order);
    const equal = [point(1, 5, 2), point(9, 5, 2), point(9, 1, 2)];
    expect(byWeight(equal)).toEqual([2, 1, 0]);
  });

  it('lose no item, however they are put together', () => {
    const seed = 20_261_126;
    console.info(`seed ${seed}`);
    let state = seed;
    const random = (): number => ((state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32);
    const many = Array.from({ length: 400 }, () => point(random() * 140 - 70, random() * 360 - 180, 1 + Math.floor(random() * 50)));
    const all = many.reduce((sum, one) => sum + one.items, 0);
    for (const world_px of [900, 20_000, 3_000_000]) {
      const found = clusters(many, view({ world_px }));
      expect(found.reduce((sum, one) => sum + one.items, 0)).toBe(all);
      expect(found.flatMap((one) => one.members).toSorted((a, b) => a - b)).toEqual(many.map((_, at) => at));
    }
  });

  it('count an item once that a lead places where it was made', () => {
    const data = { ...point(52.07, 4.3, 3), numbers: [1, 2, 3] };
    const named = { ...point(52.07, 4.3, 4, 500), numbers: [1, 2, 3, 9], lead: 1 };
    expect(clusters([data, named], view()).map((one) => [one.members, one.items])).toEqual([[[1, 0], 4]]);
    expect(itemsAt([data, { ...named, numbers: [1, 2], items: 2 }])).toBe(3);
    // A point that names only its first items hides which ones it shares: no more than is certain is said.
    expect(itemsAt([{ ...data, items: 900 }, named])).toBe(900);
  });

  it('are met by a pointer that is near enough, the nearest first', () => {
    const found = clusters(points, view());
    const at = found[2]!.at;
    expect(hit(found, { x: at.x + 10, y: at.y })).toBe(found[2]);
    expect(hit(found, { x: at.x + 15, y: at.y })).toBeNull();
  });

  it('are said no more exactly than they are', () => {
    expect(degrees(51.924_419, 5)).toBe('51.9244');
    expect(degrees(51.924_419, 1_000)).toBe('51.92');
    expect(degrees(51.924_419, 50_000)).toBe('52');
    expect(degrees(-0.5, 1)).toBe('-0.50000');
  });
});

describe('towns', () => {
  it('stand where they are: each has a name in both languages, a place on the globe, and stands once', () => {
    expect(new Set(TOWNS.map((one) => one.en)).size).toBe(TOWNS.length);
    for (const town of TOWNS) {
      expect(town.en.length * town.nl.length, town.en).toBeGreaterThan(0);
      expect(Math.abs(town.latitude), town.en).toBeLessThan(70);
      expect(Math.abs(town.longitude), town.en).toBeLessThanOrEqual(180);
      expect([1, 2, 3, 4], town.en).toContain(town.rank);
    }
  });

  it('are named near by, and not from afar', () => {
    expect(nearestTown({ latitude: 51.98, longitude: 4.45 }, 'nl')).toBe('Rotterdam');
    expect(nearestTown({ latitude: 51.22, longitude: 4.41 }, 'nl')).toBe('Antwerpen');
    expect(nearestTown({ latitude: 0, longitude: -30 }, 'en')).toBeNull();
    expect([isNamed(1, 900), isNamed(4, 900), isNamed(4, 100_000)]).toEqual([true, false, true]);
  });
});

describe('the shapes', () => {
  const world = JSON.parse(readFileSync(createRequire(import.meta.url).resolve('world-atlas/countries-50m.json'), 'utf8')) as Parameters<typeof atlasOf>[0];
  const atlas = atlasOf(world);
  const drawn = (of: MapView): [number, number][] => {
    const lines: [number, number][] = [];
    const take = (x: number, y: number): void => void lines.push([x, y]);
    trace({ moveTo: take, lineTo: take, closePath: () => undefined }, atlas.land, of, true);
    return lines;
  };
  /** True when the land that is drawn covers a spot, by counting the edges that a ray meets. */
  const isLand = (latitude: number, longitude: number): boolean => {
    const now = view({ ...place({ latitude, longitude }), world_px: 60_000 });
    let inside = false, startX = 0, startY = 0, lastX = 0, lastY = 0;
    const [px, py] = [now.width_px / 2, now.height_px / 2];
    const edge = (x: number, y: number): void => {
      if ((lastY > py) !== (y > py) && px < ((x - lastX) * (py - lastY)) / (y - lastY) + lastX) inside = !inside;
      [lastX, lastY] = [x, y];
    };
    trace({ moveTo: (x, y) => { [startX, startY, lastX, lastY] = [x, y, x, y]; }, lineTo: edge, closePath: () => edge(startX, startY) }, atlas.land, now, true);
    return inside;
  };

  it('are land where land is, and sea where sea is, also after leaving out what is not in view', () => {
    expect([isLand(52.1, 5.6), isLand(50.1, 8.7), isLand(48.8, 2.3), isLand(-25, 134), isLand(40, -100)]).toEqual([true, true, true, true, true]);
    expect([isLand(54, 3), isLand(45, -30), isLand(0, -140), isLand(36, 18)]).toEqual([false, false, false, false]);
  });

  it('have the name of the country, in the language of the window', () => {
    const country = (latitude: number, longitude: number, language = 'nl'): string | null => atlas.country({ latitude, longitude }, language);
    expect([country(52.1, 5.6), country(52.1, 5.6, 'en'), country(41.4, 22.2), country(-14.31, -170.72, 'en')]).toEqual(['Nederland', 'Netherlands', 'Noord-Macedonië', 'American Samoa']);
    // On both sides of the date line, in a country without a number, and at sea.
    expect([country(-17.8, 178, 'en'), country(66.5, -172, 'en'), country(42.6, 20.9, 'en'), country(54, 3)]).toEqual(['Fiji', 'Russia', 'Kosovo', null]);
  });

  it('have the letters of ISO 3166 for every number of the atlas', () => {
    const numbers = world.objects.countries.geometries.flatMap((one) => (one.id === undefined ? [] : [String(one.id)]));
    expect(numbers.length).toBeGreaterThan(200);
    for (const number of numbers) expect(LETTERS.get(number), number).toBe(new Intl.Locale(`und-${number}`).region);
  });

  it('stay within the square of the world, also at the date line', () => {
    for (const { west, east, north, south } of [...atlas.land, ...atlas.borders]) {
      expect(Math.min(west, north)).toBeGreaterThanOrEqual(-1e-6);
      expect(Math.max(east, south)).toBeLessThan(1.2);
      // Antarctica goes round the world; nothing else does.
      if (north < 0.72) expect(east - west).toBeLessThan(0.9);
    }
    expect(atlas.land.length).toBeGreaterThan(500);
    expect(atlas.borders.length).toBeGreaterThan(100);
  });

  it('cost less the nearer the view is', () => {
    const whole = drawn(view({ x: 0.5, y: 0.42, world_px: 900, width_px: 900, height_px: 500 })).length;
    const near = drawn(view({ world_px: 3_000_000 })).length;
    expect(whole).toBeLessThan(20_000);
    expect(near).toBeLessThan(2_000);
  });
});

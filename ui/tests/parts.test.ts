// Small parts of the review: previews, pages of tiles, the way back, what differs, marks of categories.
import { describe, expect, it } from 'vitest';
import { SCHEMES } from '../src/backend/fake/schemes';
import { FakeReview } from '../src/backend/fake/review';
import { Items } from '../src/backend/fake/items';
import type { DecidePreview, Tile, ViewQuery } from '../src/backend/types';
import { look, shortName } from '../src/parts/categories';
import { differing } from '../src/review/differs';
import { Places } from '../src/review/places';
import { changing, colleague, lines, ofOthers } from '../src/review/preview';
import { PAGE, Rows } from '../src/review/rows';
import { fitting } from '../src/review/stage.svelte';
import { fitInto, shows } from '../src/review/tiles';
import { START } from '../src/review/view.svelte';

const turn = (): Promise<void> => new Promise((done) => setTimeout(done, 0));

describe('a preview', () => {
  const preview: DecidePreview = {
    items: 14, undecided: 9, same: 1, sample: [], ask: true,
    overwrites: [{ category: '6', by: 'A. Bakker', own: true, items: 2 }, { category: '2', by: 'J. de Wit', own: false, items: 2 }],
  };

  it('adds up to what it is about', () => expect(lines(preview, '1', 'keep').reduce((sum, line) => sum + line.items, 0)).toBe(14));

  it('keeps decisions of others unless it is ticked, and the number says so', () => {
    expect(changing(preview, '1', 'keep')).toBe(11);
    expect(changing(preview, '1', 'overwrite')).toBe(13);
    expect(lines(preview, '1', 'keep').at(-1)).toMatchObject({ by: 'J. de Wit', after: 'kept' });
    expect(ofOthers(preview)).toBe(2);
    expect(colleague(preview)).toBe('J. de Wit');
  });

  it('changes nothing of what is undecided where it clears', () => expect(changing({ ...preview, same: 0 }, null, 'keep')).toBe(2));
});

describe('tiles by page', () => {
  const tile = (index: number): Tile => ({ index, number: index + 1, category: null } as Tile);

  function rows(): { rows: Rows; asked: Array<{ start: number; give: () => void }> } {
    const asked: Array<{ start: number; give: () => void }> = [];
    const made = new Rows((start, count) => new Promise((give) => asked.push({ start, give: () => give(Array.from({ length: count }, (_, at) => tile(start + at))) })), () => undefined, () => undefined);
    return { rows: made, asked };
  }

  it('are asked for once, with what lies around', async () => {
    const { rows: of, asked } = rows();
    of.want(10, 60, 10_000);
    of.want(20, 70, 10_000);
    expect(asked.map((one) => one.start)).toEqual([0, PAGE]);
    asked[0]!.give();
    await turn();
    expect(of.at(30)?.number).toBe(31);
    expect(of.of(31)?.index).toBe(30);
    of.want(10, 60, 10_000);
    expect(asked).toHaveLength(2);
  });

  it('are asked for where a jump ends, not where it passed', async () => {
    const { rows: of, asked } = rows();
    for (let place = 0; place < 1_000_000; place += 20_000) of.want(place, place + 50, 1_000_000);
    expect(asked.length).toBeLessThanOrEqual(6);
    const before = asked.length;
    for (const one of asked.slice()) one.give();
    await turn();
    expect(asked.slice(before).some((one) => one.start === 980_000)).toBe(true);
  });

  it('stay in sight while they are asked for again', async () => {
    const { rows: of, asked } = rows();
    of.want(0, 50, 100);
    asked[0]!.give();
    await turn();
    of.stale();
    expect(of.at(5)).toBeDefined();
    of.want(0, 50, 100);
    expect(asked).toHaveLength(2);
  });

  it('do not come back after the view was closed', async () => {
    const { rows: of, asked } = rows();
    of.want(0, 50, 100);
    of.close();
    asked[0]!.give();
    await turn();
    expect(of.at(5)).toBeUndefined();
  });
});

describe('the way back', () => {
  const query = (text: string): ViewQuery => ({ ...START, text });

  it('goes to where the ring was, and forward again; a new place cuts what lay ahead', () => {
    const places = new Places();
    places.go({ query: query('a'), anchor: 1 });
    places.keep(17);
    places.go({ query: query('b'), anchor: 17 });
    places.keep(40);
    expect(places.back()).toEqual({ query: query('a'), anchor: 17 });
    expect(places.canBack).toBe(false);
    expect(places.forward()).toEqual({ query: query('b'), anchor: 40 });
    places.back();
    places.go({ query: query('c'), anchor: 17 });
    expect(places.canForward).toBe(false);
    expect(places.forward()).toBeNull();
  });
});

describe('pictures', () => {
  it('are never cropped, whatever their shape', () => {
    for (const [width, height] of [[4032, 3024], [100, 4000], [6000, 20], [1, 1]] as const) {
      const box = fitInto({ width, height }, 120, 96);
      expect(box.width).toBeLessThanOrEqual(120);
      expect(box.height).toBeLessThanOrEqual(96);
      expect(Math.max(box.width / 120, box.height / 96)).toBeGreaterThan(0.97);
    }
  });

  it('leave the element that showed them before it shows another, so that the one of before is never seen under a new name', () => {
    const element = document.createElement('img');
    const away = shows('media://localhost/e/tile/1?3-dark')(element);
    expect(element.getAttribute('src')).toBe('media://localhost/e/tile/1?3-dark');
    away();
    expect(element.hasAttribute('src')).toBe(false);
  });

  it('fit turned as they fit upright', () => {
    expect(fitting(4000, 2000, 0, { width: 1000, height: 1000 })).toBe(0.25);
    expect(fitting(4000, 2000, 1, { width: 500, height: 1000 })).toBe(0.25);
    expect(fitting(10, 10, 0, { width: 1000, height: 1000 })).toBe(4);
  });
});

describe('what differs', () => {
  it('leaves out what is the same', () => {
    const review = new FakeReview(SCHEMES[0]!, new Items({ shown: 50, hidden: 0, refused: 0 }), () => new Date(0));
    const first = review.detail(1);
    expect(differing(first, { ...first, number: 2, sha256: 'other' })).toEqual([]);
    expect(differing(first, { ...first, software: 'other', width: 1 })).toEqual(['dimensions', 'software']);
  });
});

describe('marks of categories', () => {
  it('have the digit of the key, and the code where there is no key', () => {
    const many = SCHEMES.find((one) => one.id === 'many')!;
    expect(many.categories.slice(0, 9).map((one) => look(many, one.code).sign)).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9']);
    expect(look(many, '10')).toMatchObject({ sign: '10', place: 6 });
    const uk = SCHEMES.find((one) => one.id === 'uk')!;
    // Key and code are two things: the fourth key gives the code 0.
    expect(look(uk, '0').sign).toBe('4');
    expect(look(uk, 'never heard of').place).toBe(6);
  });

  it('have short names that say something', () => {
    expect(shortName({ code: 'A', key: '1', en: 'A: penetrative activity, or sadism', nl: '' }, 'en')).toBe('Penetrative activity, or sadism');
    expect(shortName({ code: '1', key: '1', en: '', nl: 'Strafbaar: kennelijk jonger dan 18' }, 'nl')).toBe('Strafbaar');
    // What follows a comma changes the meaning.
    expect(shortName({ code: 'other', key: '2', en: 'Known, outside the baseline', nl: '' }, 'en')).toBe('Known, outside the baseline');
  });
});

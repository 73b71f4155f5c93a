// Regions of a picture: figures, and drawing them by keys alone and by pointer.
import { beforeEach, describe, expect, it } from 'vitest';
import { Drawing, type Saved } from '../src/desk/drawing';
import { bounds, boxOf, fromView, gripAt, hit, into, moved, POINTS_MAX, pulled, sized, toView, valid, within, type Point, type Shape } from '../src/desk/shape';

const PICTURE = { width: 1000, height: 600 };
const box = (x: number, y: number, width: number, height: number): Shape => boxOf({ x, y, width, height });
const outline = (...points: Point[]): Shape => ({ rectangle: false, points });

describe('a region', () => {
  it('stays within its picture, wherever it is moved', () => {
    expect(bounds(moved(box(10, 20, 100, 50), -5000, 5000, PICTURE))).toEqual({ x: 0, y: 550, width: 100, height: 50 });
    expect(moved(outline([10, 10], [20, 10], [15, 30]), 2000, -3, PICTURE).points).toEqual([[990, 7], [1000, 7], [995, 27]]);
  });

  it('is never smaller than it may be, nor larger than the picture', () => {
    expect(bounds(sized(box(10, 20, 100, 50), -500, -500, PICTURE))).toEqual({ x: 10, y: 20, width: 4, height: 4 });
    expect(bounds(sized(box(10, 20, 100, 50), 5000, 5000, PICTURE))).toEqual({ x: 10, y: 20, width: 990, height: 580 });
    expect(valid(into(outline([0, 0], [8, 0], [4, 8]), { x: 999, y: 599, width: 1, height: 1 }, PICTURE), PICTURE)).toBe(true);
  });

  it('is pulled by a grip, and the other side stays', () => {
    expect(bounds(pulled(box(100, 100, 100, 100), [-1, -1], [50, 80], PICTURE))).toEqual({ x: 50, y: 80, width: 150, height: 120 });
    expect(bounds(pulled(box(100, 100, 100, 100), [1, 0], [400, 0], PICTURE))).toEqual({ x: 100, y: 100, width: 300, height: 100 });
    // Pulled over its other side it stops there.
    expect(bounds(pulled(box(100, 100, 100, 100), [1, 1], [0, 0], PICTURE))).toEqual({ x: 100, y: 100, width: 4, height: 4 });
  });

  it('is met where it is, the smaller one before the larger', () => {
    const shapes = [box(0, 0, 500, 500), box(100, 100, 50, 50), outline([600, 0], [700, 0], [600, 100])];
    expect(hit(shapes, [120, 120])).toBe(1);
    expect(hit(shapes, [10, 10])).toBe(0);
    expect(hit(shapes, [610, 10])).toBe(2);
    // Within the bounds of the outline, and outside of it.
    expect(hit(shapes, [690, 90])).toBe(-1);
    expect(within(outline([0, 0], [100, 0], [100, 100], [50, 10], [0, 100]), [50, 60])).toBe(false);
  });

  it('has grips at its corners and sides', () => {
    const shape = box(100, 100, 100, 60);
    expect(gripAt(shape, [203, 157], 9)).toEqual([1, 1]);
    expect(gripAt(shape, [150, 95], 9)).toEqual([0, -1]);
    expect(gripAt(shape, [150, 130], 9)).toBeNull();
  });

  it('comes back from the program as it went, also from another size of the picture', () => {
    const shape = outline([10, 20], [30, 20], [20, 50]);
    expect(fromView(toView(shape, PICTURE), PICTURE)).toEqual(shape);
    expect(fromView({ picture_width: 500, picture_height: 300, rectangle: true, points: [[10, 10], [500, 300]] }, PICTURE).points).toEqual([[20, 20], [1000, 600]]);
  });

  it('needs three points that are no line', () => {
    expect(valid(outline([0, 0], [50, 50]), PICTURE)).toBe(false);
    expect(valid(outline([0, 0], [50, 0], [90, 0]), PICTURE)).toBe(false);
    expect(valid(outline([0, 0], [50, 0], [90, 40]), PICTURE)).toBe(true);
    expect(valid(outline([0, 0], [50, 0], [1001, 40]), PICTURE)).toBe(false);
  });
});

let added: Shape[];
let changed: Array<[number, Shape]>;
let removed: number[];
let drawing: Drawing;
const SAVED: Saved[] = [{ evidence: 11, shape: box(100, 100, 200, 100) }, { evidence: 12, shape: box(500, 300, 100, 100) }];

beforeEach(() => {
  added = [];
  changed = [];
  removed = [];
  drawing = new Drawing({ add: (shape) => added.push(shape), change: (evidence, shape) => changed.push([evidence, shape]), remove: (evidence) => removed.push(evidence), changed: () => undefined });
  drawing.open(PICTURE, SAVED);
  // Seen at half its size: a pixel on the screen is two of the picture.
  drawing.seen(0.5);
});

describe('drawing by keys', () => {
  it('begins a box in the middle, moves and sizes it, and saves it at the end', () => {
    drawing.take('box', true);
    expect(drawing.draft).toEqual({ kind: 'box', shape: box(375, 225, 250, 150) });
    drawing.move(10, 0);
    drawing.move(0, -1);
    drawing.size(-10, 1);
    expect(added).toEqual([]);
    expect(drawing.end()).toBe(true);
    expect(added).toEqual([box(395, 223, 230, 152)]);
    expect(drawing.draft).toBeNull();
  });

  it('sets the points of an outline with a cross, takes one back, and ends', () => {
    drawing.outlineKey();
    expect(drawing.draft).toEqual({ kind: 'outline', points: [], cross: [500, 300] });
    drawing.outlineKey();
    // The same place twice is one point.
    drawing.outlineKey();
    drawing.move(50, 0);
    drawing.outlineKey();
    drawing.move(0, 50);
    drawing.outlineKey();
    expect(drawing.pointBack()).toBe(true);
    expect(drawing.canEnd).toBe(false);
    // Two points are no region: it stays, so that a third can be set.
    expect(drawing.end()).toBe(true);
    expect(drawing.draft).not.toBeNull();
    drawing.outlineKey();
    expect(drawing.end()).toBe(true);
    expect(added).toEqual([outline([500, 300], [600, 300], [600, 400])]);
  });

  it('keeps the cross within the picture', () => {
    drawing.outlineKey();
    for (let at = 0; at < 200; at += 1) drawing.move(10, 10);
    expect(drawing.draft).toMatchObject({ cross: [1000, 600] });
  });

  it('does not throw an outline away for a box', () => {
    drawing.outlineKey();
    drawing.outlineKey();
    drawing.take('box', true);
    expect(drawing.draft?.kind).toBe('outline');
  });

  it('has no more points than a region may have', () => {
    drawing.outlineKey();
    for (let at = 0; at < POINTS_MAX + 10; at += 1) {
      drawing.move(at % 2 === 0 ? 1 : -1, at % 3 === 0 ? 1 : -1);
      drawing.outlineKey();
    }
    expect(drawing.draft?.kind === 'outline' && drawing.draft.points.length).toBeLessThanOrEqual(POINTS_MAX);
  });

  it('goes from region to region, and leaves after the last', () => {
    expect(drawing.step(1)).toBe(true);
    expect(drawing.chosen).toBe(11);
    expect(drawing.step(1)).toBe(true);
    expect(drawing.chosen).toBe(12);
    expect(drawing.step(1)).toBe(false);
    expect(drawing.chosen).toBeNull();
    expect(drawing.step(-1)).toBe(true);
    expect(drawing.chosen).toBe(12);
  });

  it('moves and sizes the chosen region, and saves it once when it rests', () => {
    drawing.choose(11);
    drawing.move(10, 0);
    drawing.move(0, 1);
    drawing.size(1, 0);
    expect(changed).toEqual([]);
    drawing.settle();
    expect(changed).toEqual([[11, box(120, 102, 202, 100)]]);
    drawing.settle();
    expect(changed).toHaveLength(1);
  });

  it('saves what was moved when another is chosen, or another picture comes', () => {
    drawing.choose(11);
    drawing.move(1, 0);
    drawing.choose(12);
    expect(changed).toEqual([[11, box(102, 100, 200, 100)]]);
    drawing.move(1, 0);
    drawing.open({ width: 50, height: 50 }, []);
    expect(changed[1]).toEqual([12, box(502, 300, 100, 100)]);
  });

  it('saves nothing when a region is moved back to where it was', () => {
    drawing.choose(11);
    drawing.move(1, 0);
    drawing.move(-1, 0);
    drawing.settle();
    expect(changed).toEqual([]);
  });

  it('has nothing to move while nothing is chosen', () => expect(drawing.move(1, 0)).toBe(false));

  it('removes the chosen region, and nothing else', () => {
    expect(drawing.remove()).toBe(false);
    drawing.choose(12);
    expect(drawing.remove()).toBe(true);
    expect(removed).toEqual([12]);
  });

  it('lets go of what is drawn first, then of what is chosen', () => {
    drawing.choose(11);
    drawing.take('box', true);
    expect(drawing.letGo()).toBe(true);
    expect(drawing.draft).toBeNull();
    drawing.choose(11);
    expect(drawing.letGo()).toBe(true);
    expect(drawing.chosen).toBeNull();
    expect(drawing.letGo()).toBe(false);
  });

  it('draws nothing where there is no picture', () => {
    drawing.open({ width: 0, height: 0 }, []);
    drawing.take('box', true);
    expect(drawing.draft).toBeNull();
  });

  it('forgets everything without saving when the case is locked', () => {
    drawing.choose(11);
    drawing.move(5, 0);
    drawing.drop();
    drawing.settle();
    expect(changed).toEqual([]);
    expect(drawing.regions).toEqual([]);
  });
});

describe('drawing by pointer', () => {
  it('draws a box by a drag in any direction, and saves it where it is let go', () => {
    drawing.press([700, 200]);
    drawing.drag([600, 100]);
    expect(drawing.draft).toEqual({ kind: 'box', shape: box(600, 100, 100, 100) });
    drawing.lift([600, 100]);
    expect(added).toEqual([box(600, 100, 100, 100)]);
  });

  it('chooses by a click, and lets go beside', () => {
    drawing.press([150, 150]);
    drawing.lift([150, 150]);
    expect(drawing.chosen).toBe(11);
    drawing.press([900, 50]);
    drawing.lift([900, 50]);
    expect(drawing.chosen).toBeNull();
    expect(added).toEqual([]);
  });

  it('moves and pulls what is chosen, and draws anew within what is not', () => {
    drawing.press([150, 150]);
    drawing.drag([250, 180]);
    drawing.lift([250, 180]);
    expect(added).toEqual([box(150, 150, 100, 30)]);
    drawing.choose(12);
    drawing.press([550, 350]);
    drawing.drag([560, 350]);
    drawing.lift([560, 350]);
    expect(changed).toEqual([[12, box(510, 300, 100, 100)]]);
    drawing.press([610, 400]);
    drawing.drag([700, 450]);
    drawing.lift([700, 450]);
    expect(changed[1]).toEqual([12, box(510, 300, 190, 150)]);
  });

  it('takes a slip for a click', () => {
    drawing.press([700, 200]);
    drawing.drag([703, 203]);
    drawing.lift([703, 203]);
    expect(added).toEqual([]);
  });

  it('sets points with the outline, and ends at the first of them or by a double press', () => {
    drawing.take('outline', false);
    for (const point of [[600, 100], [700, 100], [700, 200]] as const) drawing.press(point);
    expect(added).toEqual([]);
    drawing.press([603, 103]);
    expect(added).toEqual([outline([600, 100], [700, 100], [700, 200])]);
    for (const point of [[10, 10], [60, 10], [60, 60], [60, 60]] as const) drawing.press(point);
    drawing.twice();
    expect(added[1]).toEqual(outline([10, 10], [60, 10], [60, 60]));
  });

  it('never draws outside of the picture', () => {
    drawing.press([-50, -50]);
    drawing.drag([2000, 2000]);
    drawing.lift([2000, 2000]);
    expect(added).toEqual([box(0, 0, 1000, 600)]);
  });

  it('goes back to where a region was when the pointer is taken away', () => {
    drawing.choose(12);
    drawing.press([550, 350]);
    drawing.drag([800, 350]);
    drawing.cancel();
    expect(drawing.chosenShape).toEqual(SAVED[1]!.shape);
    drawing.settle();
    expect(changed).toEqual([]);
  });
});

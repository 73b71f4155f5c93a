// Regions of a picture as figures: all in pixels of the upright picture, whole numbers, and never outside of it.
import type { RegionView } from '../backend/types';

/** Shortest side of a region, as the program wants it. */
export const SIDE_MIN = 4;
/** Most points of an outline. */
export const POINTS_MAX = 500;
/** Fewest points that make an outline. */
export const POINTS_MIN = 3;

export type Point = readonly [x: number, y: number];

export interface Size {
  width: number;
  height: number;
}

export interface Bounds {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** A box by two corners, or an outline by its points. */
export interface Shape {
  rectangle: boolean;
  points: readonly Point[];
}

/** What a hand holds of a region: one of eight points of its bounds, as -1, 0 or 1 across and down. */
export type Grip = readonly [across: -1 | 0 | 1, down: -1 | 0 | 1];

export const GRIPS: readonly Grip[] = [[-1, -1], [0, -1], [1, -1], [-1, 0], [1, 0], [-1, 1], [0, 1], [1, 1]];

const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high);

/** A point within the picture. */
export const inside = ([x, y]: Point, picture: Size): Point => [clamp(Math.round(x), 0, picture.width), clamp(Math.round(y), 0, picture.height)];

/** The smallest box around a shape. */
export function bounds(shape: Shape): Bounds {
  const across = shape.points.map((point) => point[0]), down = shape.points.map((point) => point[1]);
  const x = Math.min(...across), y = Math.min(...down);
  return { x, y, width: Math.max(...across) - x, height: Math.max(...down) - y };
}

export const boxOf = ({ x, y, width, height }: Bounds): Shape => ({ rectangle: true, points: [[x, y], [x + width, y + height]] });

/** A box between two points in any order. */
export function boxBetween(a: Point, b: Point, picture: Size): Shape {
  const [ax, ay] = inside(a, picture), [bx, by] = inside(b, picture);
  return { rectangle: true, points: [[Math.min(ax, bx), Math.min(ay, by)], [Math.max(ax, bx), Math.max(ay, by)]] };
}

/** The box that a key begins with: a quarter of each side, in the middle. */
export function middleBox(picture: Size): Shape {
  const width = Math.min(picture.width, Math.max(SIDE_MIN, Math.round(picture.width / 4)));
  const height = Math.min(picture.height, Math.max(SIDE_MIN, Math.round(picture.height / 4)));
  return boxOf({ x: Math.round((picture.width - width) / 2), y: Math.round((picture.height - height) / 2), width, height });
}

/** Moves a shape, as far as the picture goes. */
export function moved(shape: Shape, dx: number, dy: number, picture: Size): Shape {
  const at = bounds(shape);
  const x = clamp(Math.round(dx), -at.x, picture.width - at.x - at.width);
  const y = clamp(Math.round(dy), -at.y, picture.height - at.y - at.height);
  return { ...shape, points: shape.points.map((point): Point => [point[0] + x, point[1] + y]) };
}

/** Puts a shape into other bounds: an outline is stretched with them. */
export function into(shape: Shape, wanted: Bounds, picture: Size): Shape {
  const from = bounds(shape);
  const x = clamp(Math.round(wanted.x), 0, Math.max(0, picture.width - SIDE_MIN));
  const y = clamp(Math.round(wanted.y), 0, Math.max(0, picture.height - SIDE_MIN));
  const width = clamp(Math.round(wanted.width), SIDE_MIN, picture.width - x);
  const height = clamp(Math.round(wanted.height), SIDE_MIN, picture.height - y);
  const across = (value: number): number => (from.width === 0 ? x : x + Math.round(((value - from.x) * width) / from.width));
  const down = (value: number): number => (from.height === 0 ? y : y + Math.round(((value - from.y) * height) / from.height));
  return { ...shape, points: shape.points.map((point): Point => [across(point[0]), down(point[1])]) };
}

/** Makes a shape wider and higher by its right and lower edge; the upper left corner stays. */
export function sized(shape: Shape, dw: number, dh: number, picture: Size): Shape {
  const at = bounds(shape);
  return into(shape, { ...at, width: at.width + dw, height: at.height + dh }, picture);
}

/** Pulls a shape by one of its grips to a point; the other side stays where it is. */
export function pulled(shape: Shape, grip: Grip, to: Point, picture: Size): Shape {
  const at = bounds(shape);
  const [px, py] = inside(to, picture);
  let { x, y, width, height } = at;
  if (grip[0] < 0) {
    const right = at.x + at.width;
    x = Math.min(px, right - SIDE_MIN);
    width = right - x;
  } else if (grip[0] > 0) width = Math.max(SIDE_MIN, px - at.x);
  if (grip[1] < 0) {
    const bottom = at.y + at.height;
    y = Math.min(py, bottom - SIDE_MIN);
    height = bottom - y;
  } else if (grip[1] > 0) height = Math.max(SIDE_MIN, py - at.y);
  return into(shape, { x, y, width, height }, picture);
}

/** True when it is large enough to mean something, has points enough, and lies within the picture. */
export function valid(shape: Shape, picture: Size): boolean {
  if (shape.rectangle ? shape.points.length !== 2 : shape.points.length < POINTS_MIN || shape.points.length > POINTS_MAX) return false;
  const at = bounds(shape);
  return at.x >= 0 && at.y >= 0 && at.width >= SIDE_MIN && at.height >= SIDE_MIN && at.x + at.width <= picture.width && at.y + at.height <= picture.height;
}

/** Corners as a polygon has them: of a box all four. */
export function corners(shape: Shape): Point[] {
  if (!shape.rectangle || shape.points.length !== 2) return [...shape.points];
  const [[left, top], [right, bottom]] = shape.points as [Point, Point];
  return [[left, top], [right, top], [right, bottom], [left, bottom]];
}

/** True when a point lies within a shape: even and odd crossings of a line to the left. */
export function within(shape: Shape, [x, y]: Point): boolean {
  const all = corners(shape);
  let odd = false;
  for (let at = 0, before = all.length - 1; at < all.length; before = at, at += 1) {
    const [ax, ay] = all[at]!, [bx, by] = all[before]!;
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) odd = !odd;
  }
  return odd;
}

const area = (shape: Shape): number => bounds(shape).width * bounds(shape).height;

/** The smallest of the shapes that a point lies in, so that what lies within another can be met; -1 for none. */
export function hit(shapes: readonly Shape[], point: Point): number {
  let found = -1;
  shapes.forEach((shape, at) => {
    if (within(shape, point) && (found < 0 || area(shape) <= area(shapes[found]!))) found = at;
  });
  return found;
}

/** Where a grip lies. */
export function gripPoint(shape: Shape, grip: Grip): Point {
  const at = bounds(shape);
  return [at.x + ((grip[0] + 1) * at.width) / 2, at.y + ((grip[1] + 1) * at.height) / 2];
}

/** The grip that a point meets within a distance, the corners before the sides; null for none. */
export function gripAt(shape: Shape, [x, y]: Point, reach: number): Grip | null {
  const near = GRIPS.filter((grip) => {
    const [gx, gy] = gripPoint(shape, grip);
    return Math.abs(gx - x) <= reach && Math.abs(gy - y) <= reach;
  });
  return near.find((grip) => grip[0] !== 0 && grip[1] !== 0) ?? near[0] ?? null;
}

export const toView = (shape: Shape, picture: Size): RegionView => ({
  picture_width: picture.width, picture_height: picture.height, rectangle: shape.rectangle, points: shape.points.map((point) => [point[0], point[1]]),
});

/** A region as it is to be drawn in a picture; one that was drawn in another size of it is brought to this one. */
export function fromView(region: RegionView, picture: Size): Shape {
  const across = region.picture_width > 0 ? picture.width / region.picture_width : 1;
  const down = region.picture_height > 0 ? picture.height / region.picture_height : 1;
  return { rectangle: region.rectangle, points: region.points.map((point) => inside([point[0] * across, point[1] * down], picture)) };
}

export const same = (a: Shape, b: Shape): boolean =>
  a.rectangle === b.rectangle && a.points.length === b.points.length && a.points.every((point, at) => point[0] === b.points[at]![0] && point[1] === b.points[at]![1]);

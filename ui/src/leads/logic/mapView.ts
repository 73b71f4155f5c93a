// Where the map looks: Mercator by d3-geo, moving and nearing within limits, what lies under the pointer, and which points are one at this scale.
import { geoMercatorRaw } from 'd3-geo';

/** Part of the world that is looked at. The world is a square of side 1: x from west to east, y from north to south. */
export interface MapView {
  /** Middle of the view, in the square of the world. */
  x: number;
  y: number;
  /** Pixels that the whole world would be wide. */
  world_px: number;
  width_px: number;
  height_px: number;
}

export interface Spot { latitude: number; longitude: number }
export interface Dot { x: number; y: number }

/** Mercator has no poles: beyond this latitude the square ends. */
const LATITUDE_MAX = 85.05112878;
const EQUATOR_M = 40_075_016.686;
/** Nearest view, pixels of the whole world: about 4 m a pixel in Western Europe. The shapes are far coarser; the scale says so. */
const WORLD_PX_MAX = 6_000_000;
/** Below this many pixels two points cannot be told apart by a hand. */
export const CLUSTER_PX = 26;
/** A pointer that is so near to a point means it. */
const HIT_PX = 14;
/** One step of a key: a share of the smaller side, and a factor. */
const PAN_SHARE = 0.2;
export const ZOOM_STEP = 1.6;
/** Room around points that are to be seen together, pixels; in a small view no more than a share of it. */
const FIT_MARGIN_PX = 70;
const FIT_MARGIN_SHARE = 0.2;
/** One point alone is shown with about this much around it, metres. */
const ALONE_M = 60_000;

const limit = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), Math.max(low, high));

/** Place of a spot in the square of the world. */
export function place(spot: Spot): Dot {
  const latitude = limit(spot.latitude, -LATITUDE_MAX, LATITUDE_MAX);
  const [x, y] = geoMercatorRaw((spot.longitude * Math.PI) / 180, (latitude * Math.PI) / 180);
  return { x: 0.5 + x / (2 * Math.PI), y: 0.5 - y / (2 * Math.PI) };
}

/** The spot of a place. */
export function spotOf(at: Dot): Spot {
  const [longitude, latitude] = geoMercatorRaw.invert!((at.x - 0.5) * 2 * Math.PI, (0.5 - at.y) * 2 * Math.PI);
  return { latitude: (latitude * 180) / Math.PI, longitude: (longitude * 180) / Math.PI };
}

/** Pixels of the view at which a place is drawn. */
export const toPx = (view: MapView, at: Dot): Dot => ({
  x: view.width_px / 2 + (at.x - view.x) * view.world_px, y: view.height_px / 2 + (at.y - view.y) * view.world_px,
});

/** The place under a pixel. */
export const fromPx = (view: MapView, px: Dot): Dot => ({
  x: view.x + (px.x - view.width_px / 2) / view.world_px, y: view.y + (px.y - view.height_px / 2) / view.world_px,
});

/** Pixels that a length on the ground has at a latitude. */
export const lengthPx = (view: MapView, latitude: number, metres: number): number =>
  (metres / (EQUATOR_M * Math.cos((limit(latitude, -LATITUDE_MAX, LATITUDE_MAX) * Math.PI) / 180))) * view.world_px;

/** The same view within its limits: never smaller than the window, never beside the world. */
export function within(view: MapView): MapView {
  const world_px = limit(view.world_px, Math.max(view.width_px, view.height_px, 1), WORLD_PX_MAX);
  const halfX = view.width_px / 2 / world_px, halfY = view.height_px / 2 / world_px;
  return { ...view, world_px, x: limit(view.x, halfX, 1 - halfX), y: limit(view.y, halfY, 1 - halfY) };
}

/** Moved by pixels: what was at the right comes in with a positive `dx`. */
export const moved = (view: MapView, dx: number, dy: number): MapView =>
  within({ ...view, x: view.x + dx / view.world_px, y: view.y + dy / view.world_px });

/** Moved by one step of a key. */
export const stepped = (view: MapView, right: number, down: number): MapView => {
  const step = PAN_SHARE * Math.min(view.width_px, view.height_px);
  return moved(view, right * step, down * step);
};

/** Nearer by a factor; the place under `px` stays there. */
export function nearer(view: MapView, factor: number, px: Dot = { x: view.width_px / 2, y: view.height_px / 2 }): MapView {
  const held = fromPx(view, px);
  const { world_px } = within({ ...view, world_px: view.world_px * factor });
  return within({ ...view, world_px, x: held.x - (px.x - view.width_px / 2) / world_px, y: held.y - (px.y - view.height_px / 2) / world_px });
}

/** The middle at a spot. */
export const centred = (view: MapView, spot: Spot): MapView => within({ ...view, ...place(spot) });

/** Another size of the window; the middle stays. */
export const resized = (view: MapView, width_px: number, height_px: number): MapView => within({ ...view, width_px, height_px });

/** A view of all spots with room around them; of the whole world without any. */
export function fitted(spots: readonly (Spot & { radius_m: number })[], width_px: number, height_px: number): MapView {
  const whole = { x: 0.5, y: 0.42, world_px: 1, width_px, height_px };
  if (spots.length === 0) return within(whole);
  let [west, east, north, south] = [1, 0, 1, 0];
  for (const spot of spots) {
    const at = place(spot);
    const reach = lengthPx({ ...whole, world_px: 1 }, spot.latitude, Math.max(spot.radius_m * 1.5, ALONE_M / 2));
    west = Math.min(west, at.x - reach);
    east = Math.max(east, at.x + reach);
    north = Math.min(north, at.y - reach);
    south = Math.max(south, at.y + reach);
  }
  const room = (px: number): number => Math.max(40, px - 2 * Math.min(FIT_MARGIN_PX, FIT_MARGIN_SHARE * px));
  const world_px = Math.min(room(width_px) / (east - west), room(height_px) / (south - north));
  return within({ x: (west + east) / 2, y: (north + south) / 2, world_px, width_px, height_px });
}

/** What can be counted at a spot. */
export interface Counted extends Spot {
  radius_m: number;
  items: number;
  /** Numbers of the first of them. */
  numbers: readonly number[];
  /** The lead that names this place, where it is no place of data. */
  lead: number | null;
}

/** Items of several points. No item has two places by its data, but a lead may name a place that its items have too: an item is one
 *  however often it is named. Where a point is too large to name all of its items, this is how many there are at least. */
export function itemsAt(points: readonly Counted[]): number {
  const ofData = points.reduce((sum, one) => sum + (one.lead === null ? one.items : 0), 0);
  const ofLeads = points.filter((one) => one.lead !== null);
  if (ofLeads.length === 0) return ofData;
  const named = new Set(points.flatMap((one) => one.numbers));
  return Math.max(named.size, ofData, ...ofLeads.map((one) => one.items));
}

/** Points that are one at this scale. */
export interface Cluster {
  /** Places of its points in the list that was given, the largest first. */
  members: number[];
  items: number;
  /** The coarsest of its points: the ring says how exact it is. */
  radius_m: number;
  latitude: number;
  at: Dot;
}

/** Points in the order in which they are said and gone through: most items first, then from north to south. */
export const byWeight = (points: readonly Counted[]): number[] => points.map((_, at) => at).sort((a, b) => {
  const [one, other] = [points[a]!, points[b]!];
  return other.items - one.items || other.latitude - one.latitude || one.longitude - other.longitude || a - b;
});

/** Puts points together that are nearer than `CLUSTER_PX`; a cluster stands at its largest point, so that nothing moves when it opens. */
export function clusters(points: readonly Counted[], view: MapView): Cluster[] {
  const found: Cluster[] = [];
  for (const index of byWeight(points)) {
    const point = points[index]!;
    const at = toPx(view, place(point));
    const near = found.find((one) => Math.hypot(one.at.x - at.x, one.at.y - at.y) < CLUSTER_PX);
    if (near) {
      near.members.push(index);
      near.radius_m = Math.max(near.radius_m, point.radius_m);
    } else found.push({ members: [index], items: point.items, radius_m: point.radius_m, latitude: point.latitude, at });
  }
  for (const one of found) if (one.members.length > 1) one.items = itemsAt(one.members.map((index) => points[index]!));
  return found;
}

/** The cluster under a pointer: the nearest of those that it can mean. */
export function hit(found: readonly Cluster[], px: Dot): Cluster | null {
  let best: Cluster | null = null;
  let least = HIT_PX;
  for (const one of found) {
    const distance = Math.hypot(one.at.x - px.x, one.at.y - px.y);
    if (distance <= least) [best, least] = [one, distance];
  }
  return best;
}

const NEAT = [1, 2, 5];

/** A round length for the bar of the scale, and its pixels, at the middle of the view. */
export function scaleBar(view: MapView, longest_px = 120): { metres: number; px: number } {
  const { latitude } = spotOf({ x: view.x, y: view.y });
  const a = lengthPx(view, latitude, 1);
  let metres = 1;
  for (let power = 1; power <= 10_000_000; power *= 10) for (const one of NEAT) if (one * power * a <= longest_px) metres = one * power;
  return { metres, px: metres * a };
}

/** Metres between two spots, along the ground. */
export function distance(a: Spot, b: Spot): number {
  const rad = Math.PI / 180;
  const half = Math.sin(((b.latitude - a.latitude) * rad) / 2) ** 2
    + Math.cos(a.latitude * rad) * Math.cos(b.latitude * rad) * Math.sin(((b.longitude - a.longitude) * rad) / 2) ** 2;
  return (EQUATOR_M / Math.PI) * Math.asin(Math.min(1, Math.sqrt(half)));
}

/** Degrees with as many digits as the data are exact: a digit more would be made up. */
export function degrees(value: number, radius_m: number): string {
  const digits = limit(Math.round(5 - Math.log10(Math.max(1, radius_m))), 0, 5);
  return value.toFixed(digits);
}

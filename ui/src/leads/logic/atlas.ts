// The shapes of the map: countries of Natural Earth (public domain, 1 : 50 million) by world-atlas, as the window carries them with it.
// They come as a script of the window's own, because its policy lets nothing be fetched.
import { geoBounds, geoContains, geoMercator, geoPath, type GeoContext, type GeoPermissibleObjects } from 'd3-geo';
import { feature, mesh } from 'topojson-client';
import type { GeometryCollection, Topology } from 'topojson-specification';
import { LETTERS } from './isoCountries';
import type { MapView, Spot } from './mapView';

/** A line or the edge of an area in the square of the world, and the box around it. */
export interface Outline {
  /** x and y in turn. */
  points: Float32Array;
  west: number;
  north: number;
  east: number;
  south: number;
}

export interface Atlas {
  land: Outline[];
  borders: Outline[];
  /** Name of the country at a place, in a language; null at sea. */
  country: (spot: Spot, language: string) => string | null;
}

type World = Topology<{ countries: GeometryCollection<{ name: string }>; land: GeometryCollection }>;

/** Takes down what d3-geo draws: its clipping at the date line is wanted, its pixels are not. */
class Taker implements GeoContext {
  readonly outlines: Outline[] = [];
  private points: number[] = [];

  beginPath(): void {}
  arc(): void {}
  moveTo(x: number, y: number): void {
    this.end();
    this.points = [x, y];
  }
  lineTo(x: number, y: number): void {
    this.points.push(x, y);
  }
  closePath(): void {
    this.end();
  }
  /** Closes what was begun. */
  end(): void {
    const { points } = this;
    this.points = [];
    if (points.length < 4) return;
    let [west, north, east, south] = [1, 1, 0, 0];
    for (let at = 0; at < points.length; at += 2) {
      west = Math.min(west, points[at]!);
      east = Math.max(east, points[at]!);
      north = Math.min(north, points[at + 1]!);
      south = Math.max(south, points[at + 1]!);
    }
    this.outlines.push({ points: Float32Array.from(points), west, north, east, south });
  }
}

/** Draws once into the square of the world. Straight lines of the data stay straight: parallels are borders, great circles are not. */
function taken(shape: GeoPermissibleObjects): Outline[] {
  const square = geoMercator().scale(1 / (2 * Math.PI)).translate([0.5, 0.5]).precision(0);
  const taker = new Taker();
  geoPath(square).context(taker)(shape);
  taker.end();
  return taker.outlines;
}

/** Name of a country by its number of ISO 3166; what has none, e.g. because it is disputed, keeps the name of the atlas. */
function countryName(id: string | number | undefined, name: string, language: string): string {
  const letters = LETTERS.get(String(id));
  return (letters && new Intl.DisplayNames([language], { type: 'region' }).of(letters)) || name;
}

/** Finds the country at a place. */
function finder(world: World): Atlas['country'] {
  // The box of a country tells most of them off; those over the date line have one that goes around.
  const boxed = () => feature(world, world.objects.countries).features.map((shape) => ({ shape, box: geoBounds(shape) }));
  // Made when the first country is asked for: the map is drawn without them.
  let countries: ReturnType<typeof boxed> | null = null;
  return ({ longitude, latitude }, language) => {
    const found = (countries ??= boxed()).find(({ shape, box: [[west, south], [east, north]] }) =>
      latitude >= south && latitude <= north && (west <= east ? longitude >= west && longitude <= east : longitude >= west || longitude <= east)
      && geoContains(shape, [longitude, latitude]));
    return found ? countryName(found.shape.id, found.shape.properties.name, language) : null;
  };
}

/** Makes the outlines of a topology. */
export function atlasOf(world: World): Atlas {
  return {
    land: taken(feature(world, world.objects.land)),
    borders: taken(mesh(world, world.objects.countries, (a, b) => a !== b)),
    country: finder(world),
  };
}

let loading: Promise<Atlas> | null = null;

/** The atlas; read once. */
export function atlas(): Promise<Atlas> {
  loading ??= import('world-atlas/countries-50m.json').then((found) => atlasOf(found.default as World));
  return loading;
}

/** Which sides of the view a point lies beyond. */
const beyond = (x: number, y: number, width: number, height: number): number =>
  (x < 0 ? 1 : x > width ? 2 : 0) | (y < 0 ? 4 : y > height ? 8 : 0);

/** Shapes below this size and steps below this length are not seen. */
const SEEN_PX = 0.6;

/**
 * Draws outlines. Points that lie beyond the same side as both their neighbours change nothing within the view and are
 * left out, so that a near view of a large country costs little.
 */
export function trace(path: Pick<CanvasRenderingContext2D, 'moveTo' | 'lineTo' | 'closePath'>, outlines: readonly Outline[], view: MapView, close: boolean): number {
  const { world_px: k, width_px: width, height_px: height } = view;
  const left = view.x * k - width / 2, top = view.y * k - height / 2;
  let drawn = 0;
  for (const { points, west, north, east, south } of outlines) {
    if (east * k < left || west * k > left + width || south * k < top || north * k > top + height) continue;
    if ((east - west) * k < SEEN_PX && (south - north) * k < SEEN_PX) continue;
    let x = points[0]! * k - left, y = points[1]! * k - top;
    path.moveTo(x, y);
    let lastX = x, lastY = y, last = beyond(x, y, width, height), here = 0;
    x = points[2]! * k - left;
    y = points[3]! * k - top;
    here = beyond(x, y, width, height);
    for (let at = 4; at <= points.length; at += 2) {
      const end = at === points.length;
      const nextX = end ? x : points[at]! * k - left, nextY = end ? y : points[at + 1]! * k - top;
      const next = end ? 0 : beyond(nextX, nextY, width, height);
      const unseen = !end && ((last & here & next) !== 0 || (Math.abs(x - lastX) < SEEN_PX && Math.abs(y - lastY) < SEEN_PX));
      if (!unseen) {
        path.lineTo(x, y);
        drawn += 1;
        [lastX, lastY, last] = [x, y, here];
      }
      [x, y, here] = [nextX, nextY, next];
    }
    if (close) path.closePath();
  }
  return drawn;
}

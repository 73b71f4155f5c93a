// Pictures of the fake case: landscapes drawn from the number of an item, veiled as soft grey light. Nothing real is in them.
import type { RegionView } from '../types';
import type { Items } from './items';
import { spread } from './items';

const uri = (svg: string): string => `data:image/svg+xml,${encodeURIComponent(svg)}`;

/** A veiled picture: two soft lights on a grey ground, as blurred as those of the product. */
export function veiled(items: Items, number: number, look: string): string {
  const [width, height] = items.shape(number);
  const scale = 160 / Math.max(width, height);
  const seed = items.stack(number)?.id ?? number;
  const mean = look.endsWith('light') ? 140 : 106;
  const strength = Number(look.split('-')[0]) || 3;
  const spanOf = (salt: number): number => ((spread(seed, salt) % 61) - 30) * (1 + (3 - strength) * 0.4);
  const grey = (level: number): string => `rgb(${[0, 0, 0].map(() => Math.max(20, Math.min(235, Math.round(level)))).join()})`;
  const w = Math.round(width * scale), h = Math.round(height * scale);
  const at = (salt: number, of: number): number => spread(seed, salt) % of;
  return uri(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}"><defs>` +
    `<linearGradient id="g" x1="0" y1="0" x2=".1" y2="1"><stop offset="0" stop-color="${grey(mean + spanOf(40))}"/>` +
    `<stop offset=".55" stop-color="${grey(mean + 6)}"/><stop offset="1" stop-color="${grey(mean - 26 + spanOf(41) / 2)}"/></linearGradient>` +
    `<radialGradient id="l"><stop offset="0" stop-color="#fff" stop-opacity=".3"/><stop offset="1" stop-color="#fff" stop-opacity="0"/></radialGradient>` +
    `<radialGradient id="d"><stop offset="0" stop-color="#000" stop-opacity=".28"/><stop offset="1" stop-color="#000" stop-opacity="0"/></radialGradient></defs>` +
    `<rect width="100%" height="100%" fill="url(#g)"/>` +
    `<ellipse cx="${at(42, w)}" cy="${at(43, Math.max(1, Math.round(h * 0.6)))}" rx="${w * 0.34}" ry="${h * 0.4}" fill="url(#l)"/>` +
    `<ellipse cx="${at(44, w)}" cy="${Math.round(h * 0.7)}" rx="${w * 0.5}" ry="${h * 0.3}" fill="url(#d)"/></svg>`);
}

function ridge(seed: number, salt: number, w: number, h: number, base: number): string {
  let path = `M0 ${h}`;
  for (let step = 0; step <= 24; step += 1) {
    path += `L${Math.round((w * step) / 24)} ${Math.round(h * base - (spread(seed + step, salt) % Math.round(h * 0.13)))}`;
  }
  return `${path}L${w} ${h}Z`;
}

/** The veiled picture in which only regions are clear and grey. */
export function clearRegions(items: Items, number: number, longest: number, regions: readonly RegionView[], look: string): string {
  const [width, height] = items.shape(number);
  const scale = Math.min(1, longest / Math.max(width, height));
  const w = Math.max(1, Math.round(width * scale)), h = Math.max(1, Math.round(height * scale));
  const shapes = regions.map(({ rectangle, points, picture_width, picture_height }) => {
    const at = points.map(([x, y]) => [(x * w) / picture_width, (y * h) / picture_height] as const);
    const [a, b] = at;
    return rectangle && a && b ? `<rect x="${a[0]}" y="${a[1]}" width="${b[0] - a[0]}" height="${b[1] - a[1]}"/>` : `<polygon points="${at.map((one) => one.join()).join(' ')}"/>`;
  });
  return uri(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}"><clipPath id="c">${shapes.join('')}</clipPath><image href="${veiled(items, number, look)}" width="${w}" height="${h}" preserveAspectRatio="none"/>` +
    `<g clip-path="url(#c)"><image href="${clear(items, number, false, longest, null, look)}" width="${w}" height="${h}" preserveAspectRatio="none"/></g></svg>`);
}

/** A clear picture: hills under a sun; only a circle of it where a part is asked for. */
export function clear(items: Items, number: number, colour: boolean, longest: number, part: readonly [number, number, number] | null, look: string): string {
  const [width, height] = items.shape(number);
  const scale = Math.min(1, longest / Math.max(width, height));
  const w = Math.max(1, Math.round(width * scale)), h = Math.max(1, Math.round(height * scale));
  const seed = items.stack(number)?.id ?? number;
  const tone = (level: number, hue: number): string => `hsl(${hue} ${colour ? 32 : 0}% ${level}%)`;
  const side = Math.max(w, h);
  const clip = part ? `<clipPath id="c"><circle cx="${(part[0] * side) / 1000}" cy="${(part[1] * side) / 1000}" r="${(part[2] * side) / 1000}"/></clipPath>` : '';
  const veil = part ? `<image href="${veiled(items, number, look)}" width="${w}" height="${h}" preserveAspectRatio="none"/>` : '';
  return uri(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}"><defs><linearGradient id="s" x1="0" y1="0" x2="0" y2="1">` +
    `<stop offset="0" stop-color="${tone(42, 214)}"/><stop offset="1" stop-color="${tone(86, 38)}"/></linearGradient>${clip}</defs>${veil}` +
    `<g${part ? ' clip-path="url(#c)"' : ''}><rect width="100%" height="100%" fill="url(#s)"/>` +
    `<circle cx="${Math.round(w * 0.15) + (spread(seed, 50) % Math.max(1, Math.round(w * 0.7)))}" cy="${Math.round(h * 0.28)}" r="${Math.round(h * 0.07)}" fill="${tone(97, 48)}"/>` +
    `<path d="${ridge(seed, 51, w, h, 0.66)}" fill="${tone(60, 220)}"/><path d="${ridge(seed, 52, w, h, 0.78)}" fill="${tone(44, 205)}"/>` +
    `<path d="${ridge(number, 53, w, h, 0.93)}" fill="${tone(27, 150)}"/></g></svg>`);
}

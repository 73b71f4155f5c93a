// Categories of a scheme as the window shows them: key, shape, short name.
import type { CategoryView, SchemeView } from '../backend/types';
import type { Language } from '../words/language.svelte';

/** Shapes in the order of the keys; colour and digit say the same. */
const SHAPES = [
  { path: 'M3.500 1.500h11a2 2 0 0 1 2 2v11a2 2 0 0 1-2 2h-11a2 2 0 0 1-2-2v-11a2 2 0 0 1 2-2Z', drop: 0 },
  { path: 'M9 .6 17.400 9 9 17.400.6 9Z', drop: 0 },
  { path: 'M5 1.600h8L17.200 9 13 16.400H5L.8 9Z', drop: 0 },
  { path: 'M17 9A8 8 0 1 1 1 9a8 8 0 0 1 16 0Z', drop: 0 },
  { path: 'M9 .8l8.300 6.100-3.200 9.800H3.900L.7 6.900Z', drop: 0.5 },
  { path: 'M16.300 9A7.300 7.300 0 1 1 1.700 9a7.300 7.300 0 0 1 14.600 0Z', drop: 0 },
  { path: 'M9 .8 17.600 16.600H.4Z', drop: 2 },
  { path: 'M9 .8 16.400 3v6.200c0 4-3 6.600-7.400 8.200-4.400-1.600-7.400-4.200-7.400-8.200V3Z', drop: -0.3 },
  { path: 'M4.800.8h8.400v4h4v8.400h-4v4H4.800v-4h-4V4.800h4Z', drop: 0 },
] as const;

export interface CategoryLook {
  /** 1 to 9: colour and shape. Categories beyond nine have the ring, and their code instead of a digit. */
  place: number;
  /** Digit of the key, or the code of a category that has no key. */
  sign: string;
  path: string;
  drop: number;
}

/** Looks of a category by its code; a code that the scheme does not have gets the ring and its own text. */
export function look(scheme: SchemeView, code: string): CategoryLook {
  const index = scheme.categories.findIndex((one) => one.code === code);
  const category = scheme.categories[index];
  const place = index >= 0 && index < SHAPES.length && category?.key ? index + 1 : 6;
  const shape = SHAPES[place - 1] ?? SHAPES[5];
  return { place, sign: category?.key ?? code.slice(0, 2), path: shape.path, drop: shape.drop };
}

/** Full name of a category; its code where the scheme does not have it. */
export function categoryName(scheme: SchemeView, code: string, language: Language): string {
  const category = scheme.categories.find((one) => one.code === code);
  return category ? category[language] : code;
}

/** Name without its explanation: what stands before the first colon or bracket, unless that is the code alone. */
export function shortName(category: CategoryView, language: Language): string {
  const full = category[language];
  const colon = full.indexOf(': ');
  const named = colon > 0 && full.slice(0, colon) === category.code ? full.slice(colon + 2) : full;
  const short = named.split(/: | \(/)[0] ?? named;
  return short.charAt(0).toUpperCase() + short.slice(1);
}

/** Short name by code. */
export function categoryShort(scheme: SchemeView, code: string, language: Language): string {
  const category = scheme.categories.find((one) => one.code === code);
  return category ? shortName(category, language) : code;
}

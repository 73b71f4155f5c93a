// Items of the fake case. Everything of an item follows from its number, so a case of a million costs only its decisions.
import type { SchemeView } from '../types';

/** Spreads a number over 32 bits; the same number always gives the same. */
export function spread(number: number, salt = 0): number {
  let x = (number + Math.imul(salt + 1, 0x9e3779b1)) >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b) >>> 0;
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35) >>> 0;
  return (x ^ (x >>> 16)) >>> 0;
}

export const SOURCES = ['A01 telefoon', 'A02 laptop', 'A03 usb-stick', 'A04 netwerkschijf'] as const;
export const CAMERAS = ['none', 'iPhone 12', 'Galaxy A52', 'EOS 2000D', 'Pixel 6', 'DMC-TZ80'] as const;
export const FOLDERS = ['DCIM/104APPLE', 'Users/r/Camera Uploads', 'map 7', 'Pictures/2024/08', 'backup/<b>map</b>'] as const;
const SHAPES = [[4032, 3024], [3024, 4032], [4032, 3024], [6000, 2400], [1600, 1600], [1080, 1920]] as const;
const WEIGHTS = [23, 52, 62, 100] as const;

export type Reason = 'new' | 'returned-withdrawn' | 'conflict' | 'decided';
export type Kind = 'shown' | 'hidden' | 'refused';

export interface Counts {
  shown: number;
  hidden: number;
  refused: number;
}

/** Attributes of items; numbers run from 1: first those shown, some of them refused, then those hidden. */
export class Items {
  constructor(readonly counts: Counts) {}

  get last(): number {
    return this.counts.shown + this.counts.refused + this.counts.hidden;
  }

  kind(number: number): Kind {
    const { shown, refused } = this.counts;
    if (number > shown + refused) return 'hidden';
    // Refused items are spread among the shown ones.
    const every = refused > 0 ? Math.floor((shown + refused) / refused) : 0;
    return every > 0 && number % every === Math.min(21, every - 1) && Math.floor(number / every) < refused ? 'refused' : 'shown';
  }

  source(number: number): number {
    const at = spread(Math.floor(number / 90), 1) % 100;
    return WEIGHTS.findIndex((weight) => at < weight);
  }

  folder(number: number): number {
    return spread(Math.floor(number / 60), 2) % FOLDERS.length;
  }

  camera(number: number): number {
    const at = spread(Math.floor(number / 50), 3) % 100;
    return at < 58 ? 0 : at < 80 ? 1 : at < 91 ? 2 : at < 95 ? 3 : at < 98 ? 4 : 5;
  }

  year(number: number): number | null {
    const at = spread(Math.floor(number / 45), 4) % 29;
    return at === 28 ? null : 2019 + Math.floor(Math.sqrt(at * 2.3)) % 8;
  }

  size(number: number): number {
    return 20_000 + (spread(number, 5) % 9_000_000);
  }

  video(number: number): boolean {
    return spread(number, 6) % 29 === 0;
  }

  shape(number: number): readonly [number, number] {
    return SHAPES[spread(this.stack(number)?.id ?? number, 7) % SHAPES.length] ?? SHAPES[0];
  }

  /** Look-alikes lie beside each other: at the head of every third run of forty. */
  stack(number: number): { id: number; first: number; size: number } | null {
    const run = Math.floor(number / 40);
    const size = 2 + (spread(run, 8) % 37);
    return run % 3 === 0 && number % 40 < size && size > 1 ? { id: run, first: run * 40, size } : null;
  }

  /** Distance to known material, for one in about thirty. */
  near(number: number): number | null {
    return spread(number, 9) % 31 === 7 ? 4 + (spread(number, 10) % 27) : null;
  }

  nearCategory(scheme: SchemeView, number: number): string | null {
    if (spread(number, 11) % 9 === 0) return null;
    return scheme.categories[spread(number, 12) % Math.min(3, scheme.categories.length)]?.code ?? null;
  }

  reason(number: number): Reason {
    const at = spread(number, 13) % 1180;
    return at === 0 ? 'returned-withdrawn' : at < 4 ? 'conflict' : 'new';
  }

  sha256(number: number): string {
    return [20, 21, 22, 23, 24, 25, 26, 27].map((salt) => spread(number, salt).toString(16).padStart(8, '0')).join('');
  }

  path(number: number): string {
    return `${FOLDERS[this.folder(number)] ?? ''}/IMG_${(spread(number, 14) % 9000) + 1000}.${this.video(number) ? 'MP4' : 'JPG'}`;
  }

  taken(number: number): string | null {
    const year = this.year(number);
    if (year === null) return null;
    const part = (salt: number, modulus: number): string => ((spread(number, salt) % modulus) + 1).toString().padStart(2, '0');
    return `${year}-${part(30, 12)}-${part(31, 28)} ${part(32, 22)}:${part(33, 58)}:${part(34, 58)}`;
  }
}

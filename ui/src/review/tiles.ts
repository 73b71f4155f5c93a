// What is said of a tile in words, and where its veiled picture is.
import { mediaUrl } from '../backend';
import type { SchemeView, Tile } from '../backend/types';
import { m } from '../paraglide/messages.js';
import { categoryName, categoryShort } from '../parts/categories';
import { shortReason } from '../words/sentences';
import { count, words } from '../words/language.svelte';

/** Look that the program veils by: strength and theme. */
export const look = (strength: number, theme: string): string => `${strength}-${theme}`;

/** Address of the veiled picture of an item, small or for the loupe. */
export const veiledUrl = (epoch: string, number: number, of: string, kind: 'tile' | 'loupe' = 'tile'): string =>
  mediaUrl(`${epoch}/${kind}/${number}?${of}`);

/** Makes an element show the picture at an address. One element serves many items, so that scrolling leaves no garbage; its
 *  address is taken away between two of them and at the end, because the picture of before would else stay until the new one
 *  is there, and the webview would keep its pixels until it collects what is no longer used. */
export const shows = (address: string) => (node: HTMLImageElement): (() => void) => {
  // One that does not come, e.g. of an item that was hidden meanwhile, is an empty place and no sign of the browser.
  node.onload = () => node.removeAttribute('data-gone');
  node.onerror = () => node.setAttribute('data-gone', '');
  node.src = address;
  return () => node.removeAttribute('src');
};

/** Size at which a picture fits into a box, whole. */
export function fitInto(tile: Pick<Tile, 'width' | 'height'>, width: number, height: number): { width: number; height: number } {
  const w = tile.width ?? 4, h = tile.height ?? 3;
  if (w <= 0 || h <= 0) return { width, height };
  const scale = Math.min(width / w, height / h);
  return { width: Math.max(1, Math.round(w * scale)), height: Math.max(1, Math.round(h * scale)) };
}

/** Name of a tile for a screen reader: number, category, suggestion, stack, marks. Never what is in the picture. */
export function tileName(tile: Tile, scheme: SchemeView): string {
  const parts: string[] = [m.tile_name({ n: count(tile.number) })];
  if (tile.refused) parts.push(shortReason(tile.refused.code));
  else parts.push(tile.category ? categoryName(scheme, tile.category, words.language) : m.tile_undecided());
  if (tile.suggestion) parts.push(tile.suggestion.category ? m.tile_suggestion({ category: categoryShort(scheme, tile.suggestion.category, words.language) }) : m.tile_suggestion_none());
  if (tile.stack) parts.push(m.tile_stack({ n: count(tile.stack) }));
  const marks: Array<[boolean, () => string]> = [
    [tile.bookmark, m.tile_bookmark], [tile.handover, m.tile_handover], [tile.note, m.tile_note], [tile.returned, m.tile_returned],
    [tile.odd, m.tile_odd], [tile.seen, m.tile_seen], [!tile.has_picture && !tile.refused, m.tile_no_picture],
  ];
  for (const [on, text] of marks) if (on) parts.push(text());
  return parts.join(', ');
}

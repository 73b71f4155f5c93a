// Where clear bytes come into the page and go out of it: the one place, whoever asks for them. Controllers say when; here it is done.
import { call, mediaUrl, windowError } from '../backend';
import type { Ticket } from '../backend/types';
import type { Clear } from './reveal';

export const PICTURE_MIN_PX = 64;
export const PICTURE_MAX_PX = 8_192;

/** What is clear in the page, or on its way: each is here until its bytes were let go. */
const held = new Set<Clear<HTMLImageElement>>();

/** Longer side in the pixels of the screen, within what can be asked for. */
export const longestPx = (cssPx: number): number =>
  Math.min(PICTURE_MAX_PX, Math.max(PICTURE_MIN_PX, Math.ceil(cssPx * (window.devicePixelRatio || 1))));

/** Draws a ticket and takes its picture. Once the signal says so, or something fails, nothing of it is left. */
export async function clearOf(draw: () => Promise<Ticket>, signal: AbortSignal): Promise<Clear<HTMLImageElement>> {
  const ticket = await draw();
  const picture = new Image();
  const clear: Clear<HTMLImageElement> = { ticket: ticket.ticket, picture, small: ticket.small };
  held.add(clear);
  signal.addEventListener('abort', () => letGo(clear), { once: true });
  try {
    if (signal.aborted) throw windowError('let go');
    picture.alt = '';
    picture.draggable = false;
    picture.src = mediaUrl(ticket.path);
    await picture.decode();
  } catch (thrown) {
    letGo(clear);
    throw thrown;
  }
  return clear;
}

/** Lets the bytes go, in the page and in the program. */
export function letGo(clear: Clear<HTMLImageElement>): void {
  if (!held.delete(clear)) return;
  clear.picture.remove();
  clear.picture.removeAttribute('src');
  void call('reveal_end', { ticket: clear.ticket }).catch(() => undefined);
}

/** Lets all go, whatever a controller believes: before a lock, nothing may be left to chance. */
export function letAllGo(): void {
  for (const clear of [...held]) letGo(clear);
}

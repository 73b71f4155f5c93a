// The saved regions of the item on the desk, clear: the controller of `clearRegions.ts`, with real pictures.
import { call, mediaUrl, windowError } from '../backend';
import type { WindowError } from '../backend/types';
import { Regions, type ClearRegions, type RegionSight, type RegionsWish } from './clearRegions';

const PICTURE_MIN_PX = 64;
const PICTURE_MAX_PX = 8_192;

class ClearOnDesk {
  sight: RegionSight<HTMLImageElement> = $state.raw({ phase: 'veiled' });
  private readonly ended = new WeakSet<ClearRegions<HTMLImageElement>>();
  private readonly regions = new Regions<HTMLImageElement>({
    ask: (wish, signal) => this.ask(wish, signal),
    end: (clear) => this.end(clear),
    changed: () => (this.sight = this.regions.sight),
  });

  want(wish: RegionsWish | null): void {
    this.regions.want(wish);
  }

  error(): WindowError | null {
    return this.sight.phase === 'failed' ? windowError(this.sight.error) : null;
  }

  private async ask(wish: RegionsWish, signal: AbortSignal): Promise<ClearRegions<HTMLImageElement>> {
    const longestPx = Math.min(PICTURE_MAX_PX, Math.max(PICTURE_MIN_PX, Math.ceil(wish.longest * (window.devicePixelRatio || 1))));
    const ticket = await call('regions_reveal', { lead: wish.lead, number: wish.number, longestPx });
    const picture = new Image();
    const clear: ClearRegions<HTMLImageElement> = { ticket: ticket.ticket, picture, small: ticket.small };
    signal.addEventListener('abort', () => this.end(clear), { once: true });
    if (signal.aborted) {
      this.end(clear);
      throw windowError('let go');
    }
    picture.alt = '';
    picture.draggable = false;
    picture.src = mediaUrl(ticket.path);
    try {
      await picture.decode();
    } catch (thrown) {
      this.end(clear);
      throw thrown;
    }
    return clear;
  }

  /** Bytes are released in the page and in the program. */
  private end(clear: ClearRegions<HTMLImageElement>): void {
    if (this.ended.has(clear)) return;
    this.ended.add(clear);
    clear.picture.remove();
    clear.picture.removeAttribute('src');
    void call('reveal_end', { ticket: clear.ticket }).catch(() => undefined);
  }
}

export const clearOnDesk = new ClearOnDesk();

// The saved regions of the item on the desk, clear: the controller of `clearRegions.ts`, with real pictures.
import { call, windowError } from '../backend';
import type { WindowError } from '../backend/types';
import { clearOf, letGo, longestPx } from '../review/clearBytes';
import { Regions, type RegionSight, type RegionsWish } from './clearRegions';

class ClearOnDesk {
  sight: RegionSight<HTMLImageElement> = $state.raw({ phase: 'veiled' });
  private readonly regions = new Regions<HTMLImageElement>({
    ask: ({ lead, number, longest }, signal) => clearOf(() => call('regions_reveal', { lead, number, longestPx: longestPx(longest) }), signal),
    end: letGo,
    changed: () => (this.sight = this.regions.sight),
  });

  want(wish: RegionsWish | null): void {
    this.regions.want(wish);
  }

  error(): WindowError | null {
    return this.sight.phase === 'failed' ? windowError(this.sight.error) : null;
  }
}

export const clearOnDesk = new ClearOnDesk();

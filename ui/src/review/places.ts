// Back and forward over views, as a browser does it: each place is a query and the item that was in the ring.
import type { ViewQuery } from '../backend/types';

/** Places that are kept. */
const PLACES_MAX = 100;

export interface Place {
  query: ViewQuery;
  /** Item in the ring; null before anything was seen. */
  anchor: number | null;
}

export class Places {
  private list: Place[] = [];
  private at = -1;

  get canBack(): boolean {
    return this.at > 0;
  }

  get canForward(): boolean {
    return this.at < this.list.length - 1;
  }

  /** A new place; what lay ahead is gone. */
  go(place: Place): void {
    this.list = [...this.list.slice(0, this.at + 1), place].slice(-PLACES_MAX);
    this.at = this.list.length - 1;
  }

  /** Notes where the ring is, before it is left. */
  keep(anchor: number | null): void {
    const here = this.list[this.at];
    if (here) this.list[this.at] = { ...here, anchor };
  }

  back(): Place | null {
    if (!this.canBack) return null;
    this.at -= 1;
    return this.list[this.at] ?? null;
  }

  forward(): Place | null {
    if (!this.canForward) return null;
    this.at += 1;
    return this.list[this.at] ?? null;
  }
}

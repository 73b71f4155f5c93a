// What the regions of the lead on the desk look like elsewhere: in this case, and by the index over cases where it was opened.
import { call } from '../backend';
import type { LinkLine, RegionLine } from '../backend/types';

/** Pause before it is asked for the regions that nobody has looked at yet, milliseconds. */
const AGAIN_MS = 200;

class Seen {
  /** Lead that the lines are of. */
  lead: number | null = $state(null);
  lines: RegionLine[] = $state.raw([]);
  /** Regions of the case that are still being looked at. */
  waiting = $state(0);
  /** Grows with each question: what was asked under an older one is dropped when it comes. */
  private turn = 0;

  /** Asks what the regions of a lead look like, until all of the case have been looked at. */
  async load(lead: number): Promise<void> {
    this.turn += 1;
    const turn = this.turn;
    if (this.lead !== lead) {
      this.lead = lead;
      this.lines = [];
    }
    for (;;) {
      const found = await call('lead_regions', { lead });
      if (turn !== this.turn) return;
      const before = this.waiting;
      this.lines = found.lines;
      this.waiting = found.waiting;
      // What does not become less is held up by something else: the next visit asks again.
      if (found.waiting === 0 || (before > 0 && found.waiting >= before)) return;
      await new Promise((done) => setTimeout(done, AGAIN_MS));
      if (turn !== this.turn) return;
    }
  }

  /** Nothing of a case stays. */
  drop(): void {
    this.turn += 1;
    this.lead = null;
    this.lines = [];
    this.waiting = 0;
  }
}

export const seen = new Seen();

/** Links with other cases that a lead, or a region that it rests on, has for an end. */
export const acrossOf = (lines: readonly LinkLine[], lead: number): LinkLine[] =>
  lines.filter(({ from, to }) => [from, to].some((end) => (end.end === 'lead' || end.end === 'region') && end.lead === lead));

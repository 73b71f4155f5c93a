// Leads as every page knows them: how many are followed, and whether a child may be at risk now. That flag stays on every
// page until somebody has taken it, so it is asked for again after every change of the counts.
import { call } from '../backend';
import type { LeadLine } from '../backend/types';
import { session } from './session.svelte';

/** Milliseconds between two questions for all leads: while a source is loaded counts change all the time. */
const LINES_EVERY_MS = 1_000;

class LeadWatch {
  /** Leads whose flag is up, or was taken. */
  flagged: LeadLine[] = $state.raw([]);
  /** All leads; null before they were asked for. */
  lines: LeadLine[] | null = $state.raw(null);

  private asking = false;
  private again = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** Grows when a case goes: what was asked before that is dropped. */
  private turn = 0;

  constructor() {
    session.on((event) => {
      if (event.event === 'counts') this.changed();
      else if (event.event === 'locked') this.drop();
    });
  }

  /** Leads for whom a child may be at risk now, and that nobody has taken. */
  get atRisk(): LeadLine[] {
    return this.flagged.filter((line) => line.risk === 'now');
  }

  /** Leads that are not closed. */
  get followed(): number {
    return this.lines?.filter((line) => line.state !== 'closed').length ?? 0;
  }

  /** A case was opened or unlocked. */
  begin(): void {
    this.changed();
  }

  /** Nothing of a case stays: it was locked or closed. */
  drop(): void {
    this.turn += 1;
    clearTimeout(this.timer);
    this.timer = undefined;
    this.asking = this.again = false;
    this.flagged = [];
    this.lines = null;
  }

  /** Something has changed: the flags are asked for at once, the list soon. */
  changed(): void {
    if (!session.head || session.locked) return;
    void this.askFlags();
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      void this.askLines();
    }, this.lines === null ? 0 : LINES_EVERY_MS);
  }

  /** Asks for all leads now, e.g. after one was changed here. */
  async askLines(): Promise<void> {
    const turn = this.turn;
    try {
      const lines = await call('leads', {});
      if (turn === this.turn) this.lines = lines;
    } catch {
      // What was known stays; the next change asks again.
    }
  }

  async askFlags(): Promise<void> {
    if (this.asking) {
      this.again = true;
      return;
    }
    this.asking = true;
    const turn = this.turn;
    try {
      const flagged = await call('risks', {});
      if (turn === this.turn) this.flagged = flagged;
    } catch {
      // A flag that was seen does not go because a question failed.
    }
    if (turn !== this.turn) return;
    this.asking = false;
    if (this.again) {
      this.again = false;
      void this.askFlags();
    }
  }
}

export const leadWatch = new LeadWatch();

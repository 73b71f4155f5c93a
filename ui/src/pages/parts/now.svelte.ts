// The time that it is, for pages that say "today" or count minutes: one clock, looked at a few times a minute.

/** Seconds between two looks. */
const EVERY_S = 15;

class Now {
  at: Date = $state.raw(new Date());

  /** Begins to look; the answer ends it. */
  begin(): () => void {
    const timer = setInterval(() => { this.at = new Date(); }, EVERY_S * 1000);
    return () => clearInterval(timer);
  }
}

export const now = new Now();

// What lies over the page: one dialog of the program at a time, and the neutral page of "stop now".

/** Dialogs that can be asked for from anywhere; those of one page are the page's own. */
export type Overlay = 'keys' | 'commands' | null;

class Overlays {
  /** Dialog that is open, if any. */
  open: Overlay = $state(null);
  /** True while the neutral page is shown: "stop now" or a break. */
  stopped = $state(false);
  /** Number of dialogs on the page, whoever opened them: a reveal ends and keys go to the dialog while it is above 0. */
  dialogs = $state(0);

  /** Drops everything: on lock. */
  drop(): void {
    this.open = null;
    this.stopped = false;
  }
}

export const overlays = new Overlays();

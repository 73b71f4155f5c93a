// Which case the review was begun on, and what a lock does with it, whether the review is on the page or a blank one is.
import { session } from '../shell/session.svelte';
import { decisions } from './decide.svelte';
import { details } from './detail.svelte';
import { sights } from './sight.svelte';
import { stage } from './stage.svelte';
import { view } from './view.svelte';

/** Opening of a case that the review was begun on; empty when it begins anew. */
export const begun = { on: '' };

/** A person in a case. */
export const whose = (): string => `${session.head?.dir} ${session.head?.user}`;

/** Locked: nothing of the case stays in the window but where she was. */
export function suspend(): void {
  if (begun.on === '') return;
  begun.on = '';
  sights.away();
  view.suspend(whose());
  decisions.drop();
  stage.drop();
  details.want(null);
}

session.on((event) => {
  if (event.event === 'locked') suspend();
});

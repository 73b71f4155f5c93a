// What the page of links holds: links of the case, those of the index over cases, order, filters, and what is chosen.
import { call } from '../backend';
import type { LabelView, LinkEnd, LinkLine } from '../backend/types';
import { labelName } from '../desk/labels';
import { m } from '../paraglide/messages.js';
import { count, words } from '../words/language.svelte';
import { endKey, endsOf, inOrder, kindsOf, pressed, type Column, type Order } from './logic/links';
import { endName, sharedText } from './words';

class Links {
  /** Links of the case, or of one lead. */
  own: LinkLine[] | null = $state.raw(null);
  /** Links with other cases; null until an index was opened. */
  across: LinkLine[] | null = $state.raw(null);
  /** The index that was opened, for the words of the page; it goes with the lock. */
  index = $state('');
  /** Labels of the vocabulary: links name them by their codes. */
  private labels: LabelView[] = $state.raw([]);
  order: Order = $state.raw({ column: 'kind', descending: false });
  kind: string | null = $state(null);
  end: string | null = $state(null);
  /** Row that is chosen, in the rows as they are shown. */
  at = $state(0);

  readonly all: LinkLine[] = $derived([...(this.across ?? []), ...(this.own ?? [])]);
  readonly kinds = $derived(kindsOf(this.all));
  readonly ends = $derived(endsOf(this.all));
  readonly rows: LinkLine[] = $derived(inOrder(
    this.all.filter((line) => (this.kind === null || line.kind === this.kind) && (this.end === null || endKey(line.from) === this.end || endKey(line.to) === this.end)),
    this.order, endName));
  readonly chosen: LinkLine | undefined = $derived(this.rows[this.at]);

  async load(lead: number | null): Promise<void> {
    const before = this.own;
    this.own = await call('links', { lead });
    // Back from an item the same row is chosen, as long as there are as many.
    if (before?.length !== this.own.length) this.at = 0;
    // Without the vocabulary codes stand as they are.
    if (this.labels.length === 0) this.labels = await call('vocabulary', {}).then((found) => found.labels, () => []);
  }

  /** Looks in the index; the program writes into the log that it was opened. */
  async open(index: string): Promise<void> {
    this.across = await call('links_across', { index });
    this.index = index;
    this.at = 0;
  }

  close(): void {
    this.across = null;
    this.index = '';
    this.at = 0;
  }

  head(column: Column): void {
    this.order = pressed(this.order, column);
    this.at = 0;
  }

  only(kind: string | null): void {
    this.kind = kind;
    this.at = 0;
  }

  onlyEnd(end: LinkEnd | null): void {
    this.end = end ? endKey(end) : null;
    this.at = 0;
  }

  isAcross(line: LinkLine): boolean {
    return line.from.end === 'case' || line.to.end === 'case';
  }

  /** What a link rests on, in words. */
  valueOf(line: LinkLine): string {
    if (line.distance !== null) return m.links_distance({ n: count(line.distance) });
    if (line.kind !== 'label') return sharedText(line);
    const { group, name } = labelName(this.labels, line.value, words.language);
    return group === '' ? name : `${group}: ${name}`;
  }

  /** Nothing of a case stays. */
  drop(): void {
    this.own = null;
    this.labels = [];
    this.close();
    this.kind = null;
    this.end = null;
  }
}

export const linked = new Links();

// Decisions: each keystroke in its order, the number known before, a preview where much or other people's work is at stake.
import { call, windowError } from '../backend';
import type { DecidePreview, Mark, Others, Target, Tile, UndoLabel, UndoState, WindowError } from '../backend/types';
import { session } from '../shell/session.svelte';
import { actsOn, named, ONE_BY_ONE_MAX, suggested, type ActsOn, type Standing } from './acts';
import { notes } from './notes.svelte';
import { Queue } from './queue';
import { places, size } from './selection';
import { sights } from './sight.svelte';
import { stage } from './stage.svelte';
import { view } from './view.svelte';

/** Items that are asked for by number at once, as the program gives them. */
const NUMBERS_MAX = 100_000;
/** Operations whose items are remembered, so that undo goes back to where it was. */
const REMEMBERED_MAX = 500;
/** Items that a lead is given at once. */
const LEAD_ITEMS_MAX = 10_000;

/** A decision that is shown before it is made. `category: undefined` until one is chosen. */
export interface Asked {
  target: Target;
  category: string | null | undefined;
  preview: DecidePreview;
  stack: boolean;
  answer: (made: { category: string | null; others: Others; target: Target } | null) => void;
}

class Decisions {
  undoState: UndoState = $state.raw({ undo: null, redo: null });
  /** What went wrong with the last key, in place; the item stays where it is. */
  error: WindowError | null = $state.raw(null);
  /** Keys that waited behind it and were not done. */
  dropped = $state(0);
  /** Something that a key could not do, and why: `limit-one-by-one`, `no-suggestion`, `nothing-left`. */
  remark: string | null = $state(null);
  asked: Asked | null = $state.raw(null);
  /** The note that is written. */
  noting: { number: number; text: string } | null = $state.raw(null);
  /** Category that was given last. */
  last: string | null = $state(null);
  private readonly remembered = new Map<number, number>();

  readonly queue = new Queue((thrown, dropped) => {
    this.error = windowError(thrown);
    this.dropped = dropped;
  });

  standing(): Standing {
    void view.version;
    const picture = stage.mode === 'loupe' ? (view.ringTile ?? null) : stage.mode === 'compare' ? (stage.compared[stage.comparedRing] ?? null) : null;
    return {
      mode: stage.mode, view: view.head?.view ?? -1, total: view.total, stacked: view.query.stacked, ring: view.ring, runs: view.hand.runs, picture,
      tile: (index) => view.rows.at(index),
    };
  }

  get actsOn(): ActsOn {
    return actsOn(this.standing());
  }

  /** Tiles that keys act on, as far as they are kept; for what the panel says. */
  keptTiles(): Tile[] {
    const { mode, picture, runs, ring, tile } = this.standing();
    if (mode !== 'grid') return picture ? [picture] : [];
    const indexes = size(runs) === 0 ? [ring] : size(runs) <= ONE_BY_ONE_MAX ? places(runs) : [];
    return indexes.flatMap((index) => tile(index) ?? []);
  }

  /** Puts a step behind all that were pressed before. */
  step(what: () => void | Promise<void>): void {
    this.queue.push(what);
  }

  async begin(): Promise<void> {
    [this.undoState] = await Promise.all([call('undo_state', {}), notes.begin()]);
  }

  drop(): void {
    this.queue.drop();
    this.asked?.answer(null);
    this.asked = null;
    this.noting = null;
    notes.drop();
    this.error = null;
    this.remark = null;
    this.remembered.clear();
    this.undoState = { undo: null, redo: null };
  }

  // What keys do; each runs as a step

  /** Gives a category to what keys act on; null clears. */
  async decide(category: string | null): Promise<void> {
    this.clean();
    const target = await this.target();
    if (!target) return;
    await this.decideOn(target, category);
  }

  /** Decides a stack as a whole, after it was looked at. Without a category the person chooses one there. */
  async decideStack(category: string | null | undefined): Promise<void> {
    this.clean();
    const tile = this.ringed();
    if (!tile) return;
    const target: Target = { kind: 'stack', number: tile.number, except: [] };
    const preview = await call('decide_preview', { target, category: category ?? null });
    if (preview.items < 2) {
      this.remark = 'no-stack';
      return;
    }
    if (category === undefined) await this.ask(target, undefined, true, preview);
    else await this.ask(target, category, true, preview);
  }

  async accept(): Promise<void> {
    this.clean();
    const tiles = await this.tiles();
    if (!tiles) return;
    const { by, items } = suggested(tiles);
    if (items === 0) {
      this.remark = 'no-suggestion';
      return;
    }
    const last = Math.max(...tiles.map((tile) => tile.index));
    const previewOf = (numbers: number[], category: string): Promise<DecidePreview> => call('decide_preview', { target: { kind: 'items', numbers }, category });
    const [first] = by.keys();
    // Many suggestions are many decisions, however few each category gets; one alone needs no look ahead.
    const much = first !== undefined && items > 1 && (await previewOf([...by.values()].flat(), first)).ask;
    for (const [category, numbers] of by) {
      const target: Target = { kind: 'items', numbers };
      const made = much ? await this.asks(target, category, false, await previewOf(numbers, category)) : { target, category, others: 'keep' as const };
      if (!made) return;
      await this.make(made.target, made.category, made.others);
    }
    await this.after(first ?? null, last);
  }

  async notAlike(): Promise<void> {
    this.clean();
    const tiles = await this.tiles();
    const alike = tiles ? suggested(tiles).alike : [];
    if (alike.length === 0) {
      if (tiles) this.remark = 'no-suggestion';
      return;
    }
    await this.mark({ kind: 'items', numbers: alike }, 'not-alike', true);
  }

  /** Sets a mark, or takes it off where all have it. */
  async toggleMark(mark: 'bookmark' | 'handover'): Promise<void> {
    this.clean();
    const target = await this.target();
    const kept = this.keptTiles();
    if (target) await this.mark(target, mark, kept.length === 0 || !kept.every((tile) => tile[mark]));
  }

  async takeOutOfStack(): Promise<void> {
    this.clean();
    const tile = this.ringed();
    if (!tile) return;
    await this.mark({ kind: 'items', numbers: [tile.number] }, 'out-of-stack', true);
  }

  /** Selects what is undecided of the page that is seen, so that the next key acts on it and the deck says on how many. */
  rest(): void {
    const whole = view.whole;
    if (!whole || stage.mode !== 'grid') return;
    let hand = { ...view.hand, runs: [] as typeof view.hand.runs, from: null };
    for (let index = whole.first; index <= whole.last; index += 1) {
      const tile = view.rows.at(index);
      if (tile?.category === null && tile.state === 'shown') hand = { ...hand, runs: [...hand.runs, [index, index]] };
    }
    // Neighbours become one run, so that the program can be told in one word.
    hand.runs = hand.runs.reduce<Array<readonly [number, number]>>((runs, run) => {
      const last = runs.at(-1);
      if (last && last[1] === run[0] - 1) runs[runs.length - 1] = [last[0], run[1]];
      else runs.push(run);
      return runs;
    }, []);
    view.hand = hand;
    this.remark = hand.runs.length === 0 ? 'nothing-left-here' : null;
  }

  async undo(): Promise<void> {
    this.clean();
    await this.turned(await call('undo', {}));
  }

  async redo(): Promise<void> {
    this.clean();
    await this.turned(await call('redo', {}));
  }

  /** Opens the note of the item in the ring. The queue waits until it is written. */
  async note(): Promise<void> {
    this.clean();
    const tile = this.ringed();
    if (!tile) return;
    const detail = await call('item', { number: tile.number });
    this.noting = { number: tile.number, text: detail.notes[0]?.text ?? '' };
  }

  /** Numbers of the items that keys act on, for a lead; null, and a remark where they are too many. */
  async numbersForLead(): Promise<number[] | null> {
    this.clean();
    const standing = this.standing();
    const acts = actsOn(standing);
    if (acts.on === 'nothing') return null;
    if (acts.on === 'picture' || acts.on === 'ring') return [acts.number];
    const many = acts.on === 'stack' ? 1 : acts.tiles;
    if (many > LEAD_ITEMS_MAX) {
      this.remark = 'limit-lead';
      return null;
    }
    if (standing.stacked) {
      const tiles = await this.tiles();
      return tiles ? this.unstacked(tiles) : null;
    }
    const numbers = await Promise.all(standing.runs.map(([first, last]) => call('view_numbers', { view: standing.view, start: first, count: last - first + 1 })));
    return numbers.flat();
  }

  /** Opens a note that somebody was writing. */
  goOnWith(number: number): void {
    this.noting = { number, text: notes.of(number) ?? '' };
  }

  /** Closes the note without saving. A lock closes it too, and what was typed waits for the same person. */
  leaveNote(): void {
    if (this.noting && !session.locked) notes.forget(this.noting.number);
    this.noting = null;
  }

  async saveNote(number: number, text: string): Promise<void> {
    await call('note', { number, text });
    notes.forget(number);
    view.rows.patch([number], (tile) => ({ ...tile, note: text !== '' }));
    this.noting = null;
    await this.changed();
  }

  /** Goes to the next undecided after a place; says so when nothing is left. */
  async toNext(after: number = view.ring): Promise<void> {
    const next = await view.nextUndecided(after);
    if (next === null) this.remark = 'nothing-left';
    else if (next !== view.ring) this.leaveFor(next);
  }

  // How it is done

  private clean(): void {
    this.error = null;
    this.dropped = 0;
    this.remark = null;
  }

  private ringed(): Tile | undefined {
    return stage.mode === 'compare' ? stage.compared[stage.comparedRing] : view.ringTile;
  }

  private async target(): Promise<Target | null> {
    const standing = this.standing();
    const how = named(standing);
    if (!how) return null;
    if ('target' in how) return how.target;
    if (standing.stacked) {
      const tiles = await this.tiles();
      return tiles ? { kind: 'items', numbers: await this.unstacked(tiles) } : null;
    }
    if (size(how.runs) > NUMBERS_MAX) {
      this.remark = 'limit-numbers';
      return null;
    }
    const numbers = await Promise.all(how.runs.map(([first, last]) => call('view_numbers', { view: standing.view, start: first, count: last - first + 1 })));
    return { kind: 'items', numbers: numbers.flat() };
  }

  /** All items behind tiles of a stacked view. */
  private async unstacked(tiles: readonly Tile[]): Promise<number[]> {
    const all: number[] = [];
    for (const tile of tiles) {
      if ((tile.stack ?? 1) < 2) all.push(tile.number);
      else all.push(...(await call('item', { number: tile.number })).stack);
    }
    return all;
  }

  /** Tiles that keys act on, one by one; null, and a remark, when they are too many. */
  private async tiles(): Promise<Tile[] | null> {
    const { mode, picture, runs, ring } = this.standing();
    if (mode !== 'grid') return picture ? [picture] : null;
    if (size(runs) > ONE_BY_ONE_MAX) {
      this.remark = 'limit-one-by-one';
      return null;
    }
    if (size(runs) === 0) return view.rows.run(ring, view.total > 0 ? 1 : 0);
    const parts = await Promise.all(runs.map(([first, last]) => view.rows.run(first, last - first + 1)));
    return parts.flat();
  }

  private async decideOn(target: Target, category: string | null): Promise<void> {
    const last = Math.max(view.ring, view.hand.runs.at(-1)?.[1] ?? -1);
    const single = target.kind === 'items' && target.numbers.length === 1 ? this.ringed() : undefined;
    // One's own or an undecided item needs no look ahead; anything else might change what somebody else decided.
    const plain = single !== undefined && (single.category === null || single.own || single.category === category);
    if (!plain) {
      const preview = await call('decide_preview', { target, category });
      if (preview.ask) {
        await this.ask(target, category, false, preview);
        return;
      }
    }
    await this.make(target, category, 'keep');
    await this.after(category, last);
  }

  /** Shows what would be done, and does what the person answers. */
  private async ask(target: Target, category: string | null | undefined, stack: boolean, preview: DecidePreview): Promise<void> {
    const last = Math.max(view.ring, view.hand.runs.at(-1)?.[1] ?? -1);
    const made = await this.asks(target, category, stack, preview);
    if (!made) return;
    await this.make(made.target, made.category, made.others);
    await this.after(made.category, last);
  }

  /** Shows what would be done; gives the answer, or null when it is not to be. */
  private async asks(target: Target, category: string | null | undefined, stack: boolean, preview: DecidePreview): Promise<Parameters<Asked['answer']>[0]> {
    const made = await new Promise<Parameters<Asked['answer']>[0]>((answer) => {
      sights.veil();
      this.asked = { target, category, preview, stack, answer };
    });
    this.asked = null;
    // Keys that were typed ahead were meant for what would have come.
    if (!made) this.queue.drop();
    return made;
  }

  private async make(target: Target, category: string | null, others: Others): Promise<void> {
    const done = await call('decide', { target, category, others, note: null });
    if (category !== null) this.last = category;
    if (done.operation !== null) this.remember(done.operation, target);
    if (target.kind === 'items' && target.numbers.length === 1 && done.kept === 0) {
      view.rows.patch(target.numbers, (tile) => ({ ...tile, category, own: category !== null, suggestion: category === null ? tile.suggestion : null }));
      this.patchCompared(target.numbers[0]!, category);
      if (category === null) view.rows.stale();
    } else {
      view.rows.stale();
      await this.askCompared();
    }
    await this.changed();
  }

  private async mark(target: Target, mark: Mark, on: boolean): Promise<void> {
    const done = await call('mark', { target, mark, on });
    if (done.operation !== null) this.remember(done.operation, target);
    view.rows.stale();
    await this.changed();
  }

  private async after(category: string | null, last: number): Promise<void> {
    view.letGo();
    if (category !== null) await this.advance(last);
  }

  /** Moves on to the next undecided, where the person wants it. */
  private async advance(after: number): Promise<void> {
    if (stage.mode === 'grid') view.letGo();
    if (!session.settings?.advance) return;
    if (stage.mode === 'compare') {
      const next = stage.compared.findIndex((tile, at) => at > stage.comparedRing && tile.category === null);
      if (next >= 0) {
        sights.veil();
        stage.comparedRing = next;
      }
      return;
    }
    await this.toNext(after);
  }

  private leaveFor(index: number): void {
    sights.veil();
    view.moveTo(index);
  }

  /** Asks what undo would take back: it is told beside its key. */
  async askUndo(): Promise<void> {
    this.undoState = await call('undo_state', {});
  }

  private async changed(): Promise<void> {
    view.changedSoon();
    await this.askUndo();
  }

  private async turned(label: UndoLabel | null): Promise<void> {
    if (!label) {
      this.remark = 'nothing-to-undo';
      return;
    }
    view.rows.stale();
    await this.askCompared();
    await this.changed();
    const number = this.remembered.get(label.operation);
    if (number === undefined || stage.mode === 'compare') return;
    const index = await view.indexOf(number);
    if (index !== null) this.leaveFor(index);
  }

  private remember(operation: number, target: Target): void {
    const number = target.kind === 'items' ? target.numbers[0] : target.kind === 'stack' ? target.number : view.ringTile?.number;
    if (number === undefined) return;
    this.remembered.set(operation, number);
    if (this.remembered.size > REMEMBERED_MAX) {
      const oldest = this.remembered.keys().next().value;
      if (oldest !== undefined) this.remembered.delete(oldest);
    }
  }

  private patchCompared(number: number, category: string | null): void {
    stage.compared = stage.compared.map((tile) => (tile.number === number ? { ...tile, category, own: category !== null } : tile));
  }

  /** Asks for the categories of what is compared again. */
  private async askCompared(): Promise<void> {
    if (stage.mode !== 'compare') return;
    const details = await Promise.all(stage.compared.map((tile) => call('item', { number: tile.number })));
    stage.compared = stage.compared.map((tile, at) => ({ ...tile, category: details[at]?.category ?? null }));
  }
}

export const decisions = new Decisions();

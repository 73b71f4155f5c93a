// What each action of the keymap does in the review. Deck, tools and menus do the same through `run`.
import { moved, type Move } from '../grid/space';
import { desk } from '../desk/desk.svelte';
import { session } from '../shell/session.svelte';
import { decisions } from './decide.svelte';
import { ONE_BY_ONE_MAX } from './acts';
import { places, size } from './selection';
import { sights } from './sight.svelte';
import { FIT, PAN_STEP_PX, stage } from './stage.svelte';
import { view } from './view.svelte';

/** Sizes of tiles, longer side of the picture in pixels. */
export const TILE_SIZES = [96, 128, 160, 208, 256] as const;

/** What the page itself has to do: only it knows the elements. */
export interface Hooks {
  columns: () => number;
  pageRows: () => number;
  focusText: () => void;
  focusPanel: (section: 'why' | 'details') => void;
  focusFilters: () => void;
  openCategories: () => void;
  focusGrid: () => void;
}

const MOVES: Record<string, Move> = {
  left: 'left', right: 'right', up: 'up', down: 'down', 'page-up': 'page-up', 'page-down': 'page-down', home: 'home', end: 'end',
};
const PANS: Record<string, readonly [number, number]> = {
  'pan-left': [1, 0], 'pan-right': [-1, 0], 'pan-up': [0, 1], 'pan-down': [0, -1],
};

/** Does an action; false when it means nothing in the review. */
export function run(id: string, hooks: Hooks): boolean {
  const category = /^category-(\d)$/.exec(id);
  if (category) return decideByKey(category[1]!);
  if (id in MOVES) return go(MOVES[id]!, false, hooks);
  if (id.startsWith('select-') && id.slice(7) in MOVES) return go(MOVES[id.slice(7)]!, true, hooks);
  if (id in PANS) return pan(PANS[id]!);
  const one = ACTIONS[id];
  if (!one) return false;
  one(hooks);
  return true;
}

/** Categories have keys of their own in the scheme: 5 may give the code 0. */
function decideByKey(key: string): boolean {
  const found = session.head?.scheme.categories.find((one) => one.key === key);
  if (found) decisions.step(() => decisions.decide(found.code));
  return found !== undefined;
}

function go(move: Move, extend: boolean, hooks: Hooks): boolean {
  // While the lens is there, arrows move it.
  if (sights.lens && !extend) {
    const step = { left: [-1, 0], right: [1, 0], up: [0, -1], down: [0, 1] }[move as string];
    if (step) sights.moveLens(step[0]!, step[1]!);
    return true;
  }
  decisions.step(() => {
    sights.veil();
    if (stage.mode === 'compare') return moveCompared(move);
    const inGrid = stage.mode === 'grid';
    const ring = moved({ total: view.total, columns: inGrid ? hooks.columns() : 1, page: inGrid ? hooks.pageRows() : 10 }, view.ring, move);
    if (extend && inGrid) view.extendTo(ring);
    else view.moveTo(ring);
  });
  return true;
}

function moveCompared(move: Move): void {
  const last = stage.compared.length - 1;
  const across = stage.compared.length > 2 ? 2 : 1;
  const by = { left: -1, right: 1, up: -across, down: across, 'page-up': -1, 'page-down': 1, home: 0, end: 0 }[move];
  if (move === 'home') stage.makeA();
  else if (move === 'end') stage.comparedRing = last;
  else stage.comparedRing = Math.min(last, Math.max(0, stage.comparedRing + by));
}

function pan([x, y]: readonly [number, number]): boolean {
  const number = inRing();
  if (stage.mode === 'grid' || number === null) return false;
  stage.pan(number, x * PAN_STEP_PX, y * PAN_STEP_PX);
  return true;
}

/** Number of the item that has the ring. */
export function inRing(): number | null {
  return (stage.mode === 'compare' ? stage.compared[stage.comparedRing]?.number : view.ringTile?.number) ?? null;
}

/** Opens compare with what is selected, else with the ring and its neighbour. */
async function compare(): Promise<void> {
  const { runs } = view.hand;
  const indexes = size(runs) >= 2 && size(runs) <= ONE_BY_ONE_MAX ? places(runs).slice(0, 4) : [view.ring, view.ring + 1].filter((at) => at < view.total);
  const tiles = (await Promise.all(indexes.map((at) => view.rows.run(at, 1)))).flat().filter((tile) => tile.has_picture);
  sights.veil();
  if (tiles.length < 2) decisions.remark = 'compare-needs-two';
  else {
    stage.compare(tiles);
    if (size(runs) > 4) decisions.remark = 'compare-first-four';
  }
}

function tileSize(step: number): void {
  const now = session.settings?.tile_px ?? 128;
  const at = TILE_SIZES.findIndex((one) => one >= now);
  const next = TILE_SIZES[Math.min(TILE_SIZES.length - 1, Math.max(0, at + step))];
  if (next && next !== now) void session.change({ tile_px: next });
}

function size1(step: 1 | -1): void {
  const number = inRing();
  if (stage.mode === 'grid') tileSize(step);
  else if (number !== null) {
    if (step > 0) stage.larger(number);
    else stage.smaller(number);
  }
}

const mode = (to: 'grid' | 'loupe'): void => {
  sights.veil();
  if (to === 'grid') stage.leave();
  else if (view.total > 0) {
    // From compare, the loupe shows the picture that had the ring there, as far as the view has it.
    const tile = stage.mode === 'compare' ? stage.compared[stage.comparedRing] : undefined;
    stage.leave();
    if (tile) view.jumpTo(tile.index);
    stage.mode = 'loupe';
  }
};

const framed = (change: (number: number) => void): void => {
  const number = inRing();
  if (stage.mode !== 'grid' && number !== null) change(number);
};

const ACTIONS: Record<string, (hooks: Hooks) => void> = {
  'lens-smaller': () => sights.sizeLens(-1),
  'lens-larger': () => sights.sizeLens(1),
  grid: (hooks) => {
    mode('grid');
    hooks.focusGrid();
  },
  loupe: () => decisions.step(() => mode('loupe')),
  compare: () => decisions.step(compare),
  actual: () => framed((number) => stage.change(number, (frame) => ({ ...frame, zoom: 1 }))),
  fit: () => framed((number) => stage.change(number, (frame) => ({ ...FIT, turns: frame.turns }))),
  larger: () => size1(1),
  smaller: () => size1(-1),
  'turn-left': () => framed((number) => stage.turn(number, -1)),
  'turn-right': () => framed((number) => stage.turn(number, 1)),
  clear: () => decisions.step(() => decisions.decide(null)),
  accept: () => decisions.step(() => decisions.accept()),
  'not-alike': () => decisions.step(() => decisions.notAlike()),
  rest: () => decisions.step(() => decisions.rest()),
  advance: () => void session.change({ advance: !session.settings?.advance }),
  bookmark: () => decisions.step(() => decisions.toggleMark('bookmark')),
  handover: () => decisions.step(() => decisions.toggleMark('handover')),
  note: () => decisions.step(() => decisions.note()),
  lead: () => decisions.step(async () => {
    const numbers = await decisions.numbersForLead();
    if (numbers && numbers.length > 0) desk.make(numbers);
  }),
  next: () => decisions.step(() => decisions.toNext()),
  select: () => decisions.step(() => {
    if (stage.mode === 'grid') view.toggleRing();
  }),
  'select-none': () => decisions.step(() => view.letGo()),
  'select-all': () => decisions.step(() => view.selectAll()),
  stack: () => decisions.step(() => decisions.decideStack(undefined)),
  'stack-decide': () => decisions.step(() => decisions.decideStack(view.ringTile?.category ?? view.ringTile?.suggestion?.category ?? decisions.last ?? undefined)),
  'stack-out': () => decisions.step(() => decisions.takeOutOfStack()),
  text: (hooks) => hooks.focusText(),
  why: (hooks) => hooks.focusPanel('why'),
  details: (hooks) => {
    if (stage.narrow) stage.narrowPane = stage.narrowPane === 'panel' ? null : 'panel';
    else stage.panelOpen = !stage.panelOpen;
    if (stage.panelOpen || stage.narrowPane === 'panel') hooks.focusPanel('details');
    else hooks.focusGrid();
  },
  filters: (hooks) => {
    if (stage.narrow) stage.narrowPane = stage.narrowPane === 'filters' ? null : 'filters';
    else stage.filtersOpen = !stage.filtersOpen;
    if (stage.narrow ? stage.narrowPane === 'filters' : stage.filtersOpen) hooks.focusFilters();
    else hooks.focusGrid();
  },
  refresh: () => decisions.step(() => view.refresh()),
  categories: (hooks) => hooks.openCategories(),
  undo: () => decisions.step(() => decisions.undo()),
  redo: () => decisions.step(() => decisions.redo()),
  back: () => decisions.step(() => view.back()),
  forward: () => decisions.step(() => view.forward()),
  'in-step': () => (stage.inStep = !stage.inStep),
  'make-a': () => decisions.step(() => stage.makeA()),
  'take-out': () => decisions.step(() => stage.takeOut()),
  escape: (hooks) => {
    // The nearest thing is closed first; the selection goes last, so that it is not lost by closing something.
    if (stage.narrowPane) stage.narrowPane = null;
    else if (sights.sight.phase !== 'veiled') sights.veil();
    else if (stage.mode !== 'grid') mode('grid');
    else view.letGo();
    hooks.focusGrid();
  },
};

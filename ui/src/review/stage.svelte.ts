// How the items are looked at: grid, loupe or compare; zoom, turn and place of a picture; which panes are open.
import type { Tile } from '../backend/types';

export type Mode = 'grid' | 'loupe' | 'compare';

/** Pictures that are compared at once. */
export const COMPARE_MAX = 4;
const ZOOM_STEP = 1.25;
const ZOOM_MIN = 0.05;
const ZOOM_MAX = 16;
/** Pixels that a key moves a picture. */
export const PAN_STEP_PX = 80;

export interface Frame {
  /** Size against the picture's own pixels; null: as large as fits. */
  zoom: number | null;
  /** Quarter turns to the right. */
  turns: number;
  /** From the middle, pixels on the screen. */
  x: number;
  y: number;
}

export const FIT: Frame = { zoom: null, turns: 0, x: 0, y: 0 };

/** Size at which a picture fits into a box; small pictures are not made larger than four times. */
export function fitting(width: number, height: number, turns: number, box: { width: number; height: number }): number {
  const [w, h] = turns % 2 === 0 ? [width, height] : [height, width];
  if (w <= 0 || h <= 0 || box.width <= 0 || box.height <= 0) return 1;
  return Math.min(box.width / w, box.height / h, 4);
}

class Stage {
  mode: Mode = $state('grid');
  /** One frame for all pictures of the loupe, or for each of compare. */
  frames: Record<number, Frame> = $state.raw({});
  /** Items that are compared; the first is A. */
  compared: Tile[] = $state.raw([]);
  /** Which of them has the ring. */
  comparedRing = $state(0);
  inStep = $state(true);
  panelOpen = $state(true);
  filtersOpen = $state(true);
  /** On a narrow window panes lie over the grid, and are shut until they are asked for. */
  narrow = $state(false);
  narrowPane: 'filters' | 'panel' | null = $state(null);
  /** Zoom at which the picture in the ring fits; it says so. */
  fit = $state(1);
  /** How far it can be moved from the middle. */
  room = { x: 0, y: 0 };

  frame(number: number): Frame {
    return this.frames[number] ?? FIT;
  }

  /** Changes the frame of a picture, or of all that are compared when they go in step. */
  change(number: number, changed: (frame: Frame) => Frame): void {
    const together = this.mode === 'compare' && this.inStep ? this.compared.map((tile) => tile.number) : [number];
    const frames = this.mode === 'compare' ? { ...this.frames } : {};
    for (const one of together) frames[one] = changed(this.frame(one));
    this.frames = frames;
  }

  larger(number: number): void {
    this.change(number, (frame) => ({ ...frame, zoom: Math.min(ZOOM_MAX, (frame.zoom ?? this.fit) * ZOOM_STEP) }));
  }

  smaller(number: number): void {
    this.change(number, (frame) => ({ ...frame, zoom: Math.max(ZOOM_MIN, (frame.zoom ?? this.fit) / ZOOM_STEP) }));
  }

  turn(number: number, turns: number): void {
    this.change(number, (frame) => ({ ...frame, turns: (frame.turns + turns + 4) % 4, x: 0, y: 0 }));
  }

  pan(number: number, x: number, y: number): void {
    const { room } = this;
    const within = (value: number, most: number): number => Math.min(most, Math.max(-most, value));
    this.change(number, (frame) => ({ ...frame, x: within(frame.x + x, room.x), y: within(frame.y + y, room.y) }));
  }

  compare(tiles: Tile[]): void {
    this.compared = tiles.slice(0, COMPARE_MAX);
    this.comparedRing = 0;
    this.frames = {};
    this.mode = 'compare';
  }

  /** Puts the picture in the ring in front. */
  makeA(): void {
    const tile = this.compared[this.comparedRing];
    if (!tile) return;
    this.compared = [tile, ...this.compared.filter((one) => one !== tile)];
    this.comparedRing = 0;
  }

  /** Takes the picture in the ring out; with one left there is nothing to compare. */
  takeOut(): void {
    this.compared = this.compared.filter((_, at) => at !== this.comparedRing);
    this.comparedRing = Math.min(this.comparedRing, this.compared.length - 1);
    if (this.compared.length < 2) this.leave();
  }

  leave(): void {
    this.mode = 'grid';
    this.compared = [];
    this.frames = {};
  }

  drop(): void {
    this.leave();
    this.narrowPane = null;
  }
}

export const stage = new Stage();

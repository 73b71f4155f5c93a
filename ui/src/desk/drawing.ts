// Drawing, choosing and changing regions, by pointer and by keys alone. Pure: it knows the picture's pixels and the scale at
// which they are seen, and says what is to be saved; who saves and who draws is passed in.
import {
  bounds, boxBetween, gripAt, hit, inside, middleBox, moved, POINTS_MAX, POINTS_MIN, pulled, same, sized, valid,
  type Grip, type Point, type Shape, type Size,
} from './shape';

export type Tool = 'box' | 'outline';

/** A region that is saved. `evidence` is its number in the case. */
export interface Saved {
  evidence: number;
  shape: Shape;
}

/** What is drawn and not saved yet. */
export type Draft =
  | { kind: 'box'; shape: Shape }
  /** `cross`: where the next point would be set by key; absent while only the pointer draws. */
  | { kind: 'outline'; points: readonly Point[]; cross: Point | null };

export interface Wishes {
  /** Saves a new region. */
  add(shape: Shape): void;
  /** Saves another place or size of a region. */
  change(evidence: number, shape: Shape): void;
  remove(evidence: number): void;
  /** Something that is seen has changed. */
  changed(): void;
}

/** Pixels on the screen within which a pointer meets a grip, or the first point of an outline. */
const REACH_PX = 9;
/** Pixels on the screen that a pointer may move and still be a click. */
const CLICK_PX = 3;

type Hold =
  | { kind: 'new'; from: Point }
  | { kind: 'move'; from: Point; shape: Shape }
  | { kind: 'grip'; grip: Grip; shape: Shape };

export class Drawing {
  tool: Tool = 'box';
  draft: Draft | null = null;
  regions: readonly Saved[] = [];
  /** Number of the evidence that is chosen. */
  chosen: number | null = null;
  /** The chosen region as it is moved; it differs from the saved one until that is told. */
  private working: Shape | null = null;
  private picture: Size = { width: 0, height: 0 };
  /** Pixels on the screen for one of the picture. */
  private scale = 1;
  private hold: Hold | null = null;

  constructor(private readonly wishes: Wishes) {}

  /** Another picture, or none: what was drawn in the one before goes, what was moved is saved. */
  open(picture: Size, regions: readonly Saved[]): void {
    this.settle();
    this.picture = picture;
    this.regions = regions;
    this.draft = null;
    this.hold = null;
    this.chosen = null;
    this.working = null;
    this.wishes.changed();
  }

  /** Forgets everything, and saves nothing: the case was locked or closed. */
  drop(): void {
    this.regions = [];
    this.working = this.draft = this.hold = this.chosen = null;
    this.picture = { width: 0, height: 0 };
    this.wishes.changed();
  }

  /** The same picture with regions as they are saved now. */
  refresh(regions: readonly Saved[]): void {
    this.regions = regions;
    if (this.chosen !== null && !regions.some((one) => one.evidence === this.chosen)) {
      this.chosen = null;
      this.working = null;
    } else if (this.working && same(this.working, this.saved()!)) this.working = null;
    this.wishes.changed();
  }

  /** How large the picture is on the screen. */
  seen(scale: number): void {
    this.scale = scale > 0 ? scale : 1;
  }

  /** Shape of a region as it is to be drawn. */
  shapeOf(one: Saved): Shape {
    return one.evidence === this.chosen && this.working ? this.working : one.shape;
  }

  /** The chosen region as it is drawn. */
  get chosenShape(): Shape | null {
    const one = this.regions.find((region) => region.evidence === this.chosen);
    return one ? this.shapeOf(one) : null;
  }

  choose(evidence: number | null): void {
    if (evidence === this.chosen) return;
    this.settle();
    this.chosen = evidence;
    this.working = null;
    this.wishes.changed();
  }

  /** Chooses the next region; false when there is none further, and then the focus may leave. */
  step(by: 1 | -1): boolean {
    if (this.draft) return true;
    const at = this.regions.findIndex((one) => one.evidence === this.chosen);
    const next = at < 0 ? (by > 0 ? 0 : this.regions.length - 1) : at + by;
    const one = this.regions[next];
    if (!one) {
      this.choose(null);
      return false;
    }
    this.choose(one.evidence);
    return true;
  }

  // By keys

  /** A tool is taken. By key a box begins in the middle, or a cross; an outline that has points is not thrown away. */
  take(tool: Tool, byKey: boolean): void {
    if (this.draft?.kind === 'outline' && this.draft.points.length > 0 && tool === 'box') return;
    this.settle();
    this.tool = tool;
    this.draft = null;
    if (byKey && this.picture.width > 0) {
      this.chosen = null;
      this.working = null;
      this.draft = tool === 'box'
        ? { kind: 'box', shape: middleBox(this.picture) }
        : { kind: 'outline', points: [], cross: inside([this.picture.width / 2, this.picture.height / 2], this.picture) };
    }
    this.wishes.changed();
  }

  /** The key of the outline: begins it, and then sets a point where the cross is. */
  outlineKey(): void {
    if (this.draft?.kind !== 'outline') {
      this.take('outline', true);
      return;
    }
    if (this.draft.cross === null) {
      // The pointer drew so far: the cross goes on from its last point.
      const last = this.draft.points.at(-1) ?? inside([this.picture.width / 2, this.picture.height / 2], this.picture);
      this.draft = { ...this.draft, cross: last };
      this.wishes.changed();
    } else this.setPoint(this.draft.cross);
  }

  /** Moves what is drawn or chosen, in pixels on the screen so that each press is seen. False when there is nothing to move. */
  move(dx: number, dy: number): boolean {
    const x = this.onPicture(dx), y = this.onPicture(dy);
    if (this.draft?.kind === 'box') this.draft = { kind: 'box', shape: moved(this.draft.shape, x, y, this.picture) };
    else if (this.draft?.kind === 'outline') {
      const from = this.draft.cross ?? this.draft.points.at(-1);
      if (!from) return false;
      this.draft = { ...this.draft, cross: inside([from[0] + x, from[1] + y], this.picture) };
    } else if (!this.work((shape) => moved(shape, x, y, this.picture))) return false;
    this.wishes.changed();
    return true;
  }

  /** Makes what is drawn or chosen wider and higher. */
  size(dw: number, dh: number): boolean {
    const width = this.onPicture(dw), height = this.onPicture(dh);
    if (this.draft?.kind === 'box') this.draft = { kind: 'box', shape: sized(this.draft.shape, width, height, this.picture) };
    else if (this.draft || !this.work((shape) => sized(shape, width, height, this.picture))) return false;
    this.wishes.changed();
    return true;
  }

  /** Ends what is drawn, and has it saved. False when nothing is drawn. */
  end(): boolean {
    const { draft } = this;
    if (!draft) return false;
    const shape: Shape = draft.kind === 'box' ? draft.shape : { rectangle: false, points: draft.points };
    // Too few points, or all on a line: it stays, so that more can be set.
    if (!valid(shape, this.picture)) return true;
    this.draft = null;
    this.hold = null;
    this.wishes.add(shape);
    this.wishes.changed();
    return true;
  }

  /** True when what is drawn could be saved. */
  get canEnd(): boolean {
    if (!this.draft) return false;
    return valid(this.draft.kind === 'box' ? this.draft.shape : { rectangle: false, points: this.draft.points }, this.picture);
  }

  /** Takes the last point of an outline back. */
  pointBack(): boolean {
    if (this.draft?.kind !== 'outline') return false;
    this.draft = { ...this.draft, points: this.draft.points.slice(0, -1) };
    this.wishes.changed();
    return true;
  }

  /** Removes the chosen region. */
  remove(): boolean {
    if (this.draft || this.chosen === null) return false;
    const evidence = this.chosen;
    this.chosen = null;
    this.working = null;
    this.wishes.remove(evidence);
    this.wishes.changed();
    return true;
  }

  /** Lets go of the nearest thing: what is drawn, then what is chosen. False when there is nothing. */
  letGo(): boolean {
    if (this.draft || this.hold) {
      this.draft = null;
      this.hold = null;
      this.wishes.changed();
      return true;
    }
    if (this.chosen === null) return false;
    this.choose(null);
    return true;
  }

  /** Has the chosen region saved where it was moved to. */
  settle(): void {
    const { chosen, working } = this;
    const saved = this.saved();
    if (chosen === null || !working || !saved) return;
    if (same(working, saved)) this.working = null;
    else if (valid(working, this.picture)) {
      // It counts as saved from here on: a slower answer must not send it twice.
      this.regions = this.regions.map((one) => (one.evidence === chosen ? { ...one, shape: working } : one));
      this.working = null;
      this.wishes.change(chosen, working);
    }
  }

  // By pointer; points are those of the picture

  press(point: Point): void {
    const at = inside(point, this.picture);
    if (this.draft?.kind === 'outline' || this.tool === 'outline') {
      // What is chosen can be moved and pulled with either tool.
      if (!this.draft && this.grasp(at)) return;
      this.outlinePress(at);
      return;
    }
    if (this.grasp(at)) return;
    this.hold = { kind: 'new', from: at };
  }

  drag(point: Point): void {
    const at = inside(point, this.picture);
    const { hold } = this;
    if (!hold) return;
    if (hold.kind === 'new') {
      if (this.distance(hold.from, at) > CLICK_PX) {
        if (this.chosen !== null) this.choose(null);
        this.draft = { kind: 'box', shape: boxBetween(hold.from, at, this.picture) };
      }
    } else if (hold.kind === 'move') this.work(() => moved(hold.shape, at[0] - hold.from[0], at[1] - hold.from[1], this.picture));
    else this.work(() => pulled(hold.shape, hold.grip, at, this.picture));
    this.wishes.changed();
  }

  lift(point: Point): void {
    const { hold } = this;
    this.hold = null;
    if (!hold) return;
    if (hold.kind !== 'new') {
      this.settle();
      this.wishes.changed();
      return;
    }
    if (this.draft?.kind === 'box') {
      // A box that is too small to mean anything was a slip.
      if (this.canEnd) this.end();
      else this.draft = null;
      this.wishes.changed();
      return;
    }
    const at = hit(this.regions.map((one) => this.shapeOf(one)), inside(point, this.picture));
    this.choose(this.regions[at]?.evidence ?? null);
  }

  /** The pointer was taken away, e.g. because the window lost the focus. */
  cancel(): void {
    if (!this.hold) return;
    if (this.hold.kind === 'new') this.draft = null;
    else this.working = null;
    this.hold = null;
    this.wishes.changed();
  }

  /** Pressed twice: the outline ends. */
  twice(): void {
    if (this.draft?.kind === 'outline') this.end();
  }

  private outlinePress(at: Point): void {
    if (this.draft?.kind !== 'outline') {
      this.choose(null);
      this.draft = { kind: 'outline', points: [], cross: null };
    }
    const { points } = this.draft;
    const first = points[0];
    if (first && points.length >= POINTS_MIN && this.distance(first, at) <= REACH_PX) {
      this.end();
      return;
    }
    this.setPoint(at);
  }

  private setPoint(at: Point): void {
    if (this.draft?.kind !== 'outline') return;
    const last = this.draft.points.at(-1);
    const cross = this.draft.cross === null ? null : at;
    // The same point twice is one: a double click, or a key that was pressed twice.
    if ((last && last[0] === at[0] && last[1] === at[1]) || this.draft.points.length >= POINTS_MAX) return;
    this.draft = { kind: 'outline', points: [...this.draft.points, at], cross };
    this.wishes.changed();
  }

  /** Takes hold of the chosen region by a grip or by its inside. */
  private grasp(at: Point): boolean {
    const shape = this.chosenShape;
    if (!shape || this.draft) return false;
    const grip = gripAt(shape, at, REACH_PX / this.scale);
    if (grip) this.hold = { kind: 'grip', grip, shape };
    // What lies within the chosen one can still be met.
    else if (this.regions[hit(this.regions.map((one) => this.shapeOf(one)), at)]?.evidence === this.chosen) this.hold = { kind: 'move', from: at, shape };
    else return false;
    return true;
  }

  private work(change: (shape: Shape) => Shape): boolean {
    const shape = this.chosenShape;
    if (!shape) return false;
    this.working = change(shape);
    return true;
  }

  private saved(): Shape | null {
    return this.regions.find((one) => one.evidence === this.chosen)?.shape ?? null;
  }

  private distance(a: Point, b: Point): number {
    return Math.hypot(a[0] - b[0], a[1] - b[1]) * this.scale;
  }

  /** Pixels of the picture for a step on the screen: at least one. */
  private onPicture(by: number): number {
    return Math.sign(by) * Math.max(Math.abs(by) > 0 ? 1 : 0, Math.round(Math.abs(by) / this.scale));
  }
}

/** Bounds of what is drawn or chosen, to be said; null when there is nothing. */
export function saidBounds(drawing: Drawing): ReturnType<typeof bounds> | null {
  const shape = drawing.draft?.kind === 'box' ? drawing.draft.shape : drawing.draft ? null : drawing.chosenShape;
  return shape ? bounds(shape) : null;
}

// What a map and a time line hold: points, times, the view of each, and the one selection that both make. The page of them has one,
// the desk another: small, still, and about the lead that is on it.
import { call } from '../backend';
import type { DeviceLine, MapPoint, TimeLine } from '../backend/types';
import { m } from '../paraglide/messages.js';
import { words } from '../words/language.svelte';
import { byWeight, centred, clusters, degrees, fitted, moved, nearer, place, resized, stepped as stepMap, toPx, ZOOM_STEP as MAP_ZOOM, type Cluster, type Dot, type MapView } from './logic/mapView';
import { closer, inside, numbersIn, ordered, showing, shifted, stepped, whole, ZOOM_STEP as TIME_ZOOM, type Move, type Span, type Stretch } from './logic/time';
import { nearestTown } from './logic/towns';

export type Focus = 'map' | 'time' | null;
/** Room within which a chosen point counts as seen, pixels. */
const SEEN_PX = 40;

export class Where {
  points: MapPoint[] = $state.raw([]);
  line: TimeLine | null = $state.raw(null);
  view: MapView | null = $state.raw(null);
  time: Stretch | null = $state.raw(null);
  /** What a hand or a key marks on the time line. */
  mark: Span | null = $state.raw(null);
  /** The point that is chosen, as its place in `points`. */
  point: number | null = $state(null);
  /** Row of the device that keys act on. */
  device = $state(0);
  focus: Focus = $state(null);
  /** Lead that everything here is about; undefined before the first load. */
  private of: number | null | undefined = undefined;
  /** Grows with each load: what was asked under an older one is dropped when it comes. */
  private turn = 0;
  private readonly whole_: Stretch = $derived(whole((this.line?.devices ?? []).flatMap((one) => (one.taken.length === 0 ? [] : [one.taken[0]![0], one.taken.at(-1)![0]])), Date.now() / 1000));

  readonly clusters: Cluster[] = $derived(this.view ? clusters(this.points, this.view) : []);
  readonly chosenCluster: Cluster | null = $derived.by(() => {
    const { point } = this;
    return point === null ? null : (this.clusters.find((one) => one.members.includes(point)) ?? null);
  });
  readonly span: Stretch | null = $derived(ordered(this.mark));
  /** Items of the span, of all devices, each once. */
  readonly inSpan: number[] | null = $derived.by(() => {
    const { span, line } = this;
    if (!span || !line) return null;
    return [...new Set(line.devices.flatMap((one) => numbersIn(one.taken, span)))];
  });
  /** Items of the chosen points that are named by number; a large point names only its first ones. */
  readonly atPoint: number[] | null = $derived.by(() => {
    const one = this.chosenCluster;
    return one ? [...new Set(one.members.flatMap((at) => this.points[at]?.numbers ?? []))].sort((a, b) => a - b) : null;
  });
  /** When each dated item was made, and by which device. */
  readonly stamps: Map<number, { time_s: number; device: string }> = $derived(new Map(this.devices.flatMap((one) =>
    one.taken.map(([time_s, number]): [number, { time_s: number; device: string }] => [number, { time_s, device: one.name }]))));
  /** What both selections leave, in order of time; items without one come last. */
  readonly chosen: number[] | null = $derived.by(() => {
    const time = (number: number): number => this.stamps.get(number)?.time_s ?? Infinity;
    const order = (a: number, b: number): number => (time(a) === time(b) ? a - b : time(a) - time(b));
    return this.both?.toSorted(order) ?? null;
  });
  private readonly both: number[] | null = $derived.by(() => {
    const { inSpan, atPoint } = this;
    if (inSpan && atPoint) {
      const there = new Set(atPoint);
      return inSpan.filter((one) => there.has(one));
    }
    return inSpan ?? atPoint;
  });
  private readonly chosenSet = $derived(new Set(this.chosen ?? []));
  private readonly spanSet = $derived(new Set(this.inSpan ?? []));

  get all(): Stretch {
    return this.whole_;
  }

  /** Asks for everything of the case, or of one lead. */
  async load(lead: number | null): Promise<void> {
    this.turn += 1;
    const turn = this.turn;
    const [points, line] = await Promise.all([call('map_points', { lead }), call('time_line', { lead })]);
    if (turn !== this.turn) return;
    // Back from an item everything stands as it was left, as long as it is the same.
    const same = this.of === lead && this.points.length === points.length;
    this.of = lead;
    this.points = points;
    this.line = line;
    this.device = Math.min(this.device, Math.max(0, line.devices.length - 1));
    if (same) return;
    this.point = null;
    this.mark = null;
    this.wholeTime();
    this.allPoints();
  }

  /** Asks for the time line again: a clock was set. */
  async loadTime(lead: number | null): Promise<void> {
    this.line = await call('time_line', { lead });
    this.wholeTime();
  }

  /** Nothing of a case stays. */
  drop(): void {
    this.points = [];
    this.line = null;
    this.view = null;
    this.time = null;
    this.mark = null;
    this.point = null;
    this.device = 0;
    this.focus = null;
    this.of = undefined;
    this.turn += 1;
  }

  isChosen(number: number): boolean {
    return this.chosenSet.has(number);
  }

  /** True when a cluster has an item of the marked span. */
  hasChosen(one: Cluster): boolean {
    return one.members.some((at) => this.points[at]?.numbers.some((number) => this.spanSet.has(number)));
  }

  /** A name for a cluster: its degrees, no more exact than it is, and a town near by. */
  nameOf(one: Pick<Cluster, 'members' | 'radius_m'>): string {
    const point = this.points[one.members[0] ?? -1];
    if (!point) return '';
    const where = `${degrees(point.latitude, one.radius_m)}, ${degrees(point.longitude, one.radius_m)}`;
    const town = nearestTown(point, words.language);
    return town ? m.map_near({ where, town }) : where;
  }

  blurred(from: Focus): void {
    if (this.focus === from) this.focus = null;
  }

  // The map

  sized(width_px: number, height_px: number): void {
    if (width_px <= 0 || height_px <= 0) return;
    this.view = this.view ? resized(this.view, width_px, height_px) : fitted(this.points, width_px, height_px);
  }

  pan(dx: number, dy: number): void {
    if (this.view) this.view = moved(this.view, dx, dy);
  }

  step(right: number, down: number): void {
    if (this.view) this.view = stepMap(this.view, right, down);
  }

  near(factor: number, px?: Dot): void {
    if (this.view) this.view = nearer(this.view, factor, px);
  }

  /** Nearer or farther by a key: around the chosen point, where it is in view. */
  nearByKey(inward: boolean): void {
    const at = this.chosenCluster?.at;
    const factor = inward ? MAP_ZOOM : 1 / MAP_ZOOM;
    if (this.view) this.near(factor, at && this.seen(at) ? at : undefined);
  }

  allPoints(): void {
    if (this.view) this.view = fitted(this.points, this.view.width_px, this.view.height_px);
  }

  choose(one: Cluster | null): void {
    this.point = one?.members[0] ?? null;
  }

  /** Chooses a point of the table, and brings it into view. */
  choosePoint(index: number): void {
    this.point = index;
    this.bringIn();
  }

  /** Goes through the clusters of this scale, the largest first. */
  next(by: 1 | -1): void {
    const order = this.clusters;
    if (order.length === 0) return;
    const now = this.chosenCluster ? order.indexOf(this.chosenCluster) : by === 1 ? -1 : 0;
    this.point = order[(now + by + order.length) % order.length]!.members[0]!;
    this.bringIn();
  }

  /** Points in the order of the table. */
  get ranked(): { point: MapPoint; index: number }[] {
    return byWeight(this.points).map((index) => ({ point: this.points[index]!, index }));
  }

  private seen(at: Dot): boolean {
    const view = this.view;
    return view !== null && at.x > SEEN_PX && at.y > SEEN_PX && at.x < view.width_px - SEEN_PX && at.y < view.height_px - SEEN_PX;
  }

  private bringIn(): void {
    const point = this.point === null ? undefined : this.points[this.point];
    if (point && this.view && !this.seen(toPx(this.view, place(point)))) this.view = centred(this.view, point);
  }

  // The time line

  get devices(): DeviceLine[] {
    return this.line?.devices ?? [];
  }

  wholeTime(): void {
    this.time = this.all;
  }

  timeShift(width_px: number, dx: number): void {
    if (this.time) this.time = shifted(this.time, this.all, width_px, dx);
  }

  timeNear(factor: number, at_s: number): void {
    if (this.time) this.time = closer(this.time, this.all, factor, at_s);
  }

  timeNearByKey(inward: boolean): void {
    if (!this.time) return;
    const at = this.mark?.at_s ?? (this.time.from_s + this.time.to_s) / 2;
    this.timeNear(inward ? TIME_ZOOM : 1 / TIME_ZOOM, inside(this.time, at) ? at : (this.time.from_s + this.time.to_s) / 2);
  }

  moveMark(move: Move, extend: boolean): void {
    if (!this.time) return;
    this.mark = stepped(this.mark, this.time, this.all, move, extend);
    this.time = showing(this.time, this.all, this.mark.at_s);
  }

  setMark(mark: Span | null): void {
    this.mark = mark;
  }

  chooseDevice(by: number): void {
    this.device = Math.min(Math.max(0, this.device + by), Math.max(0, this.devices.length - 1));
  }

  /** Lets go of the last selection; false when there is none. */
  letGo(): boolean {
    if (this.mark !== null) this.mark = null;
    else if (this.point !== null) this.point = null;
    else return false;
    return true;
  }
}

/** That of the page. */
export const where = new Where();
/** That of the desk. */
export const whereOnDesk = new Where();

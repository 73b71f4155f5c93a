// Links as rows that can be put in order, and as a drawing whose places follow from its rows alone.
import type { LinkEnd, LinkLine } from '../../backend/types';

export type LinkKind = 'serial' | 'place' | 'series' | 'look-alike' | 'region-alike' | 'same-item' | 'related' | 'label';
/** In the order of what they say: the same device says more than the same label. */
export const LINK_KINDS: readonly LinkKind[] = ['same-item', 'serial', 'series', 'look-alike', 'region-alike', 'place', 'related', 'label'];
const strength = (kind: string): number => {
  const at = (LINK_KINDS as readonly string[]).indexOf(kind);
  return at < 0 ? LINK_KINDS.length : at;
};

/** Says an end in one word that nothing else has. */
export function endKey(end: LinkEnd): string {
  switch (end.end) {
    case 'item': return `item:${end.number}`;
    case 'lead': return `lead:${end.lead}`;
    case 'region': return `region:${end.evidence}`;
    case 'device': return `device:${end.name}`;
    case 'case': return `case:${end.number}:${end.lead ?? ''}`;
  }
}

export type Column = 'kind' | 'value' | 'from' | 'to' | 'items';
export interface Order { column: Column; descending: boolean }

/** Sorts rows by a column; rows that are equal there stand by kind, nearness, items and ends, so that the order is always the same. */
export function inOrder(lines: readonly LinkLine[], order: Order, name: (end: LinkEnd) => string): LinkLine[] {
  const text = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  const natural = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true }) || text(a, b);
  // Of what looks alike the nearest says most; other kinds have no distance.
  const far = (a: LinkLine, b: LinkLine): number => (a.distance ?? 0) - (b.distance ?? 0);
  const rest = (a: LinkLine, b: LinkLine): number =>
    strength(a.kind) - strength(b.kind) || far(a, b) || b.items - a.items || natural(endKey(a.from), endKey(b.from)) || natural(endKey(a.to), endKey(b.to)) || text(a.value, b.value);
  const by: Record<Column, (a: LinkLine, b: LinkLine) => number> = {
    kind: (a, b) => strength(a.kind) - strength(b.kind),
    value: (a, b) => natural(a.value, b.value) || far(a, b),
    from: (a, b) => natural(name(a.from), name(b.from)),
    to: (a, b) => natural(name(a.to), name(b.to)),
    items: (a, b) => a.items - b.items,
  };
  const sign = order.descending ? -1 : 1;
  return [...lines].sort((a, b) => sign * by[order.column](a, b) || rest(a, b));
}

/** The next order when the head of a column is pressed: numbers begin with the most. */
export const pressed = (order: Order, column: Column): Order =>
  order.column === column ? { column, descending: !order.descending } : { column, descending: column === 'items' };

/** Counts of kinds among links, in the order of what they say. */
export function kindsOf(lines: readonly LinkLine[]): { kind: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const line of lines) counts.set(line.kind, (counts.get(line.kind) ?? 0) + 1);
  return [...counts].map(([kind, count]) => ({ kind, count })).sort((a, b) => strength(a.kind) - strength(b.kind) || (a.kind < b.kind ? -1 : 1));
}

/** Ends that links have, with how many links each has; the busiest first. */
export function endsOf(lines: readonly LinkLine[]): { key: string; end: LinkEnd; links: number }[] {
  const found = new Map<string, { key: string; end: LinkEnd; links: number }>();
  for (const line of lines) for (const end of [line.from, line.to]) {
    const key = endKey(end);
    const one = found.get(key) ?? { key, end, links: 0 };
    one.links += 1;
    found.set(key, one);
  }
  return [...found.values()].sort((a, b) => b.links - a.links || a.key.localeCompare(b.key, 'en', { numeric: true }));
}

export interface GraphNode { key: string; end: LinkEnd; links: number; column: number; row: number; x: number; y: number }
export interface GraphEdge { key: string; from: GraphNode; to: GraphNode; line: LinkLine }
export interface Graph { nodes: GraphNode[]; edges: GraphEdge[]; width: number; height: number; /** Width of an end. */ node_px: number; /** Ends that are only in the table. */ left: number }

/** More ends than these in a column are a thicket: the table has them all. */
export const COLUMN_MAX = 14;
export const NODE_PX = { width: 176, narrowest: 124, gap: 40, height: 30, pitch: 42, top: 12 } as const;
const COLUMNS: Record<LinkEnd['end'], number> = { case: 0, lead: 1, region: 1, device: 2, item: 3 };
/** Turns of putting each end beside what it is linked with; more change nothing to the eye. */
const TURNS = 6;

/** Puts ends into columns by what they are, each near what it is linked with. The same links always give the same drawing. */
export function graph(lines: readonly LinkLine[], width: number): Graph {
  const ends = endsOf(lines);
  const used = [...new Set(ends.map((one) => COLUMNS[one.end.end]))].sort((a, b) => a - b);
  const byColumn = used.map((column) => ends.filter((one) => COLUMNS[one.end.end] === column).slice(0, COLUMN_MAX));
  const nodes = new Map<string, GraphNode>();
  byColumn.forEach((column, at) => column.forEach((one, row) => nodes.set(one.key, { ...one, column: at, row, x: 0, y: 0 })));
  const edges: GraphEdge[] = [];
  lines.forEach((line, at) => {
    const from = nodes.get(endKey(line.from)), to = nodes.get(endKey(line.to));
    if (from && to && from !== to) edges.push({ key: `${at}`, from, to, line });
  });
  const rows = byColumn.map((_, at) => [...nodes.values()].filter((node) => node.column === at));
  for (let turn = 0; turn < TURNS; turn += 1) for (const column of turn % 2 === 0 ? rows : [...rows].reverse()) settle(column, edges);
  const height = 2 * NODE_PX.top + Math.max(1, ...rows.map((row) => row.length)) * NODE_PX.pitch - (NODE_PX.pitch - NODE_PX.height);
  const node_px = Math.floor(Math.min(NODE_PX.width, Math.max(NODE_PX.narrowest, (width - NODE_PX.gap * (rows.length - 1)) / Math.max(1, rows.length))));
  // Names that cannot be read say nothing: rather than that the drawing is wider than its place, which scrolls.
  const full = Math.max(width, rows.length * node_px + NODE_PX.gap * (rows.length - 1));
  const room = full - node_px;
  for (const column of rows) {
    const free = height - 2 * NODE_PX.top - (column.length * NODE_PX.pitch - (NODE_PX.pitch - NODE_PX.height));
    for (const node of column) {
      // One column alone stands in the middle; links within a column need room at its side.
      node.x = rows.length === 1 ? room / 2 : (room * node.column) / (rows.length - 1);
      node.y = NODE_PX.top + free / 2 + node.row * NODE_PX.pitch;
    }
  }
  return { nodes: [...nodes.values()], edges, width: full, height, node_px, left: ends.length - nodes.size };
}

/** Orders a column by the mean row of its neighbours; ends without any stay in their order. */
function settle(column: GraphNode[], edges: readonly GraphEdge[]): void {
  const wanted = new Map<GraphNode, number>();
  for (const node of column) {
    const near = edges.flatMap((edge) => (edge.from === node ? [edge.to.row] : edge.to === node ? [edge.from.row] : []));
    wanted.set(node, near.length === 0 ? node.row : near.reduce((sum, row) => sum + row, 0) / near.length);
  }
  column.sort((a, b) => wanted.get(a)! - wanted.get(b)! || b.links - a.links || a.key.localeCompare(b.key, 'en', { numeric: true }));
  column.forEach((node, row) => (node.row = row));
}

/** The line of an edge: a calm curve between columns, a bow at the side within one. */
export function edgePath(edge: GraphEdge, node_px: number): string {
  const middle = (node: GraphNode): number => node.y + NODE_PX.height / 2;
  const [left, right] = edge.from.column <= edge.to.column ? [edge.from, edge.to] : [edge.to, edge.from];
  if (left.column === right.column) {
    const x = left.x + node_px;
    const bow = 14 + Math.min(34, Math.abs(left.row - right.row) * 7);
    return `M${x} ${middle(left)}C${x + bow} ${middle(left)} ${x + bow} ${middle(right)} ${x} ${middle(right)}`;
  }
  const [x1, x2] = [left.x + node_px, right.x];
  const half = (x1 + x2) / 2;
  return `M${x1} ${middle(left)}C${half} ${middle(left)} ${half} ${middle(right)} ${x2} ${middle(right)}`;
}

// Puts the groups of the keymap into the parts of the sheet. A group that no part names stands under where its keys hold.
import type { Group } from '../../keys/keymap';

export type SheetPart = 'anywhere' | 'look' | 'decide' | 'move' | 'panels' | 'stacks' | 'compare' | 'dialog' | 'leads' | 'places';

const PARTS: { id: SheetPart; actions: readonly string[] }[] = [
  { id: 'anywhere', actions: [] },
  { id: 'look', actions: ['reveal', 'lens', 'lens-smaller', 'grid', 'actual', 'larger', 'turn-left'] },
  { id: 'decide', actions: ['category-1', 'clear', 'accept', 'rest', 'advance', 'bookmark', 'categories'] },
  { id: 'move', actions: ['left', 'next', 'select'] },
  { id: 'panels', actions: ['hidden-here', 'text', 'why', 'refresh'] },
  { id: 'stacks', actions: ['stack'] },
  { id: 'compare', actions: [] },
  { id: 'dialog', actions: [] },
  { id: 'leads', actions: [] },
  { id: 'places', actions: [] },
];

const BY_SCOPE: Record<string, SheetPart> = { anywhere: 'anywhere', review: 'panels', compare: 'compare', 'stack dialog': 'dialog', leads: 'leads', 'map and time': 'places', map: 'places', 'time line': 'places' };

export function sheet(groups: readonly Group[]): { id: SheetPart; groups: Group[] }[] {
  const place = (group: Group): SheetPart =>
    PARTS.find((part) => group.actions.some((action) => part.actions.includes(action.id)))?.id ?? BY_SCOPE[group.scope] ?? 'anywhere';
  return PARTS.map((part) => ({ id: part.id, groups: groups.filter((group) => place(group) === part.id) })).filter((part) => part.groups.length > 0);
}

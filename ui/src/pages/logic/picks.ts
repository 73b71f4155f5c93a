// Turns the values of facets on and off. The last one that was turned on stands last, so that it can be taken off first.
import type { Facet, FacetPick } from '../../backend/types';

export const facetOn = (picks: readonly FacetPick[], facet: Facet, value: string): boolean =>
  picks.some((pick) => pick.facet === facet && pick.values.includes(value));

/** Number of values that are on. */
export const picked = (picks: readonly FacetPick[]): number => picks.reduce((sum, pick) => sum + pick.values.length, 0);

export function toggled(picks: readonly FacetPick[], facet: Facet, value: string): FacetPick[] {
  const before = picks.find((pick) => pick.facet === facet)?.values ?? [];
  const values = before.includes(value) ? before.filter((one) => one !== value) : [...before, value];
  const others = picks.filter((pick) => pick.facet !== facet);
  return values.length === 0 ? others : [...others, { facet, values }];
}

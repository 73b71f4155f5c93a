// Names of shelves, facets and their values, in both languages.
import type { Facet, FacetValue, SchemeView, Shelf, ViewQuery } from '../backend/types';
import { m } from '../paraglide/messages.js';
import { categoryShort } from '../parts/categories';
import { words, type Language } from '../words/language.svelte';
import { shortReason } from '../words/sentences';

type InLanguage = (filled?: Record<string, never>, how?: { locale?: Language }) => string;
const SHELVES: Record<Shelf, InLanguage> = {
  undecided: m.shelf_undecided, decided: m.shelf_decided, 'looks-known': m.shelf_looks_known, returned: m.shelf_returned, bookmarked: m.shelf_bookmarked,
  'handed-over': m.shelf_handed_over, disagreed: m.shelf_disagreed, shown: m.shelf_shown, hidden: m.shelf_hidden, refused: m.shelf_refused,
};
export const shelfName = (shelf: Shelf, locale: Language = words.language): string => SHELVES[shelf]({}, { locale });

const FACETS: Record<Facet, () => string> = {
  reason: m.facet_reason, source: m.facet_source, folder: m.facet_folder, class: m.facet_class, type: m.facet_type, size: m.facet_size, year: m.facet_year,
  camera: m.facet_camera, category: m.facet_category, suggested: m.facet_suggested, set: m.facet_set, mark: m.facet_mark, decider: m.facet_decider,
};
export const facetName = (facet: Facet): string => FACETS[facet]();

const CLASSES: Record<string, () => string> = { picture: m.class_picture, video: m.class_video, audio: m.class_audio, archive: m.class_archive, other: m.class_other };
export const className = (of: string): string => CLASSES[of]?.() ?? of;

const SIZES: Record<string, () => string> = {
  'under-50k': m.size_under_50k, '50k-200k': m.size_50k_200k, '200k-1m': m.size_200k_1m, '1m-5m': m.size_1m_5m, 'over-5m': m.size_over_5m,
};
const MARKS: Record<string, () => string> = {
  bookmark: m.fmark_bookmark, handover: m.fmark_handover, note: m.fmark_note, seen: m.fmark_seen, returned: m.fmark_returned, near: m.fmark_near, stack: m.fmark_stack, finding: m.fmark_finding,
  'other-tools': m.fmark_other_tools, 'tools-conflict': m.fmark_tools_conflict,
};

/** A value in words; labels of sources and folders come with the value. */
export function valueName(facet: Facet, value: Pick<FacetValue, 'value' | 'label'>, scheme: SchemeView): string {
  const { value: of, label } = value;
  switch (facet) {
    case 'reason': return shortReason(of);
    case 'class': return className(of);
    case 'size': return SIZES[of]?.() ?? of;
    case 'mark': return MARKS[of]?.() ?? of;
    case 'year': return of === 'none' ? m.value_none_year() : of;
    case 'camera': return of === 'none' ? m.value_none_stated() : of;
    case 'category': return of === 'none' ? capital(m.undecided()) : categoryShort(scheme, of, words.language);
    case 'suggested': return of === 'needs-human' ? m.value_needs_human() : categoryShort(scheme, of, words.language);
    default: return label ?? of;
  }
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Name of the saved view that a query is, if it is one. */
export const savedName = (query: ViewQuery, saved: readonly { name: string; query: ViewQuery }[]): string | undefined =>
  saved.find((one) => JSON.stringify(one.query) === JSON.stringify(query))?.name;

/** Name of a view: that of the saved one it is, else that of its shelf. */
export const viewName = (query: ViewQuery, saved: readonly { name: string; query: ViewQuery }[]): string => savedName(query, saved) ?? shelfName(query.shelf);

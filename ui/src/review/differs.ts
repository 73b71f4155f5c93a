// What differs between an item and the one that the others are measured against.
import type { ItemDetail } from '../backend/types';

export type Field = 'dimensions' | 'file_size' | 'taken' | 'camera' | 'serial' | 'software' | 'place' | 'media_type' | 'occurrences' | 'category' | 'notes';

/** Values as they are compared; null where nothing is stated. */
export function facts(detail: ItemDetail): Record<Field, string | null> {
  return {
    dimensions: detail.width && detail.height ? `${detail.width} × ${detail.height}` : null,
    file_size: String(detail.size_bytes),
    taken: detail.taken,
    camera: [detail.camera_make, detail.camera_model].filter(Boolean).join(' ') || null,
    serial: detail.camera_serial,
    software: detail.software,
    place: detail.latitude !== null && detail.longitude !== null ? `${detail.latitude.toFixed(4)} ${detail.longitude.toFixed(4)}` : null,
    media_type: detail.media_type,
    occurrences: String(detail.places.length),
    category: detail.category,
    notes: detail.notes[0]?.text || null,
  };
}

/** Fields whose values are not the same, in their order. */
export function differing(first: ItemDetail, other: ItemDetail): Field[] {
  const a = facts(first), b = facts(other);
  return (Object.keys(a) as Field[]).filter((field) => a[field] !== b[field]);
}

// Digests for people: in groups of four, so that they can be read aloud and compared.

/** A digest in hex, in groups of four. */
export const inFours = (hex: string): string => hex.match(/.{1,4}/g)?.join(' ') ?? '';

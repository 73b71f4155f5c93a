// Names that the build defines.
/** False in the product: what it guards is cut out. */
declare const __FAKE__: boolean;

// The shapes of the map. Their type is said here: the checker would take minutes to make one of the numbers themselves.
declare module 'world-atlas/countries-50m.json' {
  const world: unknown;
  export default world;
}

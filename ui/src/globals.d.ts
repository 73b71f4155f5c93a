// Names that the build defines.
/** False in the product: what it guards is cut out. */
declare const __FAKE__: boolean;

// Settings of the Svelte compiler: runes everywhere, TypeScript in the markup.
export default { compilerOptions: { runes: true } };

// Reads what a person types or pastes as sources: one path a line, quotes and file: addresses as file managers give them.

/** Most paths that are taken at once. */
export const PATHS_MAX = 1_000;

export interface TypedPaths { paths: string[]; relative: string[] }

function plain(line: string): string {
  const bare = line.trim().replace(/^(["'])(.*)\1$/, '$2');
  if (!bare.startsWith('file://')) return bare;
  try {
    return decodeURIComponent(bare.slice('file://'.length));
  } catch {
    return bare;
  }
}

/** Absolute paths, each once, and what is not absolute, so that the page can say so. */
export function typedPaths(text: string): TypedPaths {
  const lines = text.split(/\r?\n/).map(plain).filter((line) => line !== '');
  const isAbsolute = (path: string) => path.startsWith('/') || /^[A-Za-z]:\\/.test(path);
  return {
    paths: [...new Set(lines.filter(isAbsolute))].slice(0, PATHS_MAX),
    relative: lines.filter((path) => !isAbsolute(path)),
  };
}

// Paths for people: the name at the end is what tells files apart.

/** The folders of a path, with the last `/`, and the name at its end. */
export function foldersAndName(path: string): [folders: string, name: string] {
  const cut = path.lastIndexOf('/') + 1;
  return [path.slice(0, cut), path.slice(cut)];
}

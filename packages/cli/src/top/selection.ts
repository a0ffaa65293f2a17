/** Which row is selected, and which is the first on the screen. */
export interface Selection {
  /** Null where there is no row. */
  readonly key: string | null;
  readonly index: number;
  readonly first: number;
}

export const NO_SELECTION: Selection = { key: null, index: 0, first: 0 };

/** The selection among rows that may have moved: it stays on the same one, and on the same place where that is gone. */
export function settled(before: Selection, keys: readonly string[], height: number): Selection {
  const found = before.key === null ? -1 : keys.indexOf(before.key);
  return selectionAt(found === -1 ? before.index : found, before.first, { keys, height });
}

/** The selection so many rows further, within what there is. */
export function moved(before: Selection, by: number, keys: readonly string[], height: number): Selection {
  const now = settled(before, keys, height);
  return selectionAt(now.index + by, now.first, { keys, height });
}

function selectionAt(
  wanted: number,
  first: number,
  { keys, height }: { readonly keys: readonly string[]; readonly height: number },
): Selection {
  const index = Math.max(0, Math.min(wanted, keys.length - 1));
  const room = Math.max(1, height);
  const nearest = Math.min(index, Math.max(first, index - room + 1));
  return { key: keys[index] ?? null, index, first: Math.max(0, Math.min(nearest, keys.length - room)) };
}

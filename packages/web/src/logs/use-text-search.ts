import { useDebouncedValue } from '@mantine/hooks';
import { useEffect, useMemo, useState } from 'react';
import { PatternError, patternSearch, plainSearch } from './text-search.js';
import type { TextSearch } from './text-search.js';

/** What a search field asks for. */
export interface Wanted {
  readonly text: string;
  /** Whether the text is a regular expression. */
  readonly isPattern: boolean;
}

interface Compiled {
  readonly pattern: string;
  readonly search: TextSearch | null;
  readonly problem: string | null;
}

/** The search that is wanted, shortly after the last key; `problem` says why a pattern is none, and the one before stays. */
export function useTextSearch(wanted: Wanted): { search: TextSearch | null; problem: string | null } {
  const [{ text, isPattern }] = useDebouncedValue(wanted, 150);
  const plain = useMemo(() => (text === '' || isPattern ? null : plainSearch(text)), [text, isPattern]);
  const [compiled, setCompiled] = useState<Compiled | null>(null);

  useEffect(() => {
    if (!isPattern || text === '') return;
    let gone = false;
    patternSearch(text).then(
      (search) => {
        if (!gone) setCompiled({ pattern: text, search, problem: null });
      },
      (error: unknown) => {
        const problem =
          error instanceof PatternError ? error.message : 'The search cannot be loaded from the robot';
        if (!gone) setCompiled((before) => ({ pattern: text, search: before?.search ?? null, problem }));
      },
    );
    return () => {
      gone = true;
    };
  }, [text, isPattern]);

  if (!isPattern || text === '') return { search: plain, problem: null };
  return { search: compiled?.search ?? null, problem: compiled?.problem ?? null };
}

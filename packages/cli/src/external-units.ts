import type { Catalog } from '@rovi/contract';
import { showBlocks, showUnits } from './systemctl.js';

/** What is the matter with a unit that an `external:` entry names, on this machine. */
export interface ExternalMatter {
  readonly name: string;
  /** `fault`: commands on it cannot work. `note`: worth knowing. */
  readonly kind: 'fault' | 'note';
  readonly text: string;
  readonly mend: string;
}

/** What systemd of this machine makes of the external units of a catalog; null where it does not answer. */
export async function externalMatters({
  external,
}: Pick<Catalog, 'external'>): Promise<ExternalMatter[] | null> {
  const entries = Object.entries(external);
  if (entries.length === 0) return [];
  const shown = await showUnits(
    ['Id', 'LoadState', 'UnitFileState'],
    entries.map(([, { unit }]) => unit),
  );
  const blocks = shown.code === 0 ? showBlocks(shown.stdout) : [];
  // In the order asked, also of what is not there.
  if (blocks.length !== entries.length) return null;
  return entries.flatMap(([name, { unit }], index) => {
    const { Id: id = unit, LoadState: state, UnitFileState: file } = Object.fromEntries(blocks[index] ?? []);
    const matter = (kind: ExternalMatter['kind'], text: string, mend: string) => [{ name, kind, text, mend }];
    if (state === 'masked') {
      return matter(
        'fault',
        `${name}: ${unit} is masked`,
        `\`systemctl unmask ${unit}\`, after asking who masked it`,
      );
    }
    if (state !== 'loaded') {
      return matter(
        'fault',
        `${name}: ${unit} ${state === 'not-found' ? 'is not installed on this machine' : `is ${state ?? 'not known'}`}`,
        'install what brings it, or take the entry out of `external`',
      );
    }
    if (id !== unit) {
      return matter(
        'fault',
        `${name}: ${unit} is another name of ${id}`,
        `write \`unit: ${id}\`: polkit and systemd know it by that name alone`,
      );
    }
    if (file === 'static') {
      return matter(
        'note',
        `${name}: ${unit} is static: it starts at boot only where another unit wants it`,
        '`systemctl list-dependencies --reverse UNIT` says which does',
      );
    }
    return [];
  });
}

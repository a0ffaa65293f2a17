import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import process from 'node:process';
import { hostsFileSchema, RoviError, type HostsFile } from '@rovi/contract';
import { LineCounter, parseDocument, type Document } from 'yaml';
import { reasonOf } from '../catalog-file.js';

/** Characters: more hosts than a person keeps in a file. */
const MAX_LENGTH = 1024 * 1024;

/** One inventory as it is written and as it is meant. */
export interface InventoryFile {
  readonly path: string;
  readonly content: HostsFile;
  /** With comments and order, for a change. */
  readonly document: Document.Parsed;
}

/**
 * Null where there is no such file. Rejects with `hosts-invalid`, which names line and column of each fault; also where
 * somebody else could have written it: it decides which robot a command hits.
 */
export async function readInventoryFile(path: string): Promise<InventoryFile | null> {
  let text: string;
  try {
    text = await readOwn(path);
  } catch (cause) {
    if (cause instanceof RoviError) throw cause;
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new RoviError('hosts-invalid', `${path} cannot be read: ${reasonOf(cause)}`, {
      mend: 'Let your account read it, or take it away.',
      context: { file: path },
      cause,
    });
  }
  return parseInventory(text, path);
}

/** What is looked at is the very file that is read. */
async function readOwn(path: string): Promise<string> {
  // Not blocking: a pipe nobody writes to would hold the command for ever.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const status = await file.stat();
    if (!status.isFile()) throw notUsed(path, 'is no file', `Take ${path} away.`);
    const { uid, gid, mode } = status;
    if (uid !== 0 && uid !== process.getuid?.() && String(uid) !== whoAskedSudo()) {
      throw notUsed(
        path,
        `belongs to user ${String(uid)}`,
        `Look at what is in it, then \`sudo chown root ${path}\`.`,
      );
    }
    // A group of one's own, as Debian gives everybody, is nobody else.
    if ((mode & 0o002) !== 0 || ((mode & 0o020) !== 0 && gid !== process.getgid?.())) {
      throw notUsed(path, 'can be written by others', `Look at what is in it, then \`chmod go-w ${path}\`.`);
    }
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

/** The user who became root by sudo, where this is root; null else. */
function whoAskedSudo(): string | null {
  return process.getuid?.() === 0 ? (process.env['SUDO_UID'] ?? null) : null;
}

function notUsed(path: string, why: string, mend: string): RoviError {
  return new RoviError('hosts-invalid', `${path} ${why}: it was not used, and nothing was done`, {
    mend,
    context: { file: path },
  });
}

/** Throws `hosts-invalid`. */
export function parseInventory(text: string, path: string): InventoryFile {
  if (text.length > MAX_LENGTH) {
    throw invalid(path, [{ line: 1, column: 1, path: '', message: 'it is too long for an inventory' }]);
  }
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false, logLevel: 'error' });
  const at = (offset: number): { line: number; column: number } => {
    const { line, col } = counter.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const faults = [...document.errors, ...document.warnings].map(({ pos, message }) => ({
    ...at(pos[0]),
    path: '',
    message,
  }));
  if (faults.length > 0) throw invalid(path, faults);
  const result = hostsFileSchema.safeParse(dataOf(document, path));
  if (result.success) return { path, content: result.data, document };
  throw invalid(
    path,
    result.error.issues.map((issue) => {
      const names = issue.path.map(String);
      const message =
        issue.code === 'unrecognized_keys'
          ? `unknown key ${issue.keys.map((key) => `"${key}"`).join(', ')}`
          : issue.code === 'invalid_key'
            ? issue.issues.map((one) => one.message).join('; ')
            : issue.message;
      return { ...at(offsetOf(document, names)), path: names.join('.'), message };
    }),
  );
}

function dataOf(document: Document.Parsed, path: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 }) as unknown;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw invalid(path, [{ line: 1, column: 1, path: '', message }]);
  }
}

/** Where the value of this path stands, or the nearest mapping around it. */
function offsetOf(document: Document.Parsed, path: readonly string[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true) as
      { range?: [number, number, number] } | undefined;
    if (node?.range !== undefined) return node.range[0];
  }
  return 0;
}

interface Fault {
  readonly line: number;
  readonly column: number;
  readonly path: string;
  readonly message: string;
}

function invalid(file: string, issues: readonly Fault[]): RoviError {
  const [first = { line: 1, column: 1, path: '', message: 'expected an inventory' }] = issues;
  const more = issues.length > 1 ? ` (and ${String(issues.length - 1)} more)` : '';
  const where = `${file}:${String(first.line)}:${String(first.column)}`;
  const path = first.path === '' ? '' : `${first.path}: `;
  return new RoviError('hosts-invalid', `${where}: ${path}${first.message}${more}`, {
    mend: `Correct ${issues.length > 1 ? 'the lines named' : 'the line named'} in ${file}: \`version: 1\`, then \`hosts:\` with a name and an \`address:\` each.`,
    context: { file, issues },
  });
}

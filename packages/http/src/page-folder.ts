import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};
const COMPRESSED = /^(?:text|application)\/|svg/;
/** Bytes of a folder that are a web page and not something else. */
const MAX_BYTES = 32 * 1024 * 1024;

/** One file of the page. */
export interface PageFile {
  readonly type: string;
  readonly bytes: Buffer;
  readonly etag: string;
  /** Whether its name changes with its content. */
  readonly hashed: boolean;
  /** The bytes compressed; null where that gains nothing. Compressed once, when it is first asked for. */
  gzipped(): Promise<Buffer | null>;
}

/**
 * The web page's files, all in memory: an upgrade replaces them on the disk while this gateway, which goes on with its
 * own, serves the page that fits it.
 */
export class PageFolder {
  readonly #files: ReadonlyMap<string, PageFile>;

  private constructor(files: ReadonlyMap<string, PageFile>) {
    this.#files = files;
  }

  /** Reads the folder; null where there is no index.html in it. Rejects where it holds more than a page can. */
  static async read(folder: string): Promise<PageFolder | null> {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
    const files = new Map<string, PageFile>();
    let size = 0;
    for (const entry of entries) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      const bytes = await readFile(path);
      size += bytes.length;
      if (size > MAX_BYTES)
        throw new Error(`${folder} is no web page: it holds more than ${String(MAX_BYTES)} bytes`);
      files.set(path.slice(folder.length).replace(/^\/+/, ''), pageFile(path, bytes));
    }
    return files.has('index.html') ? new PageFolder(files) : null;
  }

  /** The file at this path below the page; the page itself for a path of one of its views; null for a file it has not. */
  find(path: string): PageFile | null {
    const name = path.replace(/^\/+/, '');
    return this.#files.get(name) ?? (extname(name) === '' ? (this.#files.get('index.html') ?? null) : null);
  }
}

function pageFile(path: string, bytes: Buffer): PageFile {
  const type = TYPES[extname(path)] ?? 'application/octet-stream';
  let gzipped: Promise<Buffer | null> | null = null;
  return {
    type,
    bytes,
    etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`,
    hashed: path.includes('/assets/'),
    gzipped: () => (gzipped ??= compress(type, bytes)),
  };
}

async function compress(type: string, bytes: Buffer): Promise<Buffer | null> {
  if (!COMPRESSED.test(type)) return null;
  const small = await promisify(gzip)(bytes, { level: 9 });
  return small.length < bytes.length ? small : null;
}

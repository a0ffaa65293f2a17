import { gzipSync } from 'node:zlib';

/**
 * Fails the build where the scripts that the first view waits for, the entry and all it imports statically, are larger
 * than `maxGzippedBytes` after gzip. What a route imports when it is opened does not count.
 */
export function firstViewBudget({ maxGzippedBytes }) {
  return {
    name: 'first-view-budget',
    apply: 'build',
    writeBundle(_options, bundle) {
      const seen = new Set();
      const visit = (fileName) => {
        const chunk = bundle[fileName];
        if (chunk?.type !== 'chunk' || seen.has(fileName)) return;
        seen.add(fileName);
        chunk.imports.forEach(visit);
      };
      for (const chunk of Object.values(bundle)) {
        if (chunk.type === 'chunk' && chunk.isEntry) visit(chunk.fileName);
      }
      const bytes = [...seen].reduce(
        (sum, name) => sum + gzipSync(bundle[name].code, { level: 9 }).length,
        0,
      );
      const text = `scripts of the first view: ${Math.round(bytes / 1000)} kB gzipped, of ${maxGzippedBytes / 1000} kB`;
      if (bytes > maxGzippedBytes) this.error(text);
      console.log(text);
    },
  };
}

// Bundles the programs that install.sh puts on a robot. Run by `npm run build` after `tsc -b`.
import { copyFileSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { PAGE_FILES } from './packages/http/dist/openapi/page-files.js';

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));

/** Packs the files of /docs into the gateway, compressed, in place of the module that reads them from node_modules. */
const packPageFiles = {
  name: 'pack-page-files',
  setup({ onLoad }) {
    onLoad({ filter: /packages\/http\/dist\/openapi\/page-files\.js$/ }, () => {
      const folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
      const packed = Object.fromEntries(
        PAGE_FILES.map((name) => [
          name,
          gzipSync(readFileSync(join(folder, name)), { level: 9 }).toString('base64'),
        ]),
      );
      return {
        contents: `import { gunzipSync } from 'node:zlib';
const packed = new Map(Object.entries(${JSON.stringify(packed)}));
export async function pageFile(name) {
  const text = packed.get(name);
  return text === undefined ? null : gunzipSync(Buffer.from(text, 'base64'));
}`,
      };
    });
  },
};

/**
 * Where a native package could be compiled its addon goes beside the program that loads it, and nothing else of it is
 * needed; where not that program says so (docs/decisions/0023-i2c-bus-is-optional.md, 0024-tickets.md).
 */
const addons = { 'i2c-bus': 'i2c.node', 'better-sqlite3': 'better_sqlite3.node' };
const compiled = new Map();
for (const [library, addon] of Object.entries(addons)) {
  rmSync(`dist/${addon}`, { force: true });
  try {
    compiled.set(addon, createRequire(import.meta.url).resolve(`${library}/build/Release/${addon}`));
  } catch {
    // Said by the program that needs it.
  }
}
const loadAddonFromBeside = {
  name: 'load-addon-from-beside',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^bindings$/ }, () => ({ path: 'bindings', namespace: 'addon' }));
    onResolve({ filter: /^\.\/\w+\.node$/ }, ({ path }) => ({ path, external: true }));
    onLoad({ filter: /.*/, namespace: 'addon' }, () => ({
      contents: `const addons = {
${[...compiled.keys()].map((addon) => `  '${addon}': () => require('./${addon}'),`).join('\n')}
};
module.exports = (name) => addons[name]();`,
    }));
  },
};

await build({
  entryPoints: {
    'rovi-gateway': 'packages/gateway/dist/main.js',
    rovictl: 'packages/cli/dist/main.js',
    'rovi-ros': 'packages/ros/dist/node/main.js',
    'rovi-i2c': 'packages/probes/dist/i2c/main.js',
    'rovi-tickets': 'packages/store/dist/tickets/main.js',
  },
  outdir: 'dist',
  outExtension: { '.js': '.mjs' },
  bundle: true,
  plugins: [packPageFiles, loadAddonFromBeside],
  platform: 'node',
  target: 'node20.20',
  format: 'esm',
  minify: false,
  // dbus-next tries `usocket` for passing descriptors, and `x11` to find a session bus: it does without both.
  external: ['usocket', 'x11', ...Object.keys(addons).filter((library) => !compiled.has(addons[library]))],
  define: { 'process.env.ROVI_VERSION': JSON.stringify(version) },
  banner: {
    // CommonJS libraries inside an ESM bundle need a `require`.
    js: "#!/usr/bin/env node\nimport { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);",
  },
  logLevel: 'warning',
});
for (const [addon, path] of compiled) copyFileSync(path, `dist/${addon}`);

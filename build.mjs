// Bundles the programs that install.sh puts on a robot. Run by `npm run build` after `tsc -b`.
import { readFileSync } from 'node:fs';
import { build } from 'esbuild';

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));

await build({
  entryPoints: {
    'rovi-gateway': 'packages/gateway/dist/main.js',
    rovictl: 'packages/cli/dist/main.js',
    'rovi-ros': 'packages/ros/dist/node/main.js',
  },
  outdir: 'dist',
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  target: 'node20.20',
  format: 'esm',
  minify: false,
  // dbus-next tries `usocket` for passing descriptors, and `x11` to find a session bus: it does without both.
  external: ['usocket', 'x11'],
  define: { 'process.env.ROVI_VERSION': JSON.stringify(version) },
  banner: {
    // CommonJS libraries inside an ESM bundle need a `require`.
    js: "#!/usr/bin/env node\nimport { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);",
  },
  logLevel: 'warning',
});

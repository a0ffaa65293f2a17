import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { firstViewBudget } from './first-view-budget.mjs';

/** Development: `ROVI_SOCKET=/path/to/conductor.sock npm run dev -w packages/web` shows the robot behind that socket. */
const socketPath = process.env.ROVI_SOCKET ?? '/run/rovi/conductor.sock';
const robot = { target: { socketPath }, ws: true, changeOrigin: false };

export default defineConfig({
  root: import.meta.dirname,
  base: '/services/',
  plugins: [react(), firstViewBudget({ maxGzippedBytes: 250_000 })],
  server: {
    port: 5173,
    strictPort: true,
    proxy: {
      '/api': robot,
      '/docs': robot,
      '/openapi.json': robot,
      '/ticket': robot,
      '/execute': robot,
      '/estop': robot,
    },
  },
  build: {
    outDir: '../../dist/web',
    emptyOutDir: true,
    // Nothing is inlined: the page's policy allows scripts and styles from files alone, and pictures are few.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // What counts is the first view's budget.
    chunkSizeWarningLimit: 2_000,
    target: 'es2022',
  },
  logLevel: 'warn',
});

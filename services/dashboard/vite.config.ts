import { defineConfig } from 'vite'

/** In development the API runs beside (`npm start`); the built page is served by it. */
export default defineConfig({
  root: import.meta.dirname,
  build: {
    target: 'es2022',
    // No script for browsers that cannot preload: the policy of the page lets no other script in, and they are old.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  server: { proxy: { '/v1': { target: 'http://127.0.0.1:7070', changeOrigin: true } } },
})

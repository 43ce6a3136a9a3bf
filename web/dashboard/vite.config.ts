import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [react()],
  build: {
    // Never as data: URLs: the page's policy stays without them.
    assetsInlineLimit: 0,
    // The licences of what is bundled ask to travel with it.
    license: { fileName: 'licenses.md' },
    target: 'es2022',
  },
  server: {
    // `npm run dev` beside a running server; that needs DESKBELL_ALLOWED_ORIGINS=http://localhost:5173.
    proxy: {
      '/graphql': { target: 'http://127.0.0.1:8080', ws: true },
      '/photos': 'http://127.0.0.1:8080',
      '/widget.js': 'http://127.0.0.1:8080',
    },
  },
  test: { include: ['src/**/*.test.ts'] },
});

import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [react()],
  build: {
    // No data: URLs, which the page's policy forbids.
    assetsInlineLimit: 0,
    // The licences of the bundled packages must be distributed with them.
    license: { fileName: 'licenses.md' },
    target: 'es2022',
  },
  server: {
    // `npm run dev` next to a running server, which needs
    // DESKBELL_ALLOWED_ORIGINS=http://localhost:5173.
    proxy: {
      '/graphql': { target: 'http://127.0.0.1:8080', ws: true },
      '/photos': 'http://127.0.0.1:8080',
      '/widget.js': 'http://127.0.0.1:8080',
      '/chat.js': 'http://127.0.0.1:8080',
    },
  },
  test: { include: ['src/**/*.test.ts'] },
});

import { createHash } from 'node:crypto';
import { defineConfig } from 'vite';

/**
 * Moves the fonts of GraphiQL's stylesheet from data: URLs into files. There are more than thirty,
 * and a page uses three or four: a browser fetches only those, the stylesheet shrinks to a third,
 * and the page's policy can forbid data: fonts.
 */
const fontsAsFiles = {
  name: 'fonts-as-files',
  apply: 'build',
  generateBundle(_options, bundle) {
    for (const asset of Object.values(bundle)) {
      if (!asset.fileName.endsWith('.css')) {
        continue;
      }
      asset.source = asset.source
        .toString()
        .replaceAll(/url\((["']?)data:font\/(\w+)[^,]*;base64,([^"')]+)\1\)/g, (_url, _quote, kind, text) => {
          const source = Buffer.from(text, 'base64');
          const hash = createHash('sha256').update(source).digest('hex').slice(0, 12);
          const file = `font-${hash}.${kind}`;
          this.emitFile({ type: 'asset', fileName: `assets/${file}`, source });
          return `url(${file})`;
        });
    }
  },
};

export default defineConfig({
  base: '/graphiql/',
  plugins: [fontsAsFiles],
  build: {
    // No data: URLs, for the same reason.
    assetsInlineLimit: 0,
    // The licences of the bundled packages must be distributed with them.
    license: { fileName: 'licenses.md' },
    rolldownOptions: {
      // Dependencies for server components contain "use client", which has no effect in a plain
      // page.
      checks: { moduleLevelDirective: false },
    },
    // Monaco is a single chunk of 2.8 MB.
    chunkSizeWarningLimit: 4096,
  },
  server: {
    // `npm run dev` next to a running server, which needs
    // DESKBELL_ALLOWED_ORIGINS=http://localhost:5173.
    proxy: { '/graphql': { target: 'http://127.0.0.1:8080', ws: true } },
  },
});

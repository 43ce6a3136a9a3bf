import { createHash } from 'node:crypto';
import { defineConfig } from 'vite';

/**
 * GraphiQL's stylesheet carries thirty-odd fonts as data: URLs, of which a reader needs three or four. As files, a
 * browser fetches those only, the stylesheet shrinks to a third, and the page's policy can forbid data: fonts.
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
    // Never as data: URLs, for the same reason.
    assetsInlineLimit: 0,
    // The licences of what is bundled ask to travel with it.
    license: { fileName: 'licenses.md' },
    rolldownOptions: {
      // Dependencies written for server components say "use client", which means nothing in a plain page.
      checks: { moduleLevelDirective: false },
    },
    // Monaco is one chunk of 2.8 MB, and it is fetched once.
    chunkSizeWarningLimit: 4096,
  },
  server: {
    // `npm run dev` beside a running server; that needs DESKBELL_ALLOWED_ORIGINS=http://localhost:5173.
    proxy: { '/graphql': { target: 'http://127.0.0.1:8080', ws: true } },
  },
});

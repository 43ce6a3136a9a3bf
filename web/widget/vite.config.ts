import { defineConfig } from 'vite';

/**
 * Taken from `window`, because a script of the page can declare a constant or a class with such a
 * name: `const URL = '/api'`.
 */
const NAMES = [
  ...[
    'AbortController',
    'Array',
    'CSSStyleSheet',
    'CustomEvent',
    'Date',
    'Error',
    'HTMLElement',
    'HTMLScriptElement',
    'Intl',
    'JSON',
  ],
  ...['Math', 'MutationObserver', 'Number', 'Object', 'String', 'TextDecoder', 'TypeError', 'URL', 'WebSocket'],
];

export default defineConfig({
  build: {
    // Private class members, and everything older.
    target: 'es2022',
    // The stylesheet is written for these browsers: the minifier must not rewrite it.
    cssTarget: 'esnext',
    // A single file that pages load directly.
    lib: { entry: 'src/index.ts', formats: ['iife'], name: 'deskbell', fileName: () => 'widget.js' },
    rolldownOptions: { output: { intro: `const { ${NAMES.join(', ')} } = window;` } },
  },
});

import { defineConfig } from 'vite';

/** Taken from the window, since a script of the page may have a constant or a class by such a name: `const URL = '/api'`. */
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
    // Private class members, and what came before.
    target: 'es2022',
    // What the stylesheet is minified for: it is written for those browsers, and nothing in it is to be rewritten.
    cssTarget: 'esnext',
    // One file that a page may load as it is.
    lib: { entry: 'src/index.ts', formats: ['iife'], name: 'deskbell', fileName: () => 'widget.js' },
    rolldownOptions: { output: { intro: `const { ${NAMES.join(', ')} } = window;` } },
  },
});

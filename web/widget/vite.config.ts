import { defineConfig } from 'vite';

export default defineConfig({
  build: {
    // Private class members, and what came before.
    target: 'es2022',
    // What the stylesheet is minified for: it is written for those browsers, and nothing in it is to be rewritten.
    cssTarget: 'esnext',
    // One file that a page may load as it is.
    lib: { entry: 'src/index.ts', formats: ['iife'], name: 'deskbell', fileName: () => 'widget.js' },
  },
});

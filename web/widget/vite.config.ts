import { minify } from 'terser';
import { defineConfig, type Plugin } from 'vite';

/**
 * Taken from `window`, because a script of the page can declare a constant or a class with such a
 * name: `const URL = '/api'`. Functions of the window work without `this`.
 */
const COMMON = [
  ...['AbortController', 'Array', 'CSSStyleSheet', 'Date', 'Intl', 'JSON', 'Math', 'MutationObserver', 'Object', 'URL'],
  ...['addEventListener', 'clearTimeout', 'createImageBitmap', 'fetch', 'navigator', 'performance', 'setTimeout'],
];
const FILES = {
  widget: {
    entry: 'src/index.ts',
    names: [...COMMON, 'CustomEvent', 'HTMLElement', 'TextDecoder', 'TypeError', 'WebSocket', 'customElements'],
  },
  chat: {
    entry: 'src/chat/index.ts',
    names: [
      ...[...COMMON, 'AudioContext', 'KeyboardEvent', 'Number', 'ResizeObserver', 'String', 'Uint8Array'],
      ...['WebSocket', 'crypto', 'matchMedia', 'removeEventListener'],
    ],
  },
};

/** What is left of the default minifier's output is smaller by another 2 %. */
const smaller: Plugin = {
  name: 'smaller',
  async generateBundle(_, files) {
    for (const file of Object.values(files)) {
      if (file.type === 'chunk') {
        const { code } = await minify(file.code, { ecma: 2020, compress: { passes: 3, unsafe_arrows: true } });
        file.code = code ?? file.code;
      }
    }
  },
};

// Each file is a script of its own, so each is a build of its own: `vite build --mode chat`.
export default defineConfig(({ command, mode }) => {
  const file = mode === 'chat' ? 'chat' : 'widget';
  const { entry, names } = FILES[file];
  return {
    plugins: [smaller],
    // Not one of the names above: in a frame without storage, reading it throws.
    define: command === 'build' ? { localStorage: 'window.localStorage' } : {},
    build: {
      emptyOutDir: file === 'widget',
      // Private class members, and everything older.
      target: 'es2022',
      // The stylesheets are written for these browsers: the minifier must not rewrite them.
      cssTarget: 'esnext',
      // A single file that pages load directly.
      lib: { entry, formats: ['iife'], name: `deskbell_${file}`, fileName: () => `${file}.js` },
      rolldownOptions: {
        checks: { pluginTimings: false },
        output: { intro: `const { ${[...names].sort().join(', ')} } = window;` },
      },
    },
  };
});

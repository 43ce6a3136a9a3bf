import { fileURLToPath } from 'node:url';
import babel from '@babel/core';
import relay from 'babel-plugin-relay';

const here = new URL('.', import.meta.url).href;

/** The compiler leaves out the `.js` of its files, as bundlers allow. */
export function resolve(specifier, context, next) {
  return next(specifier.endsWith('.graphql') ? `${specifier}.js` : specifier, context);
}

export async function load(url, context, next) {
  const loaded = await next(url, context);
  if (!url.startsWith(here) || loaded.format !== 'module') {
    return loaded;
  }
  const { code } = await babel.transformAsync(String(loaded.source), {
    filename: fileURLToPath(url),
    babelrc: false,
    configFile: false,
    plugins: [[relay, { eagerEsModules: true }]],
  });
  return { ...loaded, source: code };
}

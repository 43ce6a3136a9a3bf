// Lets Node run modules with `graphql` tags: the Babel plugin replaces each tag by an import of the
// file that the compiler wrote. A bundler runs the same plugin.
import { register } from 'node:module';

register('./hooks.js', import.meta.url);

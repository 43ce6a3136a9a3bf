// Writes schema.json: the part of the schema that Graphcache needs.
import { readFileSync, writeFileSync } from 'node:fs';
import { minifyIntrospectionQuery } from '@urql/introspection';
import { buildSchema, introspectionFromSchema } from 'graphql';

const at = (path) => new URL(path, import.meta.url);
const schema = buildSchema(readFileSync(at('../../schema.graphql'), 'utf8'));
const introspection = introspectionFromSchema(schema, { descriptions: false });
writeFileSync(at('schema.json'), JSON.stringify(minifyIntrospectionQuery(introspection)));

// Writes possibleTypes.json: which types implement an interface. Apollo Client needs it to match
// fragments on `UserError` and `Node`.
import { readFileSync, writeFileSync } from 'node:fs';
import { buildSchema, isInterfaceType } from 'graphql';

const at = (path) => new URL(path, import.meta.url);
const schema = buildSchema(readFileSync(at('../../schema.graphql'), 'utf8'));
const interfaces = Object.values(schema.getTypeMap()).filter(isInterfaceType);
const possibleTypes = Object.fromEntries(
  interfaces.map((type) => [type.name, schema.getPossibleTypes(type).map(({ name }) => name)]),
);
writeFileSync(at('possibleTypes.json'), JSON.stringify(possibleTypes, null, 2));

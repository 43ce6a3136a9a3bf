// Validates the exported schema, GraphiQL's examples and the guide for front ends with the
// reference implementation. Needs no server.
import { readFileSync } from 'node:fs';
import { buildSchema, coerceInputValue, parse, typeFromAST, validate, validateSchema } from 'graphql';

const read = (path) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const faults = [];

const schema = buildSchema(read('schema.graphql'));
for (const error of validateSchema(schema)) {
  faults.push(`schema.graphql: ${error}`);
}

const path = 'web/graphiql/src/examples.graphql';
const variables = JSON.parse(read('web/graphiql/src/examples.variables.json'));
const examples = parse(read(path));
for (const error of validate(schema, examples)) {
  faults.push(`${path}: ${error}`);
}

// All examples share one set of variables: each must find its own, and none may be unused.
const wanted = new Set();
for (const { name, variableDefinitions } of examples.definitions) {
  for (const { variable, type, defaultValue } of variableDefinitions) {
    wanted.add(variable.name.value);
    const where = `${path}: $${variable.name.value} of ${name?.value ?? 'an operation without a name'}`;
    const value = variables[variable.name.value];
    if (value === undefined && defaultValue) {
      continue;
    }
    coerceInputValue(value, typeFromAST(schema, type), (at, _value, { message }) =>
      faults.push(`${where}: ${at.join('.')} ${message}`),
    );
  }
}
for (const name of Object.keys(variables).filter((name) => !wanted.has(name))) {
  faults.push(`web/graphiql/src/examples.variables.json: no example uses "${name}"`);
}

// What the guide for front ends shows is valid, and it says what to do for each code.
const guide = 'docs/own-front-end.md';
const blocks = [...read(guide).matchAll(/```graphql\n(.*?)```/gs)].map(([, block]) => block);
for (const error of blocks.flatMap((block) => validate(schema, parse(block)))) {
  faults.push(`${guide}: ${error}`);
}
const codes = [...read('edge/src/code.rs').matchAll(/=> "([A-Z_]+)"/g)].map(([, code]) => code);
const explained = new Set([...read(guide).matchAll(/^\| `([A-Z_]{6,})`/gm)].map(([, code]) => code));
for (const code of codes.filter((code) => !explained.has(code))) {
  faults.push(`${guide}: no line for the code ${code}`);
}
for (const code of [...explained].filter((code) => !codes.includes(code))) {
  faults.push(`${guide}: there is no code ${code}`);
}

for (const fault of faults) {
  console.error(`  FAILED ${fault}`);
}
if (faults.length > 0) {
  process.exit(1);
}
console.log(
  `schema.graphql and ${examples.definitions.length} examples are valid (graphql-js), and ${guide} explains all ${codes.length} codes`,
);

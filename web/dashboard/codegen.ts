import type { CodegenConfig } from '@graphql-codegen/cli';

/** Types of the operations in `src`, from the schema that the server exports. `npm run codegen` writes them; a check compares. */
const config: CodegenConfig = {
  schema: '../../schema.graphql',
  documents: ['src/**/*.{ts,tsx}', '!src/**/*.test.ts', '!src/gql/**'],
  generates: {
    [`${process.env.GENERATED ?? 'src/gql'}/`]: {
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: {
        useTypeImports: true,
        enumsAsTypes: true,
        scalars: { DateTime: 'string', Upload: 'Blob' },
        // A client meets values that came after it was built.
        futureProofUnions: false,
      },
    },
  },
};

export default config;

import type { CodegenConfig } from '@graphql-codegen/cli';

/**
 * Generates the types of the operations in `src` from the exported schema. Run with `npm run
 * codegen`. A check fails when they are outdated.
 */
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
        // A newer server can return values that are unknown at build time.
        futureProofUnions: false,
      },
    },
  },
};

export default config;

// Optimistic updates: shown before the server responds, and rolled back on an error.
import type { OptimisticMutationConfig, Variables } from '@urql/exchange-graphcache';

export const optimistic: OptimisticMutationConfig = {
  activateOperator: (args) => activity('ActivateOperatorPayload', args, true),
  deactivateOperator: (args) => activity('DeactivateOperatorPayload', args, false),
};

function activity(payload: string, args: Variables, isActive: boolean) {
  const { operatorId } = args.input as { operatorId: string };
  return { __typename: payload, operator: { __typename: 'Operator', id: operatorId, isActive }, userErrors: [] };
}

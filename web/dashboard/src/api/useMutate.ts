import { type AnyVariables, type TypedDocumentNode, useClient } from 'urql';
import { type Answer, answerOf, type Payloads } from './answer';

export type Mutate = <Data extends Payloads<Data>, Variables extends AnyVariables>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
) => Promise<Answer<NonNullable<Data[keyof Data]>>>;

/** Returns a function that sends a mutation. In a form, `useForm` sends it and shows the faults. */
export function useMutate(): Mutate {
  const client = useClient();
  return async (document, variables) => {
    const { data, error } = await client.mutation(document, variables);
    return answerOf(data, error);
  };
}

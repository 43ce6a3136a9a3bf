import { useDeferredValue, useState } from 'react';
import { useMutation, useQuery } from 'urql';
import { explain, trouble } from '../api/problems';
import { graphql } from '../gql';
import type { HeirFieldsFragment } from '../gql/graphql';
import { useWords } from '../i18n';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { Field } from '../ui/Field';
import { Notice } from '../ui/Notice';
import { TextField } from '../ui/TextField';
import { useToasts } from '../ui/toasts';

export const HeirFields = graphql(`
  fragment HeirFields on Operator {
    id
    name
    email
    isOwner
    isInvited
  }
`);

const HeirsQuery = graphql(`
  query Heirs($search: String) {
    account {
      id
      operators(first: 100, search: $search) {
        nodes {
          ...HeirFields
        }
        totalCount
      }
    }
  }
`);

const TransferOwnershipMutation = graphql(`
  mutation TransferOwnership($input: TransferOwnershipInput!) {
    transferOwnership(input: $input) {
      account {
        ...AccountFields
      }
      userErrors {
        ...UserErrorFields
      }
    }
  }
`);

/** A list of more people than that is easier to search than to scroll. */
const SEARCHED_FROM = 20;

/** Gives the account to somebody else. Only for the owner, who keeps full access and cannot take it back. */
export function HandOver() {
  const words = useWords();
  const { t } = words;
  const toasts = useToasts();
  const [search, setSearch] = useState('');
  const [heirId, setHeirId] = useState('');
  const [asking, setAsking] = useState<HeirFieldsFragment | null>(null);
  const [refusal, setRefusal] = useState<string | null>(null);
  const [isLong, setIsLong] = useState(false);
  const [{ data, error }] = useQuery({ query: HeirsQuery, variables: { search: useDeferredValue(search) || null } });
  const [{ fetching }, transfer] = useMutation(TransferOwnershipMutation);
  const operators = data?.account?.operators;
  // Whoever has no password yet could not sign in.
  const heirs = operators?.nodes.filter((one) => !one.isOwner && !one.isInvited) ?? [];
  const heir = heirs.find((one) => one.id === heirId);
  if (!isLong && (operators?.totalCount ?? 0) > SEARCHED_FROM) {
    setIsLong(true);
  }

  async function handOver(to: HeirFieldsFragment) {
    const { data: done, error } = await transfer({ input: { operatorId: to.id } });
    const problems = done?.transferOwnership?.userErrors ?? [];
    const said = trouble(error, words) ?? problems.flatMap((one) => explain(one, words)).join(' ');
    setAsking(null);
    setRefusal(said || null);
    if (!said) {
      toasts.good(t('account.handedOver', { name: to.name }));
    }
  }

  if (operators && heirs.length === 0 && search === '') {
    return <p>{t('account.nobodyToHandOver')}</p>;
  }
  return (
    <div className="narrow">
      <p>{t('account.handOverHint')}</p>
      <Notice kind="bad">{refusal ?? trouble(error, words)}</Notice>
      {isLong && (
        <TextField label={t('account.findHeir')} name="search" type="search" value={search} onChange={setSearch} />
      )}
      <Field label={t('account.heir')}>
        {(described) => (
          <select {...described} value={heir?.id ?? ''} onChange={({ target }) => setHeirId(target.value)}>
            <option value="">{t('account.chooseHeir')}</option>
            {heirs.map((one) => (
              <option key={one.id} value={one.id}>
                {one.name} · {one.email}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Button kind="danger" disabled={!heir} onClick={() => heir && setAsking(heir)}>
        {t('account.handOver')}
      </Button>
      {asking && (
        <Dialog title={t('account.handOverTitle', { name: asking.name })} onClose={() => setAsking(null)}>
          <p>{t('account.handOverSure', { name: asking.name })}</p>
          <div className="actions">
            <Button kind="danger" busy={fetching} onClick={() => void handOver(asking)}>
              {t('account.handOver')}
            </Button>
            <Button onClick={() => setAsking(null)}>{t('form.cancel')}</Button>
          </div>
        </Dialog>
      )}
    </div>
  );
}

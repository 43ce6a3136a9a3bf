import { useState } from 'react';
import { useQuery, useSubscription } from 'urql';
import { trouble } from '../api/problems';
import { useForm } from '../api/useForm';
import { graphql } from '../gql';
import type { HeirFieldsFragment } from '../gql/graphql';
import { useWords } from '../i18n';
import { LONGEST_SEARCH } from '../operators/paging';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { Field } from '../ui/Field';
import { Notice } from '../ui/Notice';
import { SearchField } from '../ui/SearchField';
import { useToasts } from '../ui/toasts';
import { heirsOf } from './heirs';

export const HeirFields = graphql(`
  fragment HeirFields on Operator {
    id
    name
    email
    isOwner
    isInvited
  }
`);

export const HeirListFields = graphql(`
  fragment HeirListFields on Account {
    id
    operators(first: 100, search: $search) {
      nodes {
        ...HeirFields
      }
      totalCount
    }
  }
`);

const HeirsQuery = graphql(`
  query Heirs($search: String) {
    account {
      ...HeirListFields
    }
  }
`);

const HeirsSubscription = graphql(`
  subscription HeirsChanges($search: String) {
    account {
      ...HeirListFields
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

/** Longer lists get a search field. */
const SEARCHED_FROM = 20;

/**
 * Hands the account over to another operator. Only the owner can do this. The owner keeps full
 * access, but cannot undo it.
 */
export function HandOver() {
  const words = useWords();
  const { t } = words;
  const toasts = useToasts();
  const [search, setSearch] = useState('');
  const [heirId, setHeirId] = useState('');
  const [asking, setAsking] = useState<HeirFieldsFragment | null>(null);
  const [isLong, setIsLong] = useState(false);
  const variables = { search: search.trim() || null };
  const [{ data, error, fetching: searching }] = useQuery({ query: HeirsQuery, variables });
  useSubscription({ query: HeirsSubscription, variables });
  const form = useForm([]);
  const operators = data?.account?.operators;
  const { heirs, remark } = heirsOf(operators, search);
  const heir = heirs.find((one) => one.id === heirId);
  if (!isLong && (operators?.totalCount ?? 0) > SEARCHED_FROM) {
    setIsLong(true);
  }

  async function handOver(to: HeirFieldsFragment) {
    const { isGranted } = await form.send(TransferOwnershipMutation, { input: { operatorId: to.id } });
    setAsking(null);
    if (isGranted) {
      toasts.good(t('account.handedOver', { name: to.name }));
    }
  }

  if (remark === 'noHeirYet') {
    return <p>{t('account.noHeirYet')}</p>;
  }
  return (
    <div className="narrow">
      <p>{t('account.handOverHint')}</p>
      <Notice kind="bad">{form.general ?? trouble(error, words)}</Notice>
      {isLong && (
        <>
          <SearchField label={t('account.findHeir')} value={search} maxLength={LONGEST_SEARCH} onSearch={setSearch} />
          <p className="quiet-text" role="status">
            {remark && !searching && t(remark === 'moreHeirs' ? 'account.moreHeirs' : 'account.noHeirFound')}
          </p>
        </>
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
            <Button kind="danger" busy={form.busy} onClick={() => void form.run(() => handOver(asking))}>
              {t('account.handOver')}
            </Button>
            <Button onClick={() => setAsking(null)}>{t('form.cancel')}</Button>
          </div>
        </Dialog>
      )}
    </div>
  );
}

import { useState } from 'react';
import { useQuery, useSubscription } from 'urql';
import { trouble } from '../api/problems';
import { useForm } from '../api/useForm';
import { graphql } from '../gql';
import type { CandidateFieldsFragment } from '../gql/graphql';
import { useWords } from '../i18n';
import { LONGEST_SEARCH } from '../operators/paging';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { Field } from '../ui/Field';
import { Notice } from '../ui/Notice';
import { SearchField } from '../ui/SearchField';
import { useToasts } from '../ui/toasts';
import { candidatesOf } from './candidates';

export const CandidateFields = graphql(`
  fragment CandidateFields on Operator {
    id
    name
    email
    isOwner
    isInvited
  }
`);

export const CandidateListFields = graphql(`
  fragment CandidateListFields on Account {
    id
    operators(first: 100, search: $search) {
      nodes {
        ...CandidateFields
      }
      totalCount
    }
  }
`);

const CandidatesQuery = graphql(`
  query Candidates($search: String) {
    account {
      ...CandidateListFields
    }
  }
`);

const CandidatesSubscription = graphql(`
  subscription CandidatesChanges($search: String) {
    account {
      ...CandidateListFields
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
  const [candidateId, setCandidateId] = useState('');
  const [confirming, setConfirming] = useState<CandidateFieldsFragment | null>(null);
  const [isLong, setIsLong] = useState(false);
  const variables = { search: search.trim() || null };
  const [{ data, error, fetching: searching }] = useQuery({ query: CandidatesQuery, variables });
  useSubscription({ query: CandidatesSubscription, variables });
  const form = useForm([]);
  const operators = data?.account?.operators;
  const { candidates, remark } = candidatesOf(operators, search);
  const candidate = candidates.find((one) => one.id === candidateId);
  if (!isLong && (operators?.totalCount ?? 0) > SEARCHED_FROM) {
    setIsLong(true);
  }

  async function handOver(to: CandidateFieldsFragment) {
    const { isGranted } = await form.send(TransferOwnershipMutation, { input: { operatorId: to.id } });
    setConfirming(null);
    if (isGranted) {
      toasts.good(t('account.handedOver', { name: to.name }));
    }
  }

  if (remark === 'noCandidateYet') {
    return <p>{t('account.noCandidateYet')}</p>;
  }
  return (
    <div className="narrow">
      <p>{t('account.handOverHint')}</p>
      <Notice kind="bad">{form.general ?? trouble(error, words)}</Notice>
      {isLong && (
        <>
          <SearchField
            label={t('account.findCandidate')}
            value={search}
            maxLength={LONGEST_SEARCH}
            onSearch={setSearch}
          />
          <p className="quiet-text" role="status">
            {remark &&
              !searching &&
              t(remark === 'moreCandidates' ? 'account.moreCandidates' : 'account.noCandidateFound')}
          </p>
        </>
      )}
      <Field label={t('account.candidate')}>
        {(described) => (
          <select {...described} value={candidate?.id ?? ''} onChange={({ target }) => setCandidateId(target.value)}>
            <option value="">{t('account.chooseCandidate')}</option>
            {candidates.map((one) => (
              <option key={one.id} value={one.id}>
                {one.name} · {one.email}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Button kind="danger" disabled={!candidate} onClick={() => candidate && setConfirming(candidate)}>
        {t('account.handOver')}
      </Button>
      {confirming && (
        <Dialog title={t('account.handOverTitle', { name: confirming.name })} onClose={() => setConfirming(null)}>
          <p>{t('account.handOverSure', { name: confirming.name })}</p>
          <div className="actions">
            <Button kind="danger" busy={form.busy} onClick={() => void form.run(() => handOver(confirming))}>
              {t('account.handOver')}
            </Button>
            <Button onClick={() => setConfirming(null)}>{t('form.cancel')}</Button>
          </div>
        </Dialog>
      )}
    </div>
  );
}

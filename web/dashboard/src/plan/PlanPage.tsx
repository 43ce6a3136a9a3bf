import { useLocation } from 'react-router';
import { useQuery, useSubscription } from 'urql';
import { trouble } from '../api/problems';
import { useLast } from '../api/useLast';
import { graphql } from '../gql';
import { useWords } from '../i18n';
import { upgradeOf } from '../operators/upgrade';
import { Notice } from '../ui/Notice';
import { Page } from '../ui/Page';
import { PlanForm } from './PlanForm';

export const PlanAccountFields = graphql(`
  fragment PlanAccountFields on Account {
    id
    plan {
      code
    }
    seats {
      used
      limit
      free
    }
    active: operators(first: 100, isActive: true) {
      nodes {
        ...SeatHolderFields
      }
      totalCount
    }
  }
`);

const PlanQuery = graphql(`
  query PlanPage {
    plans {
      ...OfferFields
    }
    account {
      ...PlanAccountFields
    }
  }
`);

const PlanSubscription = graphql(`
  subscription PlanPageChanges {
    account {
      ...PlanAccountFields
    }
  }
`);

export function Component() {
  const words = useWords();
  const { t } = words;
  const [{ data: answer, error }] = useQuery({ query: PlanQuery });
  const data = useLast(answer?.account && answer);
  useSubscription({ query: PlanSubscription });
  const upgrade = upgradeOf(useLocation().state);
  const isActive = data?.account?.active.nodes.some(({ id }) => id === upgrade?.operator.id);
  return (
    <Page title={t('plan.title')}>
      {!data && <Notice kind="bad">{trouble(error, words)}</Notice>}
      {data?.account && (
        <>
          <p>{t('plan.seatsInUse', { used: data.account.seats.used, count: data.account.seats.limit })}</p>
          <PlanForm account={data.account} offers={data.plans} upgrade={isActive ? null : upgrade} />
        </>
      )}
    </Page>
  );
}

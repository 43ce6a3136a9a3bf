import { useQuery } from 'urql';
import { useSession } from '../api/session';
import { graphql } from '../gql';
import type { OperatorDetailsFragment } from '../gql/graphql';
import { useWords } from '../i18n';
import { Switch } from '../ui/Switch';
import type { Activity } from './useActivity';

const OperatorSeatsQuery = graphql(`
  query OperatorSeats {
    account {
      ...FreeSeatsFields
    }
  }
`);

/** The switch of one operator, the seats, and when the operator was last seen. */
export function OperatorActivity({ operator, activity }: { operator: OperatorDetailsFragment; activity: Activity }) {
  const { t, moment } = useWords();
  const [{ data }] = useQuery({ query: OperatorSeatsQuery });
  const { hasPlans } = useSession();
  const seats = hasPlans ? data?.account?.seats : undefined;
  return (
    <section className="card" aria-label={t('operator.activity')}>
      <div className="activity">
        <Switch
          label={t('operators.switch', { name: operator.name })}
          on={operator.isActive}
          busy={activity.isBusy(operator.id)}
          onChange={(isActive) => void activity.setActive(operator, isActive)}
        />
        <strong aria-hidden="true">{operator.isActive ? t('activity.active') : t('activity.inactive')}</strong>
        {seats && <span className="quiet-text">{t('plan.seatsInUse', { used: seats.used, count: seats.limit })}</span>}
      </div>
      {operator.isActive && operator.isInvited && <p>{t('operators.notShown')}</p>}
      <dl className="facts">
        <dt>{t('operator.addedAt')}</dt>
        <dd>{moment(operator.createdAt)}</dd>
        <dt>{t('operator.lastSeenAt')}</dt>
        <dd>{operator.lastSeenAt ? moment(operator.lastSeenAt) : t('operator.neverSeen')}</dd>
      </dl>
    </section>
  );
}

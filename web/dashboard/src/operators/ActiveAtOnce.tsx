import { useId } from 'react';
import { useQuery, useSubscription } from 'urql';
import { useSession } from '../api/session';
import { graphql } from '../gql';
import { useWords } from '../i18n';

export const FreeSeatsFields = graphql(`
  fragment FreeSeatsFields on Account {
    id
    seats {
      used
      limit
      free
    }
  }
`);

const FreeSeatsQuery = graphql(`
  query FreeSeats {
    account {
      ...FreeSeatsFields
    }
  }
`);

const FreeSeatsSubscription = graphql(`
  subscription FreeSeatsChanges {
    account {
      ...FreeSeatsFields
    }
  }
`);

/** Whether a new operator is activated immediately, with the number of free seats. */
export function ActiveAtOnce(props: { checked: boolean; onChange(checked: boolean): void }) {
  const { t } = useWords();
  const id = useId();
  const [{ data }] = useQuery({ query: FreeSeatsQuery });
  useSubscription({ query: FreeSeatsSubscription });
  const { hasPlans } = useSession();
  const seats = data?.account?.seats;
  return (
    <div className="active-at-once">
      <label className="choice">
        <input
          type="checkbox"
          name="isActive"
          checked={props.checked}
          aria-describedby={`${id}-hint`}
          onChange={({ target }) => props.onChange(target.checked)}
        />
        <span>
          <strong>{t('operators.activeAtOnce')}</strong>
          <br />
          <span id={`${id}-hint`} className="quiet-text">
            {hasPlans && seats && seats.free > 0 && t('operators.freeSeats', { count: seats.free })}
            {seats && seats.free <= 0 && t('operators.noFreeSeat', { count: seats.limit })}
          </span>
        </span>
      </label>
    </div>
  );
}

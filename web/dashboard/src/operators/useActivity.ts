// Activates and deactivates operators: the switch of each, and the questions when it cannot change.
import { useState } from 'react';
import { useClient } from 'urql';
import { reasonOf } from '../api/answer';
import { seatsInUse } from '../api/problems';
import { useSession } from '../api/session';
import { useMutate } from '../api/useMutate';
import { graphql } from '../gql';
import { useWords } from '../i18n';
import { useToasts } from '../ui/toasts';
import { usePending } from './usePending';

const ActivateOperatorMutation = graphql(`
  mutation ActivateOperator($input: ActivateOperatorInput!) {
    activateOperator(input: $input) {
      operator {
        id
        isActive
      }
      userErrors {
        ...UserErrorFields
      }
    }
  }
`);

const DeactivateOperatorMutation = graphql(`
  mutation DeactivateOperator($input: DeactivateOperatorInput!) {
    deactivateOperator(input: $input) {
      operator {
        id
        isActive
      }
      userErrors {
        ...UserErrorFields
      }
    }
  }
`);

const SeatsQuery = graphql(`
  query Seats {
    account {
      id
      seats {
        used
        limit
        free
      }
    }
  }
`);

/** The operator whose activity changes. */
export interface ActivityTarget {
  id: string;
  name: string;
}

export interface Activity {
  /**
   * Moves the switch at once, and back with a message on an error. Returns whether the change
   * succeeded.
   */
  setActive(operator: ActivityTarget, isActive: boolean): Promise<boolean>;
  /**
   * Explains that all `limit` seats are in use, and offers to move a seat. `news` is what else has
   * just happened to the operator.
   */
  offerSeat(operator: ActivityTarget, limit: number, news?: string): void;
  isBusy(id: string): boolean;
  busy: boolean;
  /** The latest success, for screen readers. */
  announcement: string;
  /** What the user must decide first. `ActivityDialogs` shows it. */
  question: Question | undefined;
}

export type Question =
  /** All `limit` seats are in use. `close` ends the question. */
  | { about: 'seat'; operator: ActivityTarget; limit: number; news: string | undefined; close(): void }
  /** The last active operator would be deactivated. */
  | { about: 'last'; operator: ActivityTarget; answer(sure: boolean): void };

/** Activates and deactivates operators. */
export function useActivity(): Activity {
  const words = useWords();
  const { t } = words;
  const toasts = useToasts();
  const client = useClient();
  const { live } = useSession();
  const mutate = useMutate();
  // A queue: a response that arrives while a dialog is open may need a dialog as well.
  const [questions, setQuestions] = useState<readonly Question[]>([]);
  const [announcement, setAnnouncement] = useState('');
  const pending = usePending();
  const enqueue = (one: Question) => setQuestions((before) => [...before, one]);
  const closeQuestion = () => setQuestions(([_, ...others]) => others);
  const offerSeat = (operator: ActivityTarget, limit: number, news?: string) =>
    enqueue({ about: 'seat', operator, limit, news, close: closeQuestion });

  async function isSure(operator: ActivityTarget): Promise<boolean> {
    const { data } = await client.query(SeatsQuery, {}, { requestPolicy: 'cache-first' });
    if (data?.account?.seats.used !== 1) {
      return true;
    }
    return new Promise((resolve) => {
      const answer = (sure: boolean) => {
        closeQuestion();
        resolve(sure);
      };
      enqueue({ about: 'last', operator, answer });
    });
  }

  async function setActive(operator: ActivityTarget, isActive: boolean): Promise<boolean> {
    setAnnouncement('');
    toasts.clear(operator.id);
    if (!isActive && !(await isSure(operator))) {
      return false;
    }
    const variables = { input: { operatorId: operator.id } };
    const answer = isActive
      ? await mutate(ActivateOperatorMutation, variables)
      : await mutate(DeactivateOperatorMutation, variables);
    const limit = seatsInUse(answer.problems);
    if (limit !== null) {
      offerSeat(operator, limit);
      return false;
    }
    const reason = reasonOf(answer, words);
    if (reason) {
      toasts.bad(t('operators.failed', { name: operator.name, reason }), operator.id);
      return false;
    }
    setAnnouncement(t(isActive ? 'activity.isActiveNow' : 'activity.isInactiveNow', { name: operator.name }));
    if (!live) {
      // Seats usually come with live updates, which are not available at the moment.
      void client.query(SeatsQuery, {}, { requestPolicy: 'network-only' }).toPromise();
    }
    return true;
  }

  return {
    setActive: (operator, isActive) => pending.run(operator.id, () => setActive(operator, isActive)),
    offerSeat,
    isBusy: pending.has,
    busy: pending.any,
    announcement,
    question: questions[0],
  };
}

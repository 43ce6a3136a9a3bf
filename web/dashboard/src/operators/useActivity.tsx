// Activates and deactivates operators: the switch of each, and the dialogs when it cannot change.
import { type ReactNode, useState } from 'react';
import { useClient, useMutation } from 'urql';
import { explain, type Problem, seatsInUse, trouble } from '../api/problems';
import { useSession } from '../api/session';
import { graphql } from '../gql';
import { useWords } from '../i18n';
import { useToasts } from '../ui/toasts';
import { LastActiveDialog } from './LastActiveDialog';
import { NoSeatDialog } from './NoSeatDialog';
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
  /** Explains that all `limit` seats are in use, and offers to move a seat. */
  offerSeat(operator: ActivityTarget, limit: number): void;
  isBusy(id: string): boolean;
  busy: boolean;
  /** Dialogs and announcements, which the caller renders. */
  dialog: ReactNode;
}

type Question =
  | { about: 'seat'; operator: ActivityTarget; limit: number }
  | { about: 'last'; operator: ActivityTarget; answer(sure: boolean): void };

/** Activates and deactivates operators. */
export function useActivity(): Activity {
  const words = useWords();
  const { t } = words;
  const toasts = useToasts();
  const client = useClient();
  const { live } = useSession();
  const [, activate] = useMutation(ActivateOperatorMutation);
  const [, deactivate] = useMutation(DeactivateOperatorMutation);
  // A queue: a response that arrives while a dialog is open may need a dialog as well.
  const [questions, setQuestions] = useState<readonly Question[]>([]);
  const question = questions[0];
  const [news, setNews] = useState('');
  const pending = usePending();
  const put = (one: Question) => setQuestions((before) => [...before, one]);
  const settle = () => setQuestions(([_, ...others]) => others);

  async function isSure(operator: ActivityTarget): Promise<boolean> {
    const { data } = await client.query(SeatsQuery, {}, { requestPolicy: 'cache-first' });
    if (data?.account?.seats.used !== 1) {
      return true;
    }
    return new Promise((resolve) => {
      const answer = (sure: boolean) => {
        settle();
        resolve(sure);
      };
      put({ about: 'last', operator, answer });
    });
  }

  async function ask(
    operator: ActivityTarget,
    isActive: boolean,
  ): Promise<{ problems: readonly Problem[]; said: string | null }> {
    const variables = { input: { operatorId: operator.id } };
    if (isActive) {
      const { data, error } = await activate(variables);
      return { problems: data?.activateOperator?.userErrors ?? [], said: trouble(error, words) };
    }
    const { data, error } = await deactivate(variables);
    return { problems: data?.deactivateOperator?.userErrors ?? [], said: trouble(error, words) };
  }

  async function setActive(operator: ActivityTarget, isActive: boolean): Promise<boolean> {
    setNews('');
    if (!isActive && !(await isSure(operator))) {
      return false;
    }
    const { problems, said } = await ask(operator, isActive);
    const limit = seatsInUse(problems);
    if (limit !== null) {
      put({ about: 'seat', operator, limit });
      return false;
    }
    const reason = said ?? problems.flatMap((problem) => explain(problem, words)).join(' ');
    if (reason) {
      toasts.bad(t('operators.failed', { name: operator.name, reason }));
      return false;
    }
    setNews(t(isActive ? 'activity.isActiveNow' : 'activity.isInactiveNow', { name: operator.name }));
    if (!live) {
      // Seats usually come with live updates, which are not available at the moment.
      void client.query(SeatsQuery, {}, { requestPolicy: 'network-only' }).toPromise();
    }
    return true;
  }

  return {
    setActive: (operator, isActive) => pending.run(operator.id, () => setActive(operator, isActive)),
    offerSeat: (operator, limit) => put({ about: 'seat', operator, limit }),
    isBusy: pending.has,
    busy: pending.any,
    dialog: (
      <>
        <div className="visually-hidden" role="status">
          {news}
        </div>
        {question?.about === 'seat' && (
          <NoSeatDialog
            key={question.operator.id}
            operator={question.operator}
            limit={question.limit}
            onActivate={() => {
              settle();
              void pending.run(question.operator.id, () => setActive(question.operator, true));
            }}
            onClose={settle}
          />
        )}
        {question?.about === 'last' && (
          <LastActiveDialog key={question.operator.id} operator={question.operator} onAnswer={question.answer} />
        )}
      </>
    ),
  };
}

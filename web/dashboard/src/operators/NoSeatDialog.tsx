import { useState } from 'react';
import { Link, useLocation, useNavigate } from 'react-router';
import { trouble } from '../api/problems';
import { useSession } from '../api/session';
import { useForm } from '../api/useForm';
import { graphql } from '../gql';
import type { OperatorRowFieldsFragment } from '../gql/graphql';
import { useWords } from '../i18n';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { Notice } from '../ui/Notice';
import { useToasts } from '../ui/toasts';
import { type ListState, START } from './paging';
import { SeatPicker } from './SeatPicker';
import { upgradeState } from './upgrade';
import type { ActivityTarget } from './useActivity';
import { useOperatorList } from './useOperatorList';

const SwapSeatMutation = graphql(`
  mutation SwapSeat($input: SwapSeatInput!) {
    swapSeat(input: $input) {
      from {
        id
        isActive
      }
      to {
        id
        isActive
      }
      userErrors {
        ...UserErrorFields
      }
    }
  }
`);

/**
 * Explains that all seats are in use, and offers to move a seat from another operator or to change
 * the plan. The dialog is live: when a seat becomes free, it offers that seat.
 */
export function NoSeatDialog(props: {
  operator: ActivityTarget;
  /** The number of seats when none was free. Known before the seat holders are loaded. */
  limit: number;
  /** What else has just happened to the operator. */
  news?: string | undefined;
  onActivate(): void;
  onClose(): void;
}) {
  const words = useWords();
  const { t } = words;
  const toasts = useToasts();
  const { operator } = props;
  const { hasPlans } = useSession();
  const [state, setState] = useState<ListState>({ search: '', filter: 'active', position: START });
  const list = useOperatorList(state, (position) => setState((before) => ({ ...before, position })));
  const [from, setFrom] = useState<OperatorRowFieldsFragment | null>(null);
  const form = useForm([]);
  const { account } = list;
  const limit = account?.seats.limit ?? props.limit;
  const holders = account?.operators;
  // A single candidate needs no choice.
  const only = state.search === '' && holders?.totalCount === 1 ? holders.nodes[0] : undefined;
  const chosen = holders?.nodes.find((holder) => holder.id === from?.id) ?? only;
  // With one seat, moving it only replaces one operator by another.
  const isLargerFirst = hasPlans && limit === 1;
  const plan = { to: '/settings/plan', state: upgradeState(operator, useLocation()) };
  const navigate = useNavigate();

  async function move() {
    if (!chosen) {
      form.show(() => ({ '': [t('noSeat.choose')] }));
      return;
    }
    const input = { fromOperatorId: chosen.id, toOperatorId: operator.id };
    const { isGranted } = await form.send(SwapSeatMutation, { input });
    if (isGranted) {
      toasts.good(t('noSeat.moved', { from: chosen.name, to: operator.name }));
      props.onClose();
    }
  }

  async function openPlan() {
    props.onClose();
    await navigate(plan.to, { state: plan.state });
  }

  const toPlan = hasPlans && (
    <Link className={isLargerFirst ? 'button primary' : 'button'} {...plan} onClick={props.onClose}>
      {t('noSeat.changePlan')}
    </Link>
  );
  return (
    <Dialog title={t('noSeat.title')} onClose={props.onClose}>
      <Notice kind="good">{props.news}</Notice>
      {account && account.seats.free > 0 ? (
        <>
          <p>{t('noSeat.freeNow', { name: operator.name })}</p>
          <div className="actions">
            <Button kind="primary" onClick={props.onActivate}>
              {t('noSeat.activate', { name: operator.name })}
            </Button>
            <Button onClick={props.onClose}>{t('form.cancel')}</Button>
          </div>
        </>
      ) : (
        <form ref={form.ref} onSubmit={form.onSubmit(isLargerFirst ? openPlan : move)} noValidate>
          <p>{t(hasPlans ? 'noSeat.text' : 'noSeat.withoutPlans', { name: operator.name, count: limit })}</p>
          {list.error && (
            <Notice kind="bad">
              <p>{trouble(list.error, words)}</p>
              <Button onClick={list.again}>{t('unreachable.again')}</Button>
            </Notice>
          )}
          {!account && <Notice kind="bad">{form.general}</Notice>}
          {!account && !list.error && <p className="loading">{t('operators.loading')}</p>}
          {account && (
            <SeatPicker
              account={account}
              fetching={list.fetching}
              state={state}
              chosen={chosen?.id ?? null}
              fault={form.general ?? null}
              onState={setState}
              onChoose={(holder) => {
                setFrom(holder);
                form.clear();
              }}
            />
          )}
          <div className="actions">
            {isLargerFirst && toPlan}
            {isLargerFirst ? (
              <Button busy={form.busy} disabled={!account} onClick={() => void form.run(move)}>
                {t('noSeat.move')}
              </Button>
            ) : (
              <Button kind="primary" type="submit" busy={form.busy} disabled={!account}>
                {t('noSeat.move')}
              </Button>
            )}
            {!isLargerFirst && toPlan}
            <Button onClick={props.onClose}>{t('form.cancel')}</Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}

import { useState } from 'react';
import { useNavigate } from 'react-router';
import { useForm } from '../api/useForm';
import { graphql } from '../gql';
import type { OfferFieldsFragment, PlanAccountFieldsFragment, PlanCode } from '../gql/graphql';
import { useWords } from '../i18n';
import { ActivityDialogs } from '../operators/ActivityDialogs';
import type { Upgrade } from '../operators/upgrade';
import { useActivity } from '../operators/useActivity';
import { Button } from '../ui/Button';
import { Notice } from '../ui/Notice';
import { TextField } from '../ui/TextField';
import { useToasts } from '../ui/toasts';
import { SAVED, Unsaved } from '../ui/Unsaved';
import { nextSize, proposal, seatsOf, surplus } from './choice';
import { SeatHolders } from './SeatHolders';

export const OfferFields = graphql(`
  fragment OfferFields on Plan {
    code
    name
    seatLimit
    seatMinimum
    seatsAreBought
  }
`);

const ChangePlanMutation = graphql(`
  mutation ChangePlan($input: ChangePlanInput!) {
    changePlan(input: $input) {
      account {
        ...PlanAccountFields
      }
      userErrors {
        ...UserErrorFields
      }
    }
  }
`);

export function PlanForm(props: {
  account: PlanAccountFieldsFragment;
  offers: readonly OfferFieldsFragment[];
  /** The operator who needs a seat. Null if the page was opened for another reason. */
  upgrade: Upgrade | null;
}) {
  const { t } = useWords();
  const toasts = useToasts();
  const navigate = useNavigate();
  const activity = useActivity();
  const { account, offers, upgrade } = props;
  const next = upgrade && nextSize(offers, account.plan.code, account.seats.used + 1);
  // The user's choice. Without one, the form shows the account's current plan, live, or the next
  // size for the operator who needs a seat.
  const [code, setCode] = useState<PlanCode | null>(null);
  const [typed, setTyped] = useState<string | null>(null);
  const [leaving, setLeaving] = useState<ReadonlySet<string>>(new Set());
  const form = useForm(['seats', 'deactivateOperatorIds']);

  const offer = offers.find((one) => one.code === (code ?? next?.code ?? account.plan.code));
  if (offer === undefined) {
    return null;
  }
  const seatsTyped = typed ?? proposal(offer, wanted(offer));
  const seats = seatsOf(offer, seatsTyped);
  const tooMany = surplus(account.seats.used, seats);
  // A chosen operator may have become inactive in the meantime.
  const chosen = account.active.nodes.filter((holder) => leaving.has(holder.id)).map((holder) => holder.id);
  const changed = offer.code !== account.plan.code || seats !== account.seats.limit;
  const activates = upgrade !== null && seats !== null && seats > account.seats.used ? upgrade : null;

  /** The number of seats that the account has, or should have for the operator who needs one. */
  function wanted(plan: OfferFieldsFragment): number {
    const { limit, used } = account.seats;
    return upgrade && plan.seatsAreBought ? Math.max(limit, used + 1) : limit;
  }

  function choose(next: OfferFieldsFragment) {
    setCode(next.code);
    setTyped(null);
    form.clear();
  }

  async function save(to: OfferFieldsFragment) {
    if (seats === null) {
      const tooFew = t('invalid.BELOW_MINIMUM', { count: to.seatMinimum });
      form.show(() => ({ seats: [to.seatLimit == null ? tooFew : bounds(to)] }));
      return;
    }
    if (chosen.length < tooMany) {
      form.show(() => ({ deactivateOperatorIds: [t('plan.chooseMore', { count: tooMany - chosen.length })] }));
      return;
    }
    if (changed && !(await change(to, seats))) {
      return;
    }
    if (!activates) {
      toasts.good(t('form.saved'));
    } else if (await activity.setActive(activates.operator, true)) {
      toasts.good(t('activity.isActiveNow', { name: activates.operator.name }));
      // Not if the user has left this page in the meantime.
      if (form.ref.current !== null) {
        await navigate(activates.back, { state: SAVED });
      }
    }
  }

  async function change(to: OfferFieldsFragment, seats: number): Promise<boolean> {
    const { isGranted } = await form.send(ChangePlanMutation, {
      input: {
        plan: to.code,
        ...(to.seatsAreBought && { seats }),
        deactivateOperatorIds: tooMany > 0 ? chosen : [],
      },
    });
    if (isGranted) {
      // Keeps what was chosen or typed while saving.
      setCode((now) => (now === code ? null : now));
      setTyped((now) => (now === typed ? null : now));
      setLeaving(new Set());
    }
    return isGranted;
  }

  function label(): string {
    if (!activates || seats === null) {
      return t('plan.submit');
    }
    const { name } = activates.operator;
    return changed ? t('plan.getSeats', { count: seats, name }) : t('noSeat.activate', { name });
  }

  function bounds(of: OfferFieldsFragment): string {
    return of.seatLimit == null
      ? t('plan.seatsFrom', { count: of.seatMinimum })
      : t('plan.seatsBetween', { from: of.seatMinimum, count: of.seatLimit });
  }

  return (
    <>
      <form className="card narrow" ref={form.ref} onSubmit={form.onSubmit(() => save(offer))} noValidate>
        {/* The next size is a proposal, and not yet a change by the user. */}
        <Unsaved changed={changed && (code !== null || typed !== null)} />
        <Notice kind="bad">{form.general}</Notice>
        <fieldset>
          <legend>{t('plan.choose')}</legend>
          {offers.map((one) => (
            <label className="choice" key={one.code}>
              <input type="radio" name="plan" checked={one.code === offer.code} onChange={() => choose(one)} />
              <span>
                <strong>{one.name}</strong>
                {one.code === account.plan.code && <span className="badge">{t('plan.current')}</span>}
                <br />
                <span className="lead">
                  {one.seatsAreBought ? bounds(one) : t('plan.seatsIncluded', { count: one.seatLimit ?? 1 })}
                </span>
              </span>
            </label>
          ))}
        </fieldset>
        {offer.seatsAreBought && (
          <TextField
            label={t('plan.seats')}
            name="seats"
            type="number"
            inputMode="numeric"
            min={offer.seatMinimum}
            {...(offer.seatLimit != null && { max: offer.seatLimit })}
            value={seatsTyped}
            onChange={setTyped}
            hint={t('plan.seatsHint', { count: account.seats.used })}
            faults={form.faults.seats}
          />
        )}
        {tooMany > 0 && (
          <SeatHolders
            holders={account.active.nodes}
            more={account.active.totalCount - account.active.nodes.length}
            wanted={tooMany}
            chosen={leaving}
            onChange={setLeaving}
            faults={form.faults.deactivateOperatorIds}
          />
        )}
        <Button kind="primary" type="submit" busy={form.busy} disabled={!changed && !activates}>
          {label()}
        </Button>
      </form>
      <ActivityDialogs activity={activity} />
    </>
  );
}

import { graphql } from '../gql';
import type { SeatHolderFieldsFragment } from '../gql/graphql';
import { useWords } from '../i18n';
import { Avatar } from '../ui/Avatar';
import { Faults } from '../ui/Field';

export const SeatHolderFields = graphql(`
  fragment SeatHolderFields on Operator {
    id
    name
    isOwner
    photo {
      url(size: 128)
    }
  }
`);

/** Chooses the operators to deactivate when the plan would have fewer seats. */
export function SeatHolders(props: {
  holders: readonly SeatHolderFieldsFragment[];
  /** The number of active operators that are not in the list. */
  more: number;
  wanted: number;
  chosen: ReadonlySet<string>;
  onChange(chosen: ReadonlySet<string>): void;
  faults: readonly string[] | undefined;
}) {
  const { t } = useWords();

  function toggle(id: string) {
    const next = new Set(props.chosen);
    if (!next.delete(id)) {
      next.add(id);
    }
    props.onChange(next);
  }

  return (
    <fieldset aria-invalid={props.faults ? true : undefined} aria-describedby="seat-holders-hint seat-holders-faults">
      <legend>{t('plan.whoLeaves', { count: props.wanted })}</legend>
      <p id="seat-holders-hint" className="hint">
        {t('plan.whoLeavesHint')}
      </p>
      {props.holders.map((holder) => (
        <label className="choice" key={holder.id}>
          <input type="checkbox" checked={props.chosen.has(holder.id)} onChange={() => toggle(holder.id)} />
          <Avatar name={holder.name} url={holder.photo?.url} />
          <span>
            {holder.name} {holder.isOwner && <span className="badge">{t('operator.owner')}</span>}
          </span>
        </label>
      ))}
      {props.more > 0 && <p className="hint">{t('plan.moreHolders', { count: props.more })}</p>}
      <div role="alert">
        <Faults id="seat-holders-faults" faults={props.faults ?? []} />
      </div>
    </fieldset>
  );
}

import { useId, useRef } from 'react';
import { useViewer } from '../api/viewer';
import type { OperatorListFieldsFragment, OperatorRowFieldsFragment } from '../gql/graphql';
import { useWords } from '../i18n';
import { Avatar } from '../ui/Avatar';
import { Faults } from '../ui/Field';
import { SearchField } from '../ui/SearchField';
import { Pager } from './Pager';
import { type ListState, LONGEST_SEARCH, START } from './paging';

/** Longer lists get a search field. */
const SEARCHED_FROM = 8;

/** Chooses from all active operators whose seat is moved. */
export function SeatPicker(props: {
  account: OperatorListFieldsFragment;
  fetching: boolean;
  state: ListState;
  chosen: string | null;
  fault: string | null;
  onState(state: ListState): void;
  onChoose(holder: OperatorRowFieldsFragment): void;
}) {
  const { t } = useWords();
  const viewer = useViewer();
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const { account, state } = props;
  const { nodes } = account.operators;
  return (
    <>
      {account.seats.used > SEARCHED_FROM && (
        <SearchField
          label={t('operators.search')}
          value={state.search}
          maxLength={LONGEST_SEARCH}
          onSearch={(search) => props.onState({ ...state, search, position: START })}
        />
      )}
      <fieldset
        aria-describedby={props.fault === null ? undefined : `${id}-fault`}
        aria-invalid={props.fault === null ? undefined : true}
        aria-busy={props.fetching}
      >
        <legend>{t('noSeat.from')}</legend>
        <div className="seat-holders" ref={list}>
          {nodes.map((holder) => (
            <label className="choice" key={holder.id}>
              <input
                type="radio"
                name={`${id}-from`}
                checked={holder.id === props.chosen}
                onChange={() => props.onChoose(holder)}
              />
              <Avatar name={holder.name} url={holder.photo?.url} />
              <span>
                {holder.name} {holder.id === viewer.id && <span className="quiet-text">{t('operators.you')}</span>}
                <br />
                <span className="quiet-text">{holder.email}</span>
              </span>
            </label>
          ))}
          {nodes.length === 0 && <p>{t('operators.noneFound')}</p>}
        </div>
        <div role="alert">
          <Faults id={`${id}-fault`} faults={props.fault === null ? [] : [props.fault]} />
        </div>
      </fieldset>
      <Pager
        page={account.operators}
        onMove={(position) => {
          list.current?.scrollTo(0, 0);
          props.onState({ ...state, position });
        }}
      />
    </>
  );
}

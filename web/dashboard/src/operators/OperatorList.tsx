import { useRef } from 'react';
import type { OperatorRowFieldsFragment } from '../gql/graphql';
import { OperatorRow } from './OperatorRow';
import type { Activity } from './useActivity';
import type { Invitation } from './useInvitation';
import { useKeptFocus } from './useKeptFocus';

export function OperatorList(props: {
  operators: readonly OperatorRowFieldsFragment[];
  label: string;
  /** The text of an empty list. */
  empty: string;
  busy: boolean;
  activity: Activity;
  invitation: Invitation;
}) {
  const list = useRef<HTMLUListElement>(null);
  useKeptFocus(list, props.operators);
  return (
    // biome-ignore lint/a11y/noRedundantRoles: Safari ignores the role of a list without bullets.
    <ul ref={list} role="list" className="operators" tabIndex={-1} aria-label={props.label} aria-busy={props.busy}>
      {props.operators.map((operator) => (
        <OperatorRow key={operator.id} operator={operator} activity={props.activity} invitation={props.invitation} />
      ))}
      {props.operators.length === 0 && <li className="empty">{props.empty}</li>}
    </ul>
  );
}

import { useRef } from 'react';
import type { OperatorRowFieldsFragment } from '../gql/graphql';
import { OperatorRow } from './OperatorRow';
import type { Activity } from './useActivity';
import type { Invitation } from './useInvitation';
import { useKeptFocus } from './useKeptFocus';

export function OperatorList(props: {
  operators: readonly OperatorRowFieldsFragment[];
  label: string;
  /** What is said where nobody is. */
  nobody: string;
  busy: boolean;
  activity: Activity;
  invitation: Invitation;
}) {
  const list = useRef<HTMLUListElement>(null);
  useKeptFocus(list, props.operators);
  return (
    // biome-ignore lint/a11y/noRedundantRoles: Safari takes a list without bullets for none.
    <ul ref={list} role="list" className="operators" tabIndex={-1} aria-label={props.label} aria-busy={props.busy}>
      {props.operators.map((operator) => (
        <OperatorRow key={operator.id} operator={operator} activity={props.activity} invitation={props.invitation} />
      ))}
      {props.operators.length === 0 && <li className="nobody">{props.nobody}</li>}
    </ul>
  );
}

import { Link } from 'react-router';
import { useViewer } from '../api/viewer';
import { graphql } from '../gql';
import type { OperatorRowFieldsFragment } from '../gql/graphql';
import { useWords } from '../i18n';
import { Avatar } from '../ui/Avatar';
import { Button } from '../ui/Button';
import { Switch } from '../ui/Switch';
import { nameOf } from './AccessLevelField';
import { arrivalOf } from './invitation';
import type { Activity } from './useActivity';
import type { Invitation } from './useInvitation';

export const OperatorRowFields = graphql(`
  fragment OperatorRowFields on Operator {
    id
    name
    publicName
    email
    lostEmail {
      email
      reason
      lostAt
    }
    accessLevel
    isOwner
    isInvited
    invitation {
      sentAt
      failure
    }
    isActive
    photo {
      url(size: 128)
    }
  }
`);

/** A row of the list: the operator, a link to the form, and the switch. */
export function OperatorRow(props: {
  operator: OperatorRowFieldsFragment;
  activity: Activity;
  invitation: Invitation;
}) {
  const words = useWords();
  const { t } = words;
  const viewer = useViewer();
  const { operator, activity, invitation } = props;
  return (
    <li className="operator-row">
      <Avatar name={operator.name} url={operator.photo?.url} />
      <div className="who">
        <Link to={`/settings/operators/${encodeURIComponent(operator.id)}`}>{operator.name}</Link>{' '}
        {operator.id === viewer.id && <span className="quiet-text">{t('operators.you')}</span>}
        {operator.publicName !== operator.name && (
          <p className="quiet-text">{t('operators.shownAs', { name: operator.publicName })}</p>
        )}
        {operator.isActive && operator.isInvited && <p className="quiet-text">{t('operators.notShown')}</p>}
      </div>
      <p className="email quiet-text">{operator.email}</p>
      <div className="badges">
        {operator.isOwner && <span className="badge">{t('operator.owner')}</span>}
        <span className="badge">{nameOf(operator.accessLevel, words)}</span>
        {operator.lostEmail && <span className="badge">{t('operators.noAddress')}</span>}
        {operator.isInvited && (
          <>
            <span className="badge">{arrivalOf(operator.invitation, words)}</span>
            <Button
              kind="quiet"
              label={t('invitation.sendAgainTo', { name: operator.name })}
              busy={invitation.isBusy(operator.id)}
              onClick={() => void invitation.send(operator)}
            >
              {t('invitation.sendAgain')}
            </Button>
          </>
        )}
      </div>
      <div className="activity">
        <span className={operator.isActive ? 'state on' : 'state'} aria-hidden="true">
          {operator.isActive ? t('activity.active') : t('activity.inactive')}
        </span>
        <Switch
          label={t('operators.switch', { name: operator.name })}
          on={operator.isActive}
          busy={activity.isBusy(operator.id)}
          onChange={(isActive) => void activity.setActive(operator, isActive)}
        />
      </div>
    </li>
  );
}

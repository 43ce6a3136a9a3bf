import { useState } from 'react';
import { useNavigate } from 'react-router';
import { useSession } from '../api/session';
import { useForm } from '../api/useForm';
import { graphql } from '../gql';
import { useWords } from '../i18n';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { Notice } from '../ui/Notice';
import { useToasts } from '../ui/toasts';
import { SAVED } from '../ui/Unsaved';

const RemoveOperatorMutation = graphql(`
  mutation RemoveOperator($input: RemoveOperatorInput!) {
    removeOperator(input: $input) {
      removedOperatorId
      userErrors {
        ...UserErrorFields
      }
    }
  }
`);

/** Removes an operator permanently, after confirmation. The owner cannot be removed. */
export function RemoveOperator(props: { operator: { id: string; name: string; isOwner: boolean }; isSelf: boolean }) {
  const { t } = useWords();
  const toasts = useToasts();
  const navigate = useNavigate();
  const session = useSession();
  const [isConfirming, setIsConfirming] = useState(false);
  const form = useForm([]);
  const { id, name, isOwner } = props.operator;

  async function remove() {
    const { isGranted } = await form.send(RemoveOperatorMutation, { input: { operatorId: id } });
    if (!isGranted) {
      return;
    }
    toasts.good(t('operator.removed', { name }));
    if (props.isSelf) {
      session.leave();
    } else {
      await navigate('/settings/operators', { state: SAVED });
    }
  }

  return (
    <section className="card" aria-labelledby="remove">
      <h2 id="remove">{t('operator.remove')}</h2>
      <p className="hint">{isOwner ? t('operator.ownerStays') : t('operator.removeHint')}</p>
      <div className="actions">
        <Button
          kind="danger"
          disabled={isOwner}
          onClick={() => {
            form.clear();
            setIsConfirming(true);
          }}
        >
          {t('operator.removeNamed', { name })}
        </Button>
      </div>
      {isConfirming && (
        <Dialog title={t('operator.removeTitle', { name })} onClose={() => setIsConfirming(false)}>
          <Notice kind="bad">{form.general}</Notice>
          <p>{props.isSelf ? t('operator.removeSelfSure') : t('operator.removeSure', { name })}</p>
          <div className="actions">
            <Button kind="danger" busy={form.busy} onClick={() => void form.run(remove)}>
              {t('operator.removeNamed', { name })}
            </Button>
            <Button onClick={() => setIsConfirming(false)}>{t('form.cancel')}</Button>
          </div>
        </Dialog>
      )}
    </section>
  );
}

import { useWords } from '../i18n';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import type { ActivityTarget } from './useActivity';

/** Asks before the last active operator is deactivated, because visitors will see it. */
export function LastActiveDialog(props: { operator: ActivityTarget; onAnswer(sure: boolean): void }) {
  const { t } = useWords();
  return (
    <Dialog title={t('lastActive.title')} onClose={() => props.onAnswer(false)}>
      <p>{t('lastActive.text', { name: props.operator.name })}</p>
      <div className="actions">
        <Button kind="danger" onClick={() => props.onAnswer(true)}>
          {t('lastActive.sure')}
        </Button>
        <Button onClick={() => props.onAnswer(false)}>{t('form.cancel')}</Button>
      </div>
    </Dialog>
  );
}

import { useForm } from '../api/useForm';
import { useWords } from '../i18n';
import { Notice } from '../ui/Notice';
import { Switch } from '../ui/Switch';
import { UpdateAccountMutation } from './update';

/** Whether visitors can write. If not, the widget shows only who is available. */
export function ChatSwitch({ isChatEnabled }: { isChatEnabled: boolean }) {
  const { t } = useWords();
  const form = useForm([]);

  const set = (isOn: boolean) => form.run(() => form.send(UpdateAccountMutation, { input: { isChatEnabled: isOn } }));

  return (
    <section className="card" aria-labelledby="chat-switch">
      <h2 id="chat-switch">{t('account.chat')}</h2>
      <Notice kind="bad">{form.general}</Notice>
      <div className="switch-line">
        <Switch
          label={t('account.chatSwitch')}
          on={isChatEnabled}
          busy={form.busy}
          onChange={(isOn) => void set(isOn)}
        />
        <strong aria-hidden="true">{t(isChatEnabled ? 'account.chatOn' : 'account.chatOff')}</strong>
      </div>
      <p className="hint">{t('account.chatHint')}</p>
    </section>
  );
}

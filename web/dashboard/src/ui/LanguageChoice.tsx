import { useId } from 'react';
import { useWords } from '../i18n';
import { isLanguage, LANGUAGES } from '../i18n/language';
import { useToasts } from './toasts';

export function LanguageChoice(props: { label: string }) {
  const id = useId();
  const { language, choose, t } = useWords();
  const toasts = useToasts();

  async function change(tag: string) {
    if (isLanguage(tag)) {
      // The file with the texts can have another name after an update of the server.
      await choose(tag).catch(() => toasts.bad(t(navigator.onLine ? 'broken.text' : 'problem.unreachable')));
    }
  }

  return (
    <div className="field inline">
      <label htmlFor={id}>{props.label}</label>
      <select id={id} value={language} onChange={({ target }) => void change(target.value)}>
        {Object.entries(LANGUAGES).map(([tag, name]) => (
          <option key={tag} value={tag} lang={tag}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}

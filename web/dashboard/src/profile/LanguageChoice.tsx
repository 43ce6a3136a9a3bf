import { useId } from 'react';
import { useWords } from '../i18n';
import { isLanguage, LANGUAGES } from '../i18n/language';

export function LanguageChoice(props: { label: string }) {
  const id = useId();
  const { language, choose } = useWords();
  return (
    <div className="field inline">
      <label htmlFor={id}>{props.label}</label>
      <select id={id} value={language} onChange={({ target }) => isLanguage(target.value) && choose(target.value)}>
        {Object.entries(LANGUAGES).map(([tag, name]) => (
          <option key={tag} value={tag} lang={tag}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}

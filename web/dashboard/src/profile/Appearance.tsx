import { useState } from 'react';
import { useWords } from '../i18n';
import { applyTheme, chosenTheme, THEMES } from '../theme';
import { LanguageChoice } from '../ui/LanguageChoice';

/** Settings of this browser, which are not part of the profile. */
export function Appearance() {
  const { t } = useWords();
  const [theme, setTheme] = useState(chosenTheme);
  return (
    <section className="card" aria-labelledby="appearance">
      <h2 id="appearance">{t('profile.thisBrowser')}</h2>
      <LanguageChoice label={t('language.label')} />
      <fieldset>
        <legend>{t('theme.label')}</legend>
        {THEMES.map((one) => (
          <label className="choice" key={one}>
            <input
              type="radio"
              name="theme"
              checked={theme === one}
              onChange={() => {
                applyTheme(one);
                setTheme(one);
              }}
            />
            {t(`theme.${one}`)}
          </label>
        ))}
      </fieldset>
    </section>
  );
}

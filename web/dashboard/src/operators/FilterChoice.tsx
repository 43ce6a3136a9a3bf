import { useId } from 'react';
import { useWords } from '../i18n';
import { FILTERS, type Filter } from './paging';

export function FilterChoice(props: { value: Filter; onChange(filter: Filter): void }) {
  const { t } = useWords();
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{t('operators.show')}</label>
      <select
        id={id}
        name="show"
        value={props.value}
        onChange={({ target }) => props.onChange(FILTERS.find((filter) => filter === target.value) ?? 'all')}
      >
        {FILTERS.map((filter) => (
          <option key={filter} value={filter}>
            {t(`operators.show.${filter}`)}
          </option>
        ))}
      </select>
    </div>
  );
}

import { useWords } from '../i18n';
import { Field } from '../ui/Field';
import type { ProfileForm } from './useProfileForm';

const MOST = 200;

/**
 * A job title or a motto on one line: Enter adds no line break, and pasted line breaks become
 * spaces.
 */
export function DescriptionField({ form }: { form: ProfileForm }) {
  const { t } = useWords();
  const { description } = form.values;
  const length = lengthOf(description);
  return (
    <Field
      label={t('field.description')}
      hint={
        <>
          {t('operator.descriptionHint')}{' '}
          <span className={length > MOST ? 'counter over' : 'counter'}>
            {t('operator.descriptionCount', { used: length, count: MOST })}
          </span>
        </>
      }
      faults={form.faults.description}
    >
      {(described) => (
        <textarea
          {...described}
          name="description"
          rows={3}
          value={description}
          onChange={({ target }) => {
            const line = onOneLine(target.value);
            if (line !== target.value) {
              // Set the value here: React would move the caret to the end. It stays after the
              // inserted text.
              const caret = onOneLine(target.value.slice(0, target.selectionStart)).length;
              target.value = line;
              target.setSelectionRange(caret, caret);
            }
            form.set('description', line);
          }}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && !event.nativeEvent.isComposing) {
              event.preventDefault();
            }
          }}
        />
      )}
    </Field>
  );
}

function onOneLine(text: string): string {
  return text.replaceAll(/\s*[\r\n\u2028\u2029]+\s*/g, ' ');
}

/** The length in code points after normalisation, as the server counts it. */
export function lengthOf(text: string): number {
  return [...text.trim().normalize('NFC')].length;
}

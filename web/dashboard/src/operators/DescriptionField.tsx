import { useWords } from '../i18n';
import { Field } from '../ui/Field';
import type { ProfileForm } from './useProfileForm';

const MOST = 200;

/** A job title or a motto. One line, however long: Enter breaks none, and line breaks that are pasted become spaces. */
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
              // Written here and now, or the caret would be sent to the end: it stays behind what was put in.
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

/** In code points after normalisation, as the server counts. */
export function lengthOf(text: string): number {
  return [...text.trim().normalize('NFC')].length;
}

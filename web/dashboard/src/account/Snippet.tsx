import { useState } from 'react';
import { useWords } from '../i18n';
import { Button } from '../ui/Button';

/** The script tag for a website, and the widget key in it. */
export function Snippet(props: { publicUrl: string; widgetKey: string }) {
  const { t } = useWords();
  const snippet = `<script async src="${props.publicUrl}/widget.js" data-key="${props.widgetKey}"></script>`;
  return (
    <section className="card" aria-labelledby="snippet">
      <h2 id="snippet">{t('account.snippet')}</h2>
      <p>{t('account.snippetHint')}</p>
      <pre>
        <code>{snippet}</code>
      </pre>
      <div className="actions">
        <Copy text={snippet} label={t('account.copySnippet')} />
      </div>
      <p className="hint">
        {t('account.widgetKey')} <code>{props.widgetKey}</code>
      </p>
    </section>
  );
}

function Copy(props: { text: string; label: string }) {
  const { t } = useWords();
  const [outcome, setOutcome] = useState<'copied' | 'refused' | null>(null);

  async function copy() {
    try {
      // Browsers support this on secure pages only, and may refuse.
      await navigator.clipboard.writeText(props.text);
      setOutcome('copied');
    } catch {
      setOutcome('refused');
    }
  }

  return (
    <>
      <Button onClick={() => void copy()}>{props.label}</Button>
      <span role="status" className="hint">
        {outcome === 'copied' && t('account.copied')}
        {outcome === 'refused' && t('account.copyRefused')}
      </span>
    </>
  );
}

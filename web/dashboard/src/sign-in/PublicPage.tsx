import { type ReactNode, useEffect, useRef } from 'react';
import { useWords } from '../i18n';
import { LanguageChoice } from '../profile/LanguageChoice';
import { useTitle } from '../ui/useTitle';

/** A page for whoever is not signed in: one card in the middle. */
export function PublicPage(props: { title: string; lead?: ReactNode; children: ReactNode }) {
  const { t } = useWords();
  const heading = useRef<HTMLHeadingElement>(null);
  useTitle(props.title);
  // Also when what had the focus is gone, as a form is that was sent.
  useEffect(() => {
    if (document.activeElement === null || document.activeElement === document.body) {
      heading.current?.focus({ preventScroll: true });
    }
  });
  return (
    <div className="public">
      <main className="card">
        <p className="brand">Deskbell</p>
        <h1 ref={heading} tabIndex={-1}>
          {props.title}
        </h1>
        {props.lead && <p className="lead">{props.lead}</p>}
        {props.children}
      </main>
      <footer>
        <LanguageChoice label={t('language.label')} />
      </footer>
    </div>
  );
}

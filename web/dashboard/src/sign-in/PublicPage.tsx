import type { ReactNode } from 'react';
import { useWords } from '../i18n';
import { Brand } from '../ui/Brand';
import { Heading } from '../ui/Heading';
import { LanguageChoice } from '../ui/LanguageChoice';

/** A page for anonymous users: one card in the centre. */
export function PublicPage(props: { title: string; lead?: ReactNode; children: ReactNode }) {
  const { t } = useWords();
  return (
    <div className="public">
      <main className="card">
        <Brand />
        <Heading title={props.title} again />
        {props.lead && <p className="lead">{props.lead}</p>}
        {props.children}
      </main>
      <footer>
        <LanguageChoice label={t('language.label')} />
      </footer>
    </div>
  );
}

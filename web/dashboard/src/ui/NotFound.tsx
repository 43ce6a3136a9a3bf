import { Link } from 'react-router';
import { useWords } from '../i18n';
import { Page } from './Page';

export function NotFound() {
  const { t } = useWords();
  return (
    <Page title={t('notFound.title')}>
      <p>{t('notFound.text')}</p>
      <Link to="/visitors">{t('notFound.back')}</Link>
    </Page>
  );
}

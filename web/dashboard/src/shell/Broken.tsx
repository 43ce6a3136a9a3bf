import { useWords } from '../i18n';
import { PublicPage } from '../sign-in/PublicPage';
import { Button } from '../ui/Button';

/** In place of a page that could not be shown, most often because its code has another name since the server was updated. */
export function Broken() {
  const { t } = useWords();
  return (
    <PublicPage title={t('broken.title')} lead={t('broken.text')}>
      <Button kind="primary" onClick={() => location.reload()}>
        {t('broken.reload')}
      </Button>
    </PublicPage>
  );
}

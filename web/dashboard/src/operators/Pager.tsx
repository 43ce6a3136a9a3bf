import { useWords } from '../i18n';
import { Button } from '../ui/Button';
import { next, type Position, previous, type Shown } from './paging';

/** Buttons for the previous and the next page. Hidden if there is only one page. */
export function Pager(props: { page: Shown; onMove(position: Position): void }) {
  const { t } = useWords();
  const [before, after] = [previous(props.page), next(props.page)];
  if (before === null && after === null) {
    return null;
  }
  return (
    <nav className="actions pager" aria-label={t('pager.label')}>
      <Button disabled={before === null} onClick={() => before && props.onMove(before)}>
        {t('pager.previous')}
      </Button>
      <Button disabled={after === null} onClick={() => after && props.onMove(after)}>
        {t('pager.next')}
      </Button>
    </nav>
  );
}

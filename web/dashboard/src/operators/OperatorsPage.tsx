// Settings › Operators: the list of operators with their switches.
import { Link, useSearchParams } from 'react-router';
import { trouble } from '../api/problems';
import { useSession } from '../api/session';
import { useWords } from '../i18n';
import { Button } from '../ui/Button';
import { Notice } from '../ui/Notice';
import { Page } from '../ui/Page';
import { SearchField } from '../ui/SearchField';
import { ActivityDialogs } from './ActivityDialogs';
import { FilterChoice } from './FilterChoice';
import { OperatorList } from './OperatorList';
import { Pager } from './Pager';
import { type ListState, LONGEST_SEARCH, listStateOf, type Position, queryOf, START } from './paging';
import { useActivity } from './useActivity';
import { useInvitation } from './useInvitation';
import { useOperatorList } from './useOperatorList';

export function Component() {
  const words = useWords();
  const { t } = words;
  const [query, setQuery] = useSearchParams();
  const state = listStateOf(query);
  const show = (next: ListState) => setQuery(queryOf(next), { replace: true, preventScrollReset: true });
  const move = (position: Position) => show({ ...state, position });
  const list = useOperatorList(state, move);
  const activity = useActivity();
  const invitation = useInvitation();
  const { hasPlans } = useSession();
  const { account } = list;
  const operators = account?.operators;

  return (
    <Page
      title={t('operators.title')}
      actions={
        <>
          {account && (
            <p className="seats">
              {hasPlans
                ? t('operators.seats', { used: account.seats.used, count: account.seats.limit })
                : t('operators.activeNow', { count: account.seats.used })}
            </p>
          )}
          <Link className="button primary" to="/settings/operators/new">
            {t('operators.add')}
          </Link>
        </>
      }
    >
      <div className="toolbar">
        <SearchField
          label={t('operators.search')}
          value={state.search}
          maxLength={LONGEST_SEARCH}
          onSearch={(search) => show({ ...state, search, position: START })}
        />
        <FilterChoice value={state.filter} onChange={(filter) => show({ ...state, filter, position: START })} />
        <p className="found" role="status">
          {operators && !list.fetching && t('operators.found', { count: operators.totalCount })}
        </p>
      </div>
      {list.error && (
        <Notice kind="bad">
          <p>{trouble(list.error, words)}</p>
          <Button onClick={list.again}>{t('unreachable.again')}</Button>
        </Notice>
      )}
      {!operators && !list.error && <p className="loading">{t('operators.loading')}</p>}
      {operators && (
        <OperatorList
          operators={operators.nodes}
          label={t('operators.title')}
          empty={t(emptyKey(state))}
          busy={list.fetching}
          activity={activity}
          invitation={invitation}
        />
      )}
      {operators && (
        <Pager
          page={operators}
          onMove={(position) => {
            scrollTo(0, 0);
            move(position);
          }}
        />
      )}
      <ActivityDialogs activity={activity} />
    </Page>
  );
}

function emptyKey({ search, filter }: ListState) {
  if (search !== '') {
    return 'operators.noneFound';
  }
  return filter === 'active' ? 'operators.noneActive' : 'operators.noneInactive';
}

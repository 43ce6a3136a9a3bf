import { useQuery, useSubscription } from 'urql';
import { trouble } from '../api/problems';
import { useLast } from '../api/useLast';
import { useViewer } from '../api/viewer';
import { graphql } from '../gql';
import { useWords } from '../i18n';
import { Notice } from '../ui/Notice';
import { Page } from '../ui/Page';
import { AccountName } from './AccountName';
import { ChatSwitch } from './ChatSwitch';
import { HandOver } from './HandOver';
import { Snippet } from './Snippet';

export const AccountFields = graphql(`
  fragment AccountFields on Account {
    id
    name
    widgetKey
    isChatEnabled
    owner {
      id
      name
    }
  }
`);

const AccountQuery = graphql(`
  query AccountPage {
    server {
      publicUrl
    }
    account {
      ...AccountFields
    }
  }
`);

const AccountSubscription = graphql(`
  subscription AccountPageChanges {
    account {
      ...AccountFields
    }
  }
`);

export function Component() {
  const words = useWords();
  const { t } = words;
  const viewer = useViewer();
  const [{ data: answer, error }] = useQuery({ query: AccountQuery });
  const data = useLast(answer?.account && answer);
  useSubscription({ query: AccountSubscription });
  const account = data?.account;
  return (
    <Page title={t('account.title')}>
      {!data && <Notice kind="bad">{trouble(error, words)}</Notice>}
      {account && (
        <>
          <AccountName name={account.name} />
          <ChatSwitch isChatEnabled={account.isChatEnabled} />
          <Snippet publicUrl={data.server.publicUrl} widgetKey={account.widgetKey} />
          <section className="card" aria-labelledby="owner">
            <h2 id="owner">{t('account.owner')}</h2>
            {viewer.isOwner ? <HandOver /> : <p>{t('account.ownedBy', { name: account.owner.name })}</p>}
          </section>
        </>
      )}
    </Page>
  );
}

// The visitors of the website. The list comes with conversations. Until then the page shows whether
// the operator can chat, and the line that adds the chat to a website.
import { useQuery } from 'urql';
import { Snippet } from '../account/Snippet';
import { trouble } from '../api/problems';
import { useLast } from '../api/useLast';
import { mayManage, useViewer } from '../api/viewer';
import { graphql } from '../gql';
import { useWords } from '../i18n';
import { ActivityDialogs } from '../operators/ActivityDialogs';
import { useActivity } from '../operators/useActivity';
import { Button } from '../ui/Button';
import { Notice } from '../ui/Notice';
import { Page } from '../ui/Page';

const SnippetQuery = graphql(`
  query Snippet {
    server {
      publicUrl
    }
    account {
      id
      widgetKey
    }
  }
`);

export function Visitors() {
  const { t } = useWords();
  const viewer = useViewer();
  const activity = useActivity();
  return (
    <Page title={t('visitors.title')}>
      {viewer.isActive ? (
        <p>{t('visitors.active')}</p>
      ) : (
        <Notice kind="info">
          <p>{t('visitors.inactive')}</p>
          {mayManage(viewer) ? (
            <Button kind="primary" busy={activity.busy} onClick={() => void activity.setActive(viewer, true)}>
              {t('visitors.activate')}
            </Button>
          ) : (
            <p>{t('visitors.askToActivate')}</p>
          )}
        </Notice>
      )}
      {mayManage(viewer) && <Chat />}
      <ActivityDialogs activity={activity} />
    </Page>
  );
}

/** The line for the website. It is shown always: the server does not know which pages have it. */
function Chat() {
  const words = useWords();
  const [{ data: answer, error }] = useQuery({ query: SnippetQuery });
  const data = useLast(answer?.account && answer);
  if (data?.account) {
    return <Snippet publicUrl={data.server.publicUrl} widgetKey={data.account.widgetKey} />;
  }
  return <Notice kind="bad">{trouble(error, words)}</Notice>;
}

import { useQuery, useSubscription } from 'urql';
import { trouble } from '../api/problems';
import { useLast } from '../api/useLast';
import { graphql } from '../gql';
import { useWords } from '../i18n';
import { Notice } from '../ui/Notice';
import { Page } from '../ui/Page';
import { AskBeforeLeaving } from '../ui/Unsaved';
import { Appearance } from './Appearance';
import { ChangePassword } from './ChangePassword';
import { OwnProfile } from './OwnProfile';

const ProfileQuery = graphql(`
  query ProfilePage {
    viewer {
      ...OperatorProfile
    }
  }
`);

const ProfileSubscription = graphql(`
  subscription ProfilePageChanges {
    viewer {
      ...OperatorProfile
    }
  }
`);

/** Settings of the operator's own profile, for every access level. */
export function Component() {
  const words = useWords();
  const [{ data, error }] = useQuery({ query: ProfileQuery });
  useSubscription({ query: ProfileSubscription });
  const viewer = useLast(data?.viewer);
  return (
    <Page title={words.t('profile.title')}>
      <AskBeforeLeaving />
      {!viewer && <Notice kind="bad">{trouble(error, words)}</Notice>}
      {viewer && <OwnProfile operator={viewer} />}
      <ChangePassword />
      <Appearance />
    </Page>
  );
}

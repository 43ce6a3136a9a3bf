// The first page of an operator who has accepted an invitation: what visitors will see. Everything
// here is optional, and is also on the profile page.
import { Link, useNavigate } from 'react-router';
import { useQuery } from 'urql';
import { trouble } from '../api/problems';
import { useLast } from '../api/useLast';
import { useViewer } from '../api/viewer';
import { graphql } from '../gql';
import type { OperatorProfileFragment } from '../gql/graphql';
import { useWords } from '../i18n';
import { summaryOf } from '../operators/answer';
import { DescriptionField } from '../operators/DescriptionField';
import { ProfilePhoto, PublicNameField } from '../operators/ProfileFields';
import { useProfileDraft } from '../operators/useProfileDraft';
import { VisitorPreview } from '../operators/VisitorPreview';
import { Button } from '../ui/Button';
import { Notice } from '../ui/Notice';
import { Page } from '../ui/Page';
import { SAVED, Unsaved } from '../ui/Unsaved';

const HOME = '/visitors';

const WelcomeQuery = graphql(`
  query WelcomePage {
    viewer {
      ...OperatorProfile
    }
  }
`);

export function Component() {
  const words = useWords();
  const [{ data, error }] = useQuery({ query: WelcomeQuery });
  const operator = useLast(data?.viewer);
  return (
    <Page title={words.t('welcome.title', { name: useViewer().name })}>
      <p>{words.t('welcome.lead')}</p>
      {operator ? <FirstProfile operator={operator} /> : <Notice kind="bad">{trouble(error, words)}</Notice>}
    </Page>
  );
}

function FirstProfile(props: { operator: OperatorProfileFragment }) {
  const words = useWords();
  const { t } = words;
  const navigate = useNavigate();
  const viewer = useViewer();
  const draft = useProfileDraft(props.operator, true);

  async function save() {
    if (!draft.changed || (await draft.save())) {
      await navigate(HOME, { state: SAVED });
    }
  }

  return (
    <div className="with-preview">
      <form className="card" ref={draft.ref} onSubmit={draft.onSubmit(save)} noValidate>
        <Unsaved changed={draft.changed} />
        <Notice kind="bad">{summaryOf(draft.faults, words)}</Notice>
        <ProfilePhoto form={draft} />
        <PublicNameField form={draft} own />
        <DescriptionField form={draft} />
        <div className="actions">
          <Button kind="primary" type="submit" busy={draft.busy}>
            {t('welcome.save')}
          </Button>
          <Link className="button" to={HOME}>
            {t('welcome.skip')}
          </Link>
        </div>
      </form>
      <VisitorPreview form={draft} hint={viewer.isActive ? undefined : t('preview.inactive')} />
    </div>
  );
}

// The page of an invitation: `/accept-invitation#token=…`. It checks the link before anything is
// typed. The token is in the fragment, which browsers do not send. It leaves this page only in the
// body of a request.
import { useState } from 'react';
import { Link, useNavigate, useNavigation } from 'react-router';
import { useQuery } from 'urql';
import { trouble } from '../api/problems';
import { useSession } from '../api/session';
import { useForm } from '../api/useForm';
import { graphql } from '../gql';
import { useWords } from '../i18n';
import { Button } from '../ui/Button';
import { Notice } from '../ui/Notice';
import { AboutLink } from './mailedLink';
import { NewPasswordField } from './NewPasswordField';
import { OpenElsewhere } from './OpenElsewhere';
import { PublicPage } from './PublicPage';
import { useToken } from './useToken';

const InvitationLinkQuery = graphql(`
  query InvitationLink($token: String!) {
    invitationLink(token: $token) {
      state
      link {
        ...MailedLinkFields
      }
    }
  }
`);

const AcceptInvitationMutation = graphql(`
  mutation AcceptInvitation($input: RecoverPasswordInput!) {
    recoverPassword(input: $input) {
      viewer {
        ...ViewerFields
      }
      userErrors {
        ...UserErrorFields
      }
    }
  }
`);

const RenewInvitationMutation = graphql(`
  mutation RenewInvitation($input: RenewInvitationInput!) {
    renewInvitation(input: $input) {
      userErrors {
        ...UserErrorFields
      }
    }
  }
`);

export function AcceptInvitationPage() {
  const token = useToken();
  // Each link starts with an empty page.
  return token === '' ? <NoToken /> : <Invitation key={token} token={token} />;
}

function NoToken() {
  const { t } = useWords();
  const isLeaving = useIsLeaving();
  return (
    <PublicPage title={t('invitationLink.title')}>
      {!isLeaving && <Notice kind="bad">{t('choose.noToken')}</Notice>}
      <nav className="links" aria-label={t('signIn.more')}>
        <Link to="/">{t('signIn.title')}</Link>
        <Link to="/forgot-password">{t('choose.another')}</Link>
      </nav>
    </PublicPage>
  );
}

/**
 * Whether the next page is loading. Until it is there, this page shows no message: the session has
 * already changed, and the link is used.
 */
function useIsLeaving(): boolean {
  return useNavigation().state === 'loading';
}

function Invitation({ token }: { token: string }) {
  const words = useWords();
  const { t } = words;
  const { state: session } = useSession();
  const [{ data, error, fetching }, execute] = useQuery({
    query: InvitationLinkQuery,
    variables: { token },
    requestPolicy: 'network-only',
  });
  const [isMailed, setIsMailed] = useState(false);
  const isLeaving = useIsLeaving();
  const invitation = data?.invitationLink;
  const link = invitation?.state === 'VALID' ? invitation.link : null;
  const check = () => execute({ requestPolicy: 'network-only' });

  return (
    <PublicPage title={t(link ? 'choose.invitedTitle' : 'invitationLink.title')}>
      {!isLeaving && content()}
      <nav className="links" aria-label={t('signIn.more')}>
        <Link to="/">{t('signIn.title')}</Link>
      </nav>
    </PublicPage>
  );

  function content() {
    if (isMailed) {
      return <Notice kind="good">{t('invitationLink.mailed')}</Notice>;
    }
    if (error) {
      return (
        <>
          <Notice kind="bad">{trouble(error, words)}</Notice>
          <OpenElsewhere error={error} fragment={`#token=${token}`} />
          <Button kind="primary" busy={fetching} onClick={check}>
            {t('unreachable.again')}
          </Button>
        </>
      );
    }
    if (invitation === undefined) {
      return <p role="status">{t('invitationLink.checking')}</p>;
    }
    if (link) {
      return (
        <>
          <AboutLink link={link} />
          {session.is === 'signedIn' && (
            <Notice kind="info">
              {t('invitationLink.instead', { name: session.viewer.name, operator: link.operatorName })}
            </Notice>
          )}
          {!link.isEmailTaken && <FirstPassword token={token} onOutdated={check} />}
        </>
      );
    }
    if (invitation?.state === 'EXPIRED') {
      return <Renewal token={token} onMailed={() => setIsMailed(true)} onOutdated={check} />;
    }
    return (
      <>
        <Notice kind="bad">{t('invitationLink.unknown')}</Notice>
        <p>{t('invitationLink.askInviter')}</p>
      </>
    );
  }
}

/** Sets the first password of an invited operator, who is then signed in. */
function FirstPassword(props: { token: string; onOutdated(): void }) {
  const { t, mailLanguage } = useWords();
  const session = useSession();
  const navigate = useNavigate();
  const [password, setPassword] = useState('');
  const form = useForm(['newPassword']);

  async function accept() {
    const input = { token: props.token, newPassword: password, transport: 'COOKIE' as const, language: mailLanguage };
    const { payload, problems } = await form.send(AcceptInvitationMutation, { input });
    if (payload?.viewer) {
      // Before the session begins: with another operator, this page is mounted again.
      void navigate('/welcome', { replace: true });
      session.begin(payload.viewer);
    } else if (problems.some(({ __typename }) => __typename === 'InvalidLink' || __typename === 'EmailTaken')) {
      props.onOutdated();
    }
  }

  return (
    <form ref={form.ref} onSubmit={form.onSubmit(accept)} noValidate>
      <Notice kind="bad">{form.general}</Notice>
      <OpenElsewhere error={form.error} fragment={`#token=${props.token}`} />
      <NewPasswordField
        label={t('field.newPassword')}
        name="newPassword"
        value={password}
        onChange={setPassword}
        faults={form.faults.newPassword}
        autoFocus
      />
      <Button kind="primary" type="submit" busy={form.busy}>
        {t('invitationLink.accept')}
      </Button>
    </form>
  );
}

/** Has a new link mailed for an invitation that has expired. */
function Renewal(props: { token: string; onMailed(): void; onOutdated(): void }) {
  const { t, mailLanguage } = useWords();
  const form = useForm([]);

  async function renew() {
    const { isGranted, problems } = await form.send(RenewInvitationMutation, {
      input: { token: props.token, language: mailLanguage },
    });
    if (isGranted) {
      props.onMailed();
    } else if (problems.some(({ __typename }) => __typename === 'InvalidLink')) {
      props.onOutdated();
    }
  }

  return (
    <>
      <p>{t('invitationLink.expired')}</p>
      <Notice kind="bad">{form.general}</Notice>
      <OpenElsewhere error={form.error} fragment={`#token=${props.token}`} />
      <Button kind="primary" busy={form.busy} onClick={() => void form.run(renew)}>
        {t('invitationLink.renew')}
      </Button>
    </>
  );
}

import { Link, Navigate } from 'react-router';
import { useQuery } from 'urql';
import { useWords } from '../i18n';
import { PublicPage } from './PublicPage';
import { SignInForm } from './SignInForm';
import { CREATE_COMMAND, ServerInfoQuery } from './serverInfo';

export function SignInPage() {
  const { t } = useWords();
  const [{ data }] = useQuery({ query: ServerInfoQuery });
  const isNew = data?.server.hasAccount === false;
  if (isNew && data.server.isSignUpOpen) {
    return <Navigate to="/sign-up" replace />;
  }
  return (
    <PublicPage title={t('signIn.title')} lead={isNew ? t('signIn.noAccount', { command: CREATE_COMMAND }) : undefined}>
      <SignInForm />
      <nav className="links" aria-label={t('signIn.more')}>
        <Link to="/forgot-password">{t('signIn.forgotten')}</Link>
        {data?.server.isSignUpOpen && <Link to="/sign-up">{t('signIn.signUp')}</Link>}
      </nav>
    </PublicPage>
  );
}

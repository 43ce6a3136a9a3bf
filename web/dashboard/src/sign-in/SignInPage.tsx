import { Link } from 'react-router';
import { useQuery } from 'urql';
import { useWords } from '../i18n';
import { PublicPage } from './PublicPage';
import { SignInForm } from './SignInForm';
import { ServerInfoQuery } from './serverInfo';

export function SignInPage() {
  const { t } = useWords();
  const [{ data }] = useQuery({ query: ServerInfoQuery });
  return (
    <PublicPage title={t('signIn.title')}>
      <SignInForm />
      <nav className="links" aria-label={t('signIn.more')}>
        <Link to="/forgot-password">{t('signIn.forgotten')}</Link>
        {data?.server.isSignUpOpen && <Link to="/sign-up">{t('signIn.signUp')}</Link>}
      </nav>
    </PublicPage>
  );
}

import { Link } from 'react-router';
import { useQuery } from 'urql';
import { useWords } from '../i18n';
import { DoorQuery } from './door';
import { PublicPage } from './PublicPage';
import { SignInForm } from './SignInForm';

export function SignInPage() {
  const { t } = useWords();
  const [{ data }] = useQuery({ query: DoorQuery });
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

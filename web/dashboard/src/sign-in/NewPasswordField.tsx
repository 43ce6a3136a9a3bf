import { useQuery } from 'urql';
import { graphql } from '../gql';
import { useWords } from '../i18n';
import { PasswordField } from '../ui/PasswordField';

const PasswordRulesQuery = graphql(`
  query PasswordRules {
    server {
      passwordMinLength
    }
  }
`);

/** The default of the server. */
const USUAL_MIN_LENGTH = 12;

/** The field for a new password, with its requirements. */
export function NewPasswordField(props: {
  label: string;
  name: string;
  value: string;
  onChange(value: string): void;
  faults: readonly string[] | undefined;
  autoFocus?: boolean;
}) {
  const { t } = useWords();
  const [{ data }] = useQuery({ query: PasswordRulesQuery });
  return (
    <PasswordField
      {...props}
      autoComplete="new-password"
      hint={t('password.hint', { count: data?.server.passwordMinLength ?? USUAL_MIN_LENGTH })}
    />
  );
}

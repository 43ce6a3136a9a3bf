import { type CombinedError, useQuery } from 'urql';
import { isForeignOrigin } from '../api/problems';
import { useWords } from '../i18n';
import { ServerInfoQuery } from './serverInfo';

/**
 * A link to the same page at the public URL, for when the server rejects the address that the
 * dashboard is open at. Empty without such an error.
 */
export function OpenElsewhere(props: { error: CombinedError | undefined; fragment?: string }) {
  return isForeignOrigin(props.error) ? <PublicAddress fragment={props.fragment ?? ''} /> : null;
}

function PublicAddress(props: { fragment: string }) {
  const { t } = useWords();
  const [{ data }] = useQuery({ query: ServerInfoQuery });
  const url = data?.server.publicUrl;
  return url ? (
    <p>
      <a href={`${url}${location.pathname}${props.fragment}`}>{t('foreignOrigin.open', { url })}</a>
    </p>
  ) : null;
}

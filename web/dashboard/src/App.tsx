import { createBrowserRouter, RouterProvider } from 'react-router';
import { SessionProvider } from './api/session';
import { WordsProvider } from './i18n';
import type { Catalogue, Language } from './i18n/language';
import { routes } from './routes';
import { repairUrl } from './sign-in/token';
import { ToastProvider } from './ui/toasts';

repairUrl();
// One router per page load, independent of the session: the location stays when another operator
// signs in.
const router = createBrowserRouter(routes);

export function App(props: { language: Language; catalogue: Catalogue }) {
  return (
    <WordsProvider language={props.language} catalogue={props.catalogue}>
      <SessionProvider>
        <ToastProvider>
          <RouterProvider router={router} />
        </ToastProvider>
      </SessionProvider>
    </WordsProvider>
  );
}

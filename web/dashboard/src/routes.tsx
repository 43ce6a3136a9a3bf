// All routes of the dashboard. The server serves the same page at each of them (src/assets):
// keep both in sync.
import { Navigate, type RouteObject } from 'react-router';
import { Broken } from './shell/Broken';
import { PAGES, page } from './shell/code';
import { ChoiceOfPlans, FullAccess, Shell } from './shell/Shell';
import { AcceptInvitationPage } from './sign-in/AcceptInvitationPage';
import { AddressPage } from './sign-in/AddressPage';
import { ChoosePasswordPage } from './sign-in/ChoosePasswordPage';
import { ForgotPasswordPage } from './sign-in/ForgotPasswordPage';
import { SignUpPage } from './sign-in/SignUpPage';
import { NotFound } from './ui/NotFound';
import { Visitors } from './visitors/VisitorsPage';

export const routes: RouteObject[] = [
  {
    errorElement: <Broken />,
    // Shown while the code of the first page loads, before any data is read.
    hydrateFallbackElement: <></>,
    children: [
      { path: '/sign-up', element: <SignUpPage /> },
      { path: '/forgot-password', element: <ForgotPasswordPage /> },
      { path: '/recover-password', element: <ChoosePasswordPage /> },
      { path: '/accept-invitation', element: <AcceptInvitationPage /> },
      { path: '/confirm-address', element: <AddressPage key="confirm" restores={false} /> },
      { path: '/restore-address', element: <AddressPage key="restore" restores /> },
      {
        // Shows the sign-in page at the requested address if no one is signed in.
        element: <Shell />,
        children: [
          {
            // Keeps the menu, so that the other pages stay available.
            errorElement: <Broken framed />,
            children: [
              { path: '/', element: <Navigate to="/visitors" replace /> },
              { path: '/sign-in', element: <Navigate to="/visitors" replace /> },
              { path: '/visitors', element: <Visitors /> },
              { path: '/profile', ...page(PAGES.profile) },
              { path: '/welcome', ...page(PAGES.welcome) },
              {
                path: '/settings',
                element: <FullAccess />,
                children: [
                  { index: true, element: <Navigate to="/settings/operators" replace /> },
                  { path: 'operators', ...page(PAGES.operators) },
                  { path: 'operators/new', ...page(PAGES.newOperator) },
                  { path: 'operators/:operatorId', ...page(PAGES.operator) },
                  { element: <ChoiceOfPlans />, children: [{ path: 'plan', ...page(PAGES.plan) }] },
                  { path: 'account', ...page(PAGES.account) },
                ],
              },
              { path: '*', element: <NotFound /> },
            ],
          },
        ],
      },
    ],
  },
];

// Every address of the dashboard. The server answers each with the same page (src/http/assets): keep the two in step.
import { Navigate, type RouteObject } from 'react-router';
import { Broken } from './shell/Broken';
import { NotFound } from './shell/NotFound';
import { FullAccess, Shell } from './shell/Shell';
import { ChoosePasswordPage } from './sign-in/ChoosePasswordPage';
import { ForgotPasswordPage } from './sign-in/ForgotPasswordPage';
import { SignUpPage } from './sign-in/SignUpPage';
import { Visitors } from './visitors/VisitorsPage';

export const routes: RouteObject[] = [
  {
    errorElement: <Broken />,
    // While the code of the first page is on its way. It comes before anything could be read.
    hydrateFallbackElement: <></>,
    children: [
      { path: '/sign-up', element: <SignUpPage /> },
      { path: '/forgot-password', element: <ForgotPasswordPage /> },
      { path: '/recover-password', element: <ChoosePasswordPage key="recovery" invited={false} /> },
      { path: '/accept-invitation', element: <ChoosePasswordPage key="invitation" invited /> },
      {
        // Whoever is not signed in is asked to, at the address that they wanted.
        element: <Shell />,
        children: [
          { path: '/', element: <Navigate to="/visitors" replace /> },
          { path: '/sign-in', element: <Navigate to="/visitors" replace /> },
          { path: '/visitors', element: <Visitors /> },
          { path: '/profile', lazy: () => import('./profile/ProfilePage') },
          {
            path: '/settings',
            element: <FullAccess />,
            children: [
              { index: true, element: <Navigate to="/settings/operators" replace /> },
              { path: 'operators', lazy: () => import('./operators/OperatorsPage') },
              { path: 'operators/new', lazy: () => import('./operators/NewOperatorPage') },
              { path: 'operators/:operatorId', lazy: () => import('./operators/OperatorPage') },
              { path: 'plan', lazy: () => import('./plan/PlanPage') },
              { path: 'account', lazy: () => import('./account/AccountPage') },
            ],
          },
          { path: '*', element: <NotFound /> },
        ],
      },
    ],
  },
];

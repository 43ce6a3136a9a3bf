/* eslint-disable */
import * as types from './graphql';
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';

/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "\n  fragment AccountFields on Account {\n    id\n    name\n    widgetKey\n    isChatEnabled\n    owner {\n      id\n      name\n    }\n  }\n": typeof types.AccountFieldsFragmentDoc,
    "\n  query AccountPage {\n    server {\n      publicUrl\n    }\n    account {\n      ...AccountFields\n    }\n  }\n": typeof types.AccountPageDocument,
    "\n  subscription AccountPageChanges {\n    account {\n      ...AccountFields\n    }\n  }\n": typeof types.AccountPageChangesDocument,
    "\n  fragment CandidateFields on Operator {\n    id\n    name\n    email\n    isOwner\n    isInvited\n  }\n": typeof types.CandidateFieldsFragmentDoc,
    "\n  fragment CandidateListFields on Account {\n    id\n    operators(first: 100, search: $search) {\n      nodes {\n        ...CandidateFields\n      }\n      totalCount\n    }\n  }\n": typeof types.CandidateListFieldsFragmentDoc,
    "\n  query Candidates($search: String) {\n    account {\n      ...CandidateListFields\n    }\n  }\n": typeof types.CandidatesDocument,
    "\n  subscription CandidatesChanges($search: String) {\n    account {\n      ...CandidateListFields\n    }\n  }\n": typeof types.CandidatesChangesDocument,
    "\n  mutation TransferOwnership($input: TransferOwnershipInput!) {\n    transferOwnership(input: $input) {\n      account {\n        ...AccountFields\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n": typeof types.TransferOwnershipDocument,
    "\n  mutation UpdateAccount($input: UpdateAccountInput!) {\n    updateAccount(input: $input) {\n      account {\n        ...AccountFields\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n": typeof types.UpdateAccountDocument,
    "\n  fragment UserErrorFields on UserError {\n    __typename\n    message\n    path\n    ... on InvalidInput {\n      invalid: reason\n      most: limit\n    }\n    ... on WeakPassword {\n      weaknesses: reasons\n      minimumLength\n      suggestions\n    }\n    ... on TooManyAttempts {\n      retryAfterSeconds\n    }\n    ... on SeatLimitReached {\n      seats {\n        used\n        limit\n      }\n    }\n    ... on TooManyActiveOperators {\n      active\n      seatLimit: limit\n    }\n    ... on PhotoRejected {\n      rejection: reason\n    }\n  }\n": typeof types.UserErrorFieldsFragmentDoc,
    "\n  fragment ViewerFields on Operator {\n    id\n    name\n    publicName\n    email\n    isEmailConfirmationDue\n    accessLevel\n    isOwner\n    isActive\n    photo {\n      url(size: 128)\n    }\n  }\n": typeof types.ViewerFieldsFragmentDoc,
    "\n  query Viewer {\n    viewer {\n      ...ViewerFields\n    }\n    plans {\n      code\n    }\n  }\n": typeof types.ViewerDocument,
    "\n  query LiveViewer {\n    viewer {\n      ...ViewerFields\n    }\n  }\n": typeof types.LiveViewerDocument,
    "\n  subscription ViewerChanges {\n    viewer {\n      ...ViewerFields\n    }\n  }\n": typeof types.ViewerChangesDocument,
    "\n  fragment FreeSeatsFields on Account {\n    id\n    seats {\n      used\n      limit\n      free\n    }\n  }\n": typeof types.FreeSeatsFieldsFragmentDoc,
    "\n  query FreeSeats {\n    account {\n      ...FreeSeatsFields\n    }\n  }\n": typeof types.FreeSeatsDocument,
    "\n  subscription FreeSeatsChanges {\n    account {\n      ...FreeSeatsFields\n    }\n  }\n": typeof types.FreeSeatsChangesDocument,
    "\n  mutation SwapSeat($input: SwapSeatInput!) {\n    swapSeat(input: $input) {\n      from {\n        id\n        isActive\n      }\n      to {\n        id\n        isActive\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n": typeof types.SwapSeatDocument,
    "\n  query OperatorSeats {\n    account {\n      ...FreeSeatsFields\n    }\n  }\n": typeof types.OperatorSeatsDocument,
    "\n  fragment OperatorDetails on Operator {\n    ...OperatorProfile\n    isOwner\n    isInvited\n    invitation {\n      sentAt\n      failedAt\n      failure\n      nextAttemptAt\n    }\n    isActive\n    createdAt\n    lastSeenAt\n  }\n": typeof types.OperatorDetailsFragmentDoc,
    "\n  query Operator($id: ID!) {\n    node(id: $id) {\n      __typename\n      id\n      ... on Operator {\n        ...OperatorDetails\n      }\n    }\n  }\n": typeof types.OperatorDocument,
    "\n  subscription AccountChanges {\n    account {\n      ...FreeSeatsFields\n    }\n  }\n": typeof types.AccountChangesDocument,
    "\n  fragment OperatorRowFields on Operator {\n    id\n    name\n    publicName\n    email\n    lostEmail {\n      email\n      reason\n      lostAt\n    }\n    accessLevel\n    isOwner\n    isInvited\n    invitation {\n      sentAt\n      failure\n    }\n    isActive\n    photo {\n      url(size: 128)\n    }\n  }\n": typeof types.OperatorRowFieldsFragmentDoc,
    "\n  mutation RemoveOperator($input: RemoveOperatorInput!) {\n    removeOperator(input: $input) {\n      removedOperatorId\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n": typeof types.RemoveOperatorDocument,
    "\n  mutation ActivateOperator($input: ActivateOperatorInput!) {\n    activateOperator(input: $input) {\n      operator {\n        id\n        isActive\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n": typeof types.ActivateOperatorDocument,
    "\n  mutation DeactivateOperator($input: DeactivateOperatorInput!) {\n    deactivateOperator(input: $input) {\n      operator {\n        id\n        isActive\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n": typeof types.DeactivateOperatorDocument,
    "\n  query Seats {\n    account {\n      id\n      seats {\n        used\n        limit\n        free\n      }\n    }\n  }\n": typeof types.SeatsDocument,
    "\n  mutation AddOperator($input: AddOperatorInput!) {\n    addOperator(input: $input) {\n      operator {\n        id\n        name\n        email\n        isActive\n        isInvited\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n": typeof types.AddOperatorDocument,
    "\n  mutation RequestAddressConfirmation($input: RequestAddressConfirmationInput!) {\n    requestAddressConfirmation(input: $input) {\n      operator {\n        id\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n": typeof types.RequestAddressConfirmationDocument,
    "\n  mutation InviteOperator($input: InviteOperatorInput!) {\n    inviteOperator(input: $input) {\n      operator {\n        id\n        isInvited\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n": typeof types.InviteOperatorDocument,
    "\n  fragment OperatorListFields on Account {\n    id\n    seats {\n      used\n      limit\n      free\n    }\n    operators(first: $first, after: $after, last: $last, before: $before, isActive: $isActive, search: $search) {\n      nodes {\n        ...OperatorRowFields\n      }\n      totalCount\n      pageInfo {\n        hasNextPage\n        hasPreviousPage\n        startCursor\n        endCursor\n      }\n    }\n  }\n": typeof types.OperatorListFieldsFragmentDoc,
    "\n  query OperatorList($first: Int, $after: String, $last: Int, $before: String, $isActive: Boolean, $search: String) {\n    account {\n      ...OperatorListFields\n    }\n  }\n": typeof types.OperatorListDocument,
    "\n  subscription OperatorListChanges(\n    $first: Int\n    $after: String\n    $last: Int\n    $before: String\n    $isActive: Boolean\n    $search: String\n  ) {\n    account {\n      ...OperatorListFields\n    }\n  }\n": typeof types.OperatorListChangesDocument,
    "\n  fragment OperatorProfile on Operator {\n    id\n    accessLevel\n    name\n    publicName\n    email\n    pendingEmail\n    lostEmail {\n      email\n      reason\n      lostAt\n    }\n    description\n    photo {\n      url(size: 256)\n    }\n  }\n": typeof types.OperatorProfileFragmentDoc,
    "\n  mutation UpdateOperator($input: UpdateOperatorInput!) {\n    updateOperator(input: $input) {\n      operator {\n        ...OperatorProfile\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n": typeof types.UpdateOperatorDocument,
    "\n  mutation ChangeAccessLevel($input: ChangeAccessLevelInput!) {\n    changeAccessLevel(input: $input) {\n      operator {\n        id\n        accessLevel\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n": typeof types.ChangeAccessLevelDocument,
    "\n  mutation SetOperatorPhoto($input: SetOperatorPhotoInput!) {\n    setOperatorPhoto(input: $input) {\n      operator {\n        ...OperatorProfile\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n": typeof types.SetOperatorPhotoDocument,
    "\n  mutation RemoveOperatorPhoto($input: RemoveOperatorPhotoInput!) {\n    removeOperatorPhoto(input: $input) {\n      operator {\n        ...OperatorProfile\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n": typeof types.RemoveOperatorPhotoDocument,
    "\n  fragment OfferFields on Plan {\n    code\n    name\n    seatLimit\n    seatMinimum\n    seatsAreBought\n  }\n": typeof types.OfferFieldsFragmentDoc,
    "\n  mutation ChangePlan($input: ChangePlanInput!) {\n    changePlan(input: $input) {\n      account {\n        ...PlanAccountFields\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n": typeof types.ChangePlanDocument,
    "\n  fragment PlanAccountFields on Account {\n    id\n    plan {\n      code\n    }\n    seats {\n      used\n      limit\n      free\n    }\n    active: operators(first: 100, isActive: true) {\n      nodes {\n        ...SeatHolderFields\n      }\n      totalCount\n    }\n  }\n": typeof types.PlanAccountFieldsFragmentDoc,
    "\n  query PlanPage {\n    plans {\n      ...OfferFields\n    }\n    account {\n      ...PlanAccountFields\n    }\n  }\n": typeof types.PlanPageDocument,
    "\n  subscription PlanPageChanges {\n    account {\n      ...PlanAccountFields\n    }\n  }\n": typeof types.PlanPageChangesDocument,
    "\n  fragment SeatHolderFields on Operator {\n    id\n    name\n    isOwner\n    photo {\n      url(size: 128)\n    }\n  }\n": typeof types.SeatHolderFieldsFragmentDoc,
    "\n  mutation ChangePassword($input: ChangePasswordInput!) {\n    changePassword(input: $input) {\n      viewer {\n        id\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n": typeof types.ChangePasswordDocument,
    "\n  query ProfilePage {\n    viewer {\n      ...OperatorProfile\n    }\n  }\n": typeof types.ProfilePageDocument,
    "\n  subscription ProfilePageChanges {\n    viewer {\n      ...OperatorProfile\n    }\n  }\n": typeof types.ProfilePageChangesDocument,
    "\n  query WelcomePage {\n    viewer {\n      ...OperatorProfile\n    }\n  }\n": typeof types.WelcomePageDocument,
    "\n  mutation SignOut {\n    signOut {\n      signedOut\n    }\n  }\n": typeof types.SignOutDocument,
    "\n  query InvitationLink($token: String!) {\n    invitationLink(token: $token) {\n      state\n      link {\n        ...MailedLinkFields\n      }\n    }\n  }\n": typeof types.InvitationLinkDocument,
    "\n  mutation AcceptInvitation($input: RecoverPasswordInput!) {\n    recoverPassword(input: $input) {\n      viewer {\n        ...ViewerFields\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n": typeof types.AcceptInvitationDocument,
    "\n  mutation RenewInvitation($input: RenewInvitationInput!) {\n    renewInvitation(input: $input) {\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n": typeof types.RenewInvitationDocument,
    "\n  mutation ConfirmAddress($input: ConfirmAddressInput!) {\n    confirmAddress(input: $input) {\n      operator {\n        id\n        email\n        pendingEmail\n        isEmailConfirmed\n        isEmailConfirmationDue\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n": typeof types.ConfirmAddressDocument,
    "\n  mutation RestoreAddress($input: RestoreAddressInput!) {\n    restoreAddress(input: $input) {\n      operator {\n        id\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n": typeof types.RestoreAddressDocument,
    "\n  mutation RecoverPassword($input: RecoverPasswordInput!) {\n    recoverPassword(input: $input) {\n      viewer {\n        id\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n": typeof types.RecoverPasswordDocument,
    "\n  mutation RequestPasswordRecovery($input: RequestPasswordRecoveryInput!) {\n    requestPasswordRecovery(input: $input) {\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n": typeof types.RequestPasswordRecoveryDocument,
    "\n  query PasswordRules {\n    server {\n      passwordMinLength\n    }\n  }\n": typeof types.PasswordRulesDocument,
    "\n  mutation SignIn($input: SignInInput!) {\n    signIn(input: $input) {\n      viewer {\n        ...ViewerFields\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n": typeof types.SignInDocument,
    "\n  mutation SignUp($input: SignUpInput!) {\n    signUp(input: $input) {\n      viewer {\n        ...ViewerFields\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n": typeof types.SignUpDocument,
    "\n  fragment MailedLinkFields on MailedLink {\n    effect\n    accountName\n    operatorName\n    inviterName\n    email\n    isNewPasswordNeeded\n    isReleasable\n    isEmailTaken\n    isEmailMoved\n  }\n": typeof types.MailedLinkFieldsFragmentDoc,
    "\n  query MailedLink($token: String!) {\n    mailedLink(token: $token) {\n      ...MailedLinkFields\n    }\n  }\n": typeof types.MailedLinkDocument,
    "\n  mutation ReleaseAddress($input: ReleaseAddressInput!) {\n    releaseAddress(input: $input) {\n      releasedEmail\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n": typeof types.ReleaseAddressDocument,
    "\n  query ServerInfo {\n    server {\n      isSignUpOpen\n      hasAccount\n      publicUrl\n    }\n  }\n": typeof types.ServerInfoDocument,
    "\n  query Snippet {\n    server {\n      publicUrl\n    }\n    account {\n      id\n      widgetKey\n    }\n  }\n": typeof types.SnippetDocument,
};
const documents: Documents = {
    "\n  fragment AccountFields on Account {\n    id\n    name\n    widgetKey\n    isChatEnabled\n    owner {\n      id\n      name\n    }\n  }\n": types.AccountFieldsFragmentDoc,
    "\n  query AccountPage {\n    server {\n      publicUrl\n    }\n    account {\n      ...AccountFields\n    }\n  }\n": types.AccountPageDocument,
    "\n  subscription AccountPageChanges {\n    account {\n      ...AccountFields\n    }\n  }\n": types.AccountPageChangesDocument,
    "\n  fragment CandidateFields on Operator {\n    id\n    name\n    email\n    isOwner\n    isInvited\n  }\n": types.CandidateFieldsFragmentDoc,
    "\n  fragment CandidateListFields on Account {\n    id\n    operators(first: 100, search: $search) {\n      nodes {\n        ...CandidateFields\n      }\n      totalCount\n    }\n  }\n": types.CandidateListFieldsFragmentDoc,
    "\n  query Candidates($search: String) {\n    account {\n      ...CandidateListFields\n    }\n  }\n": types.CandidatesDocument,
    "\n  subscription CandidatesChanges($search: String) {\n    account {\n      ...CandidateListFields\n    }\n  }\n": types.CandidatesChangesDocument,
    "\n  mutation TransferOwnership($input: TransferOwnershipInput!) {\n    transferOwnership(input: $input) {\n      account {\n        ...AccountFields\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n": types.TransferOwnershipDocument,
    "\n  mutation UpdateAccount($input: UpdateAccountInput!) {\n    updateAccount(input: $input) {\n      account {\n        ...AccountFields\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n": types.UpdateAccountDocument,
    "\n  fragment UserErrorFields on UserError {\n    __typename\n    message\n    path\n    ... on InvalidInput {\n      invalid: reason\n      most: limit\n    }\n    ... on WeakPassword {\n      weaknesses: reasons\n      minimumLength\n      suggestions\n    }\n    ... on TooManyAttempts {\n      retryAfterSeconds\n    }\n    ... on SeatLimitReached {\n      seats {\n        used\n        limit\n      }\n    }\n    ... on TooManyActiveOperators {\n      active\n      seatLimit: limit\n    }\n    ... on PhotoRejected {\n      rejection: reason\n    }\n  }\n": types.UserErrorFieldsFragmentDoc,
    "\n  fragment ViewerFields on Operator {\n    id\n    name\n    publicName\n    email\n    isEmailConfirmationDue\n    accessLevel\n    isOwner\n    isActive\n    photo {\n      url(size: 128)\n    }\n  }\n": types.ViewerFieldsFragmentDoc,
    "\n  query Viewer {\n    viewer {\n      ...ViewerFields\n    }\n    plans {\n      code\n    }\n  }\n": types.ViewerDocument,
    "\n  query LiveViewer {\n    viewer {\n      ...ViewerFields\n    }\n  }\n": types.LiveViewerDocument,
    "\n  subscription ViewerChanges {\n    viewer {\n      ...ViewerFields\n    }\n  }\n": types.ViewerChangesDocument,
    "\n  fragment FreeSeatsFields on Account {\n    id\n    seats {\n      used\n      limit\n      free\n    }\n  }\n": types.FreeSeatsFieldsFragmentDoc,
    "\n  query FreeSeats {\n    account {\n      ...FreeSeatsFields\n    }\n  }\n": types.FreeSeatsDocument,
    "\n  subscription FreeSeatsChanges {\n    account {\n      ...FreeSeatsFields\n    }\n  }\n": types.FreeSeatsChangesDocument,
    "\n  mutation SwapSeat($input: SwapSeatInput!) {\n    swapSeat(input: $input) {\n      from {\n        id\n        isActive\n      }\n      to {\n        id\n        isActive\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n": types.SwapSeatDocument,
    "\n  query OperatorSeats {\n    account {\n      ...FreeSeatsFields\n    }\n  }\n": types.OperatorSeatsDocument,
    "\n  fragment OperatorDetails on Operator {\n    ...OperatorProfile\n    isOwner\n    isInvited\n    invitation {\n      sentAt\n      failedAt\n      failure\n      nextAttemptAt\n    }\n    isActive\n    createdAt\n    lastSeenAt\n  }\n": types.OperatorDetailsFragmentDoc,
    "\n  query Operator($id: ID!) {\n    node(id: $id) {\n      __typename\n      id\n      ... on Operator {\n        ...OperatorDetails\n      }\n    }\n  }\n": types.OperatorDocument,
    "\n  subscription AccountChanges {\n    account {\n      ...FreeSeatsFields\n    }\n  }\n": types.AccountChangesDocument,
    "\n  fragment OperatorRowFields on Operator {\n    id\n    name\n    publicName\n    email\n    lostEmail {\n      email\n      reason\n      lostAt\n    }\n    accessLevel\n    isOwner\n    isInvited\n    invitation {\n      sentAt\n      failure\n    }\n    isActive\n    photo {\n      url(size: 128)\n    }\n  }\n": types.OperatorRowFieldsFragmentDoc,
    "\n  mutation RemoveOperator($input: RemoveOperatorInput!) {\n    removeOperator(input: $input) {\n      removedOperatorId\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n": types.RemoveOperatorDocument,
    "\n  mutation ActivateOperator($input: ActivateOperatorInput!) {\n    activateOperator(input: $input) {\n      operator {\n        id\n        isActive\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n": types.ActivateOperatorDocument,
    "\n  mutation DeactivateOperator($input: DeactivateOperatorInput!) {\n    deactivateOperator(input: $input) {\n      operator {\n        id\n        isActive\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n": types.DeactivateOperatorDocument,
    "\n  query Seats {\n    account {\n      id\n      seats {\n        used\n        limit\n        free\n      }\n    }\n  }\n": types.SeatsDocument,
    "\n  mutation AddOperator($input: AddOperatorInput!) {\n    addOperator(input: $input) {\n      operator {\n        id\n        name\n        email\n        isActive\n        isInvited\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n": types.AddOperatorDocument,
    "\n  mutation RequestAddressConfirmation($input: RequestAddressConfirmationInput!) {\n    requestAddressConfirmation(input: $input) {\n      operator {\n        id\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n": types.RequestAddressConfirmationDocument,
    "\n  mutation InviteOperator($input: InviteOperatorInput!) {\n    inviteOperator(input: $input) {\n      operator {\n        id\n        isInvited\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n": types.InviteOperatorDocument,
    "\n  fragment OperatorListFields on Account {\n    id\n    seats {\n      used\n      limit\n      free\n    }\n    operators(first: $first, after: $after, last: $last, before: $before, isActive: $isActive, search: $search) {\n      nodes {\n        ...OperatorRowFields\n      }\n      totalCount\n      pageInfo {\n        hasNextPage\n        hasPreviousPage\n        startCursor\n        endCursor\n      }\n    }\n  }\n": types.OperatorListFieldsFragmentDoc,
    "\n  query OperatorList($first: Int, $after: String, $last: Int, $before: String, $isActive: Boolean, $search: String) {\n    account {\n      ...OperatorListFields\n    }\n  }\n": types.OperatorListDocument,
    "\n  subscription OperatorListChanges(\n    $first: Int\n    $after: String\n    $last: Int\n    $before: String\n    $isActive: Boolean\n    $search: String\n  ) {\n    account {\n      ...OperatorListFields\n    }\n  }\n": types.OperatorListChangesDocument,
    "\n  fragment OperatorProfile on Operator {\n    id\n    accessLevel\n    name\n    publicName\n    email\n    pendingEmail\n    lostEmail {\n      email\n      reason\n      lostAt\n    }\n    description\n    photo {\n      url(size: 256)\n    }\n  }\n": types.OperatorProfileFragmentDoc,
    "\n  mutation UpdateOperator($input: UpdateOperatorInput!) {\n    updateOperator(input: $input) {\n      operator {\n        ...OperatorProfile\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n": types.UpdateOperatorDocument,
    "\n  mutation ChangeAccessLevel($input: ChangeAccessLevelInput!) {\n    changeAccessLevel(input: $input) {\n      operator {\n        id\n        accessLevel\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n": types.ChangeAccessLevelDocument,
    "\n  mutation SetOperatorPhoto($input: SetOperatorPhotoInput!) {\n    setOperatorPhoto(input: $input) {\n      operator {\n        ...OperatorProfile\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n": types.SetOperatorPhotoDocument,
    "\n  mutation RemoveOperatorPhoto($input: RemoveOperatorPhotoInput!) {\n    removeOperatorPhoto(input: $input) {\n      operator {\n        ...OperatorProfile\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n": types.RemoveOperatorPhotoDocument,
    "\n  fragment OfferFields on Plan {\n    code\n    name\n    seatLimit\n    seatMinimum\n    seatsAreBought\n  }\n": types.OfferFieldsFragmentDoc,
    "\n  mutation ChangePlan($input: ChangePlanInput!) {\n    changePlan(input: $input) {\n      account {\n        ...PlanAccountFields\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n": types.ChangePlanDocument,
    "\n  fragment PlanAccountFields on Account {\n    id\n    plan {\n      code\n    }\n    seats {\n      used\n      limit\n      free\n    }\n    active: operators(first: 100, isActive: true) {\n      nodes {\n        ...SeatHolderFields\n      }\n      totalCount\n    }\n  }\n": types.PlanAccountFieldsFragmentDoc,
    "\n  query PlanPage {\n    plans {\n      ...OfferFields\n    }\n    account {\n      ...PlanAccountFields\n    }\n  }\n": types.PlanPageDocument,
    "\n  subscription PlanPageChanges {\n    account {\n      ...PlanAccountFields\n    }\n  }\n": types.PlanPageChangesDocument,
    "\n  fragment SeatHolderFields on Operator {\n    id\n    name\n    isOwner\n    photo {\n      url(size: 128)\n    }\n  }\n": types.SeatHolderFieldsFragmentDoc,
    "\n  mutation ChangePassword($input: ChangePasswordInput!) {\n    changePassword(input: $input) {\n      viewer {\n        id\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n": types.ChangePasswordDocument,
    "\n  query ProfilePage {\n    viewer {\n      ...OperatorProfile\n    }\n  }\n": types.ProfilePageDocument,
    "\n  subscription ProfilePageChanges {\n    viewer {\n      ...OperatorProfile\n    }\n  }\n": types.ProfilePageChangesDocument,
    "\n  query WelcomePage {\n    viewer {\n      ...OperatorProfile\n    }\n  }\n": types.WelcomePageDocument,
    "\n  mutation SignOut {\n    signOut {\n      signedOut\n    }\n  }\n": types.SignOutDocument,
    "\n  query InvitationLink($token: String!) {\n    invitationLink(token: $token) {\n      state\n      link {\n        ...MailedLinkFields\n      }\n    }\n  }\n": types.InvitationLinkDocument,
    "\n  mutation AcceptInvitation($input: RecoverPasswordInput!) {\n    recoverPassword(input: $input) {\n      viewer {\n        ...ViewerFields\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n": types.AcceptInvitationDocument,
    "\n  mutation RenewInvitation($input: RenewInvitationInput!) {\n    renewInvitation(input: $input) {\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n": types.RenewInvitationDocument,
    "\n  mutation ConfirmAddress($input: ConfirmAddressInput!) {\n    confirmAddress(input: $input) {\n      operator {\n        id\n        email\n        pendingEmail\n        isEmailConfirmed\n        isEmailConfirmationDue\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n": types.ConfirmAddressDocument,
    "\n  mutation RestoreAddress($input: RestoreAddressInput!) {\n    restoreAddress(input: $input) {\n      operator {\n        id\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n": types.RestoreAddressDocument,
    "\n  mutation RecoverPassword($input: RecoverPasswordInput!) {\n    recoverPassword(input: $input) {\n      viewer {\n        id\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n": types.RecoverPasswordDocument,
    "\n  mutation RequestPasswordRecovery($input: RequestPasswordRecoveryInput!) {\n    requestPasswordRecovery(input: $input) {\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n": types.RequestPasswordRecoveryDocument,
    "\n  query PasswordRules {\n    server {\n      passwordMinLength\n    }\n  }\n": types.PasswordRulesDocument,
    "\n  mutation SignIn($input: SignInInput!) {\n    signIn(input: $input) {\n      viewer {\n        ...ViewerFields\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n": types.SignInDocument,
    "\n  mutation SignUp($input: SignUpInput!) {\n    signUp(input: $input) {\n      viewer {\n        ...ViewerFields\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n": types.SignUpDocument,
    "\n  fragment MailedLinkFields on MailedLink {\n    effect\n    accountName\n    operatorName\n    inviterName\n    email\n    isNewPasswordNeeded\n    isReleasable\n    isEmailTaken\n    isEmailMoved\n  }\n": types.MailedLinkFieldsFragmentDoc,
    "\n  query MailedLink($token: String!) {\n    mailedLink(token: $token) {\n      ...MailedLinkFields\n    }\n  }\n": types.MailedLinkDocument,
    "\n  mutation ReleaseAddress($input: ReleaseAddressInput!) {\n    releaseAddress(input: $input) {\n      releasedEmail\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n": types.ReleaseAddressDocument,
    "\n  query ServerInfo {\n    server {\n      isSignUpOpen\n      hasAccount\n      publicUrl\n    }\n  }\n": types.ServerInfoDocument,
    "\n  query Snippet {\n    server {\n      publicUrl\n    }\n    account {\n      id\n      widgetKey\n    }\n  }\n": types.SnippetDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 *
 *
 * @example
 * ```ts
 * const query = graphql(`query GetUser($id: ID!) { user(id: $id) { name } }`);
 * ```
 *
 * The query argument is unknown!
 * Please regenerate the types.
 */
export function graphql(source: string): unknown;

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment AccountFields on Account {\n    id\n    name\n    widgetKey\n    isChatEnabled\n    owner {\n      id\n      name\n    }\n  }\n"): (typeof documents)["\n  fragment AccountFields on Account {\n    id\n    name\n    widgetKey\n    isChatEnabled\n    owner {\n      id\n      name\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query AccountPage {\n    server {\n      publicUrl\n    }\n    account {\n      ...AccountFields\n    }\n  }\n"): (typeof documents)["\n  query AccountPage {\n    server {\n      publicUrl\n    }\n    account {\n      ...AccountFields\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription AccountPageChanges {\n    account {\n      ...AccountFields\n    }\n  }\n"): (typeof documents)["\n  subscription AccountPageChanges {\n    account {\n      ...AccountFields\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment CandidateFields on Operator {\n    id\n    name\n    email\n    isOwner\n    isInvited\n  }\n"): (typeof documents)["\n  fragment CandidateFields on Operator {\n    id\n    name\n    email\n    isOwner\n    isInvited\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment CandidateListFields on Account {\n    id\n    operators(first: 100, search: $search) {\n      nodes {\n        ...CandidateFields\n      }\n      totalCount\n    }\n  }\n"): (typeof documents)["\n  fragment CandidateListFields on Account {\n    id\n    operators(first: 100, search: $search) {\n      nodes {\n        ...CandidateFields\n      }\n      totalCount\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Candidates($search: String) {\n    account {\n      ...CandidateListFields\n    }\n  }\n"): (typeof documents)["\n  query Candidates($search: String) {\n    account {\n      ...CandidateListFields\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription CandidatesChanges($search: String) {\n    account {\n      ...CandidateListFields\n    }\n  }\n"): (typeof documents)["\n  subscription CandidatesChanges($search: String) {\n    account {\n      ...CandidateListFields\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation TransferOwnership($input: TransferOwnershipInput!) {\n    transferOwnership(input: $input) {\n      account {\n        ...AccountFields\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation TransferOwnership($input: TransferOwnershipInput!) {\n    transferOwnership(input: $input) {\n      account {\n        ...AccountFields\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation UpdateAccount($input: UpdateAccountInput!) {\n    updateAccount(input: $input) {\n      account {\n        ...AccountFields\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation UpdateAccount($input: UpdateAccountInput!) {\n    updateAccount(input: $input) {\n      account {\n        ...AccountFields\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment UserErrorFields on UserError {\n    __typename\n    message\n    path\n    ... on InvalidInput {\n      invalid: reason\n      most: limit\n    }\n    ... on WeakPassword {\n      weaknesses: reasons\n      minimumLength\n      suggestions\n    }\n    ... on TooManyAttempts {\n      retryAfterSeconds\n    }\n    ... on SeatLimitReached {\n      seats {\n        used\n        limit\n      }\n    }\n    ... on TooManyActiveOperators {\n      active\n      seatLimit: limit\n    }\n    ... on PhotoRejected {\n      rejection: reason\n    }\n  }\n"): (typeof documents)["\n  fragment UserErrorFields on UserError {\n    __typename\n    message\n    path\n    ... on InvalidInput {\n      invalid: reason\n      most: limit\n    }\n    ... on WeakPassword {\n      weaknesses: reasons\n      minimumLength\n      suggestions\n    }\n    ... on TooManyAttempts {\n      retryAfterSeconds\n    }\n    ... on SeatLimitReached {\n      seats {\n        used\n        limit\n      }\n    }\n    ... on TooManyActiveOperators {\n      active\n      seatLimit: limit\n    }\n    ... on PhotoRejected {\n      rejection: reason\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment ViewerFields on Operator {\n    id\n    name\n    publicName\n    email\n    isEmailConfirmationDue\n    accessLevel\n    isOwner\n    isActive\n    photo {\n      url(size: 128)\n    }\n  }\n"): (typeof documents)["\n  fragment ViewerFields on Operator {\n    id\n    name\n    publicName\n    email\n    isEmailConfirmationDue\n    accessLevel\n    isOwner\n    isActive\n    photo {\n      url(size: 128)\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Viewer {\n    viewer {\n      ...ViewerFields\n    }\n    plans {\n      code\n    }\n  }\n"): (typeof documents)["\n  query Viewer {\n    viewer {\n      ...ViewerFields\n    }\n    plans {\n      code\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query LiveViewer {\n    viewer {\n      ...ViewerFields\n    }\n  }\n"): (typeof documents)["\n  query LiveViewer {\n    viewer {\n      ...ViewerFields\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription ViewerChanges {\n    viewer {\n      ...ViewerFields\n    }\n  }\n"): (typeof documents)["\n  subscription ViewerChanges {\n    viewer {\n      ...ViewerFields\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment FreeSeatsFields on Account {\n    id\n    seats {\n      used\n      limit\n      free\n    }\n  }\n"): (typeof documents)["\n  fragment FreeSeatsFields on Account {\n    id\n    seats {\n      used\n      limit\n      free\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query FreeSeats {\n    account {\n      ...FreeSeatsFields\n    }\n  }\n"): (typeof documents)["\n  query FreeSeats {\n    account {\n      ...FreeSeatsFields\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription FreeSeatsChanges {\n    account {\n      ...FreeSeatsFields\n    }\n  }\n"): (typeof documents)["\n  subscription FreeSeatsChanges {\n    account {\n      ...FreeSeatsFields\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation SwapSeat($input: SwapSeatInput!) {\n    swapSeat(input: $input) {\n      from {\n        id\n        isActive\n      }\n      to {\n        id\n        isActive\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation SwapSeat($input: SwapSeatInput!) {\n    swapSeat(input: $input) {\n      from {\n        id\n        isActive\n      }\n      to {\n        id\n        isActive\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query OperatorSeats {\n    account {\n      ...FreeSeatsFields\n    }\n  }\n"): (typeof documents)["\n  query OperatorSeats {\n    account {\n      ...FreeSeatsFields\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment OperatorDetails on Operator {\n    ...OperatorProfile\n    isOwner\n    isInvited\n    invitation {\n      sentAt\n      failedAt\n      failure\n      nextAttemptAt\n    }\n    isActive\n    createdAt\n    lastSeenAt\n  }\n"): (typeof documents)["\n  fragment OperatorDetails on Operator {\n    ...OperatorProfile\n    isOwner\n    isInvited\n    invitation {\n      sentAt\n      failedAt\n      failure\n      nextAttemptAt\n    }\n    isActive\n    createdAt\n    lastSeenAt\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Operator($id: ID!) {\n    node(id: $id) {\n      __typename\n      id\n      ... on Operator {\n        ...OperatorDetails\n      }\n    }\n  }\n"): (typeof documents)["\n  query Operator($id: ID!) {\n    node(id: $id) {\n      __typename\n      id\n      ... on Operator {\n        ...OperatorDetails\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription AccountChanges {\n    account {\n      ...FreeSeatsFields\n    }\n  }\n"): (typeof documents)["\n  subscription AccountChanges {\n    account {\n      ...FreeSeatsFields\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment OperatorRowFields on Operator {\n    id\n    name\n    publicName\n    email\n    lostEmail {\n      email\n      reason\n      lostAt\n    }\n    accessLevel\n    isOwner\n    isInvited\n    invitation {\n      sentAt\n      failure\n    }\n    isActive\n    photo {\n      url(size: 128)\n    }\n  }\n"): (typeof documents)["\n  fragment OperatorRowFields on Operator {\n    id\n    name\n    publicName\n    email\n    lostEmail {\n      email\n      reason\n      lostAt\n    }\n    accessLevel\n    isOwner\n    isInvited\n    invitation {\n      sentAt\n      failure\n    }\n    isActive\n    photo {\n      url(size: 128)\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RemoveOperator($input: RemoveOperatorInput!) {\n    removeOperator(input: $input) {\n      removedOperatorId\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation RemoveOperator($input: RemoveOperatorInput!) {\n    removeOperator(input: $input) {\n      removedOperatorId\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ActivateOperator($input: ActivateOperatorInput!) {\n    activateOperator(input: $input) {\n      operator {\n        id\n        isActive\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation ActivateOperator($input: ActivateOperatorInput!) {\n    activateOperator(input: $input) {\n      operator {\n        id\n        isActive\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation DeactivateOperator($input: DeactivateOperatorInput!) {\n    deactivateOperator(input: $input) {\n      operator {\n        id\n        isActive\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation DeactivateOperator($input: DeactivateOperatorInput!) {\n    deactivateOperator(input: $input) {\n      operator {\n        id\n        isActive\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Seats {\n    account {\n      id\n      seats {\n        used\n        limit\n        free\n      }\n    }\n  }\n"): (typeof documents)["\n  query Seats {\n    account {\n      id\n      seats {\n        used\n        limit\n        free\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation AddOperator($input: AddOperatorInput!) {\n    addOperator(input: $input) {\n      operator {\n        id\n        name\n        email\n        isActive\n        isInvited\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation AddOperator($input: AddOperatorInput!) {\n    addOperator(input: $input) {\n      operator {\n        id\n        name\n        email\n        isActive\n        isInvited\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RequestAddressConfirmation($input: RequestAddressConfirmationInput!) {\n    requestAddressConfirmation(input: $input) {\n      operator {\n        id\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation RequestAddressConfirmation($input: RequestAddressConfirmationInput!) {\n    requestAddressConfirmation(input: $input) {\n      operator {\n        id\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation InviteOperator($input: InviteOperatorInput!) {\n    inviteOperator(input: $input) {\n      operator {\n        id\n        isInvited\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation InviteOperator($input: InviteOperatorInput!) {\n    inviteOperator(input: $input) {\n      operator {\n        id\n        isInvited\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment OperatorListFields on Account {\n    id\n    seats {\n      used\n      limit\n      free\n    }\n    operators(first: $first, after: $after, last: $last, before: $before, isActive: $isActive, search: $search) {\n      nodes {\n        ...OperatorRowFields\n      }\n      totalCount\n      pageInfo {\n        hasNextPage\n        hasPreviousPage\n        startCursor\n        endCursor\n      }\n    }\n  }\n"): (typeof documents)["\n  fragment OperatorListFields on Account {\n    id\n    seats {\n      used\n      limit\n      free\n    }\n    operators(first: $first, after: $after, last: $last, before: $before, isActive: $isActive, search: $search) {\n      nodes {\n        ...OperatorRowFields\n      }\n      totalCount\n      pageInfo {\n        hasNextPage\n        hasPreviousPage\n        startCursor\n        endCursor\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query OperatorList($first: Int, $after: String, $last: Int, $before: String, $isActive: Boolean, $search: String) {\n    account {\n      ...OperatorListFields\n    }\n  }\n"): (typeof documents)["\n  query OperatorList($first: Int, $after: String, $last: Int, $before: String, $isActive: Boolean, $search: String) {\n    account {\n      ...OperatorListFields\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription OperatorListChanges(\n    $first: Int\n    $after: String\n    $last: Int\n    $before: String\n    $isActive: Boolean\n    $search: String\n  ) {\n    account {\n      ...OperatorListFields\n    }\n  }\n"): (typeof documents)["\n  subscription OperatorListChanges(\n    $first: Int\n    $after: String\n    $last: Int\n    $before: String\n    $isActive: Boolean\n    $search: String\n  ) {\n    account {\n      ...OperatorListFields\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment OperatorProfile on Operator {\n    id\n    accessLevel\n    name\n    publicName\n    email\n    pendingEmail\n    lostEmail {\n      email\n      reason\n      lostAt\n    }\n    description\n    photo {\n      url(size: 256)\n    }\n  }\n"): (typeof documents)["\n  fragment OperatorProfile on Operator {\n    id\n    accessLevel\n    name\n    publicName\n    email\n    pendingEmail\n    lostEmail {\n      email\n      reason\n      lostAt\n    }\n    description\n    photo {\n      url(size: 256)\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation UpdateOperator($input: UpdateOperatorInput!) {\n    updateOperator(input: $input) {\n      operator {\n        ...OperatorProfile\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation UpdateOperator($input: UpdateOperatorInput!) {\n    updateOperator(input: $input) {\n      operator {\n        ...OperatorProfile\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ChangeAccessLevel($input: ChangeAccessLevelInput!) {\n    changeAccessLevel(input: $input) {\n      operator {\n        id\n        accessLevel\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation ChangeAccessLevel($input: ChangeAccessLevelInput!) {\n    changeAccessLevel(input: $input) {\n      operator {\n        id\n        accessLevel\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation SetOperatorPhoto($input: SetOperatorPhotoInput!) {\n    setOperatorPhoto(input: $input) {\n      operator {\n        ...OperatorProfile\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation SetOperatorPhoto($input: SetOperatorPhotoInput!) {\n    setOperatorPhoto(input: $input) {\n      operator {\n        ...OperatorProfile\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RemoveOperatorPhoto($input: RemoveOperatorPhotoInput!) {\n    removeOperatorPhoto(input: $input) {\n      operator {\n        ...OperatorProfile\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation RemoveOperatorPhoto($input: RemoveOperatorPhotoInput!) {\n    removeOperatorPhoto(input: $input) {\n      operator {\n        ...OperatorProfile\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment OfferFields on Plan {\n    code\n    name\n    seatLimit\n    seatMinimum\n    seatsAreBought\n  }\n"): (typeof documents)["\n  fragment OfferFields on Plan {\n    code\n    name\n    seatLimit\n    seatMinimum\n    seatsAreBought\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ChangePlan($input: ChangePlanInput!) {\n    changePlan(input: $input) {\n      account {\n        ...PlanAccountFields\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation ChangePlan($input: ChangePlanInput!) {\n    changePlan(input: $input) {\n      account {\n        ...PlanAccountFields\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment PlanAccountFields on Account {\n    id\n    plan {\n      code\n    }\n    seats {\n      used\n      limit\n      free\n    }\n    active: operators(first: 100, isActive: true) {\n      nodes {\n        ...SeatHolderFields\n      }\n      totalCount\n    }\n  }\n"): (typeof documents)["\n  fragment PlanAccountFields on Account {\n    id\n    plan {\n      code\n    }\n    seats {\n      used\n      limit\n      free\n    }\n    active: operators(first: 100, isActive: true) {\n      nodes {\n        ...SeatHolderFields\n      }\n      totalCount\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query PlanPage {\n    plans {\n      ...OfferFields\n    }\n    account {\n      ...PlanAccountFields\n    }\n  }\n"): (typeof documents)["\n  query PlanPage {\n    plans {\n      ...OfferFields\n    }\n    account {\n      ...PlanAccountFields\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription PlanPageChanges {\n    account {\n      ...PlanAccountFields\n    }\n  }\n"): (typeof documents)["\n  subscription PlanPageChanges {\n    account {\n      ...PlanAccountFields\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment SeatHolderFields on Operator {\n    id\n    name\n    isOwner\n    photo {\n      url(size: 128)\n    }\n  }\n"): (typeof documents)["\n  fragment SeatHolderFields on Operator {\n    id\n    name\n    isOwner\n    photo {\n      url(size: 128)\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ChangePassword($input: ChangePasswordInput!) {\n    changePassword(input: $input) {\n      viewer {\n        id\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation ChangePassword($input: ChangePasswordInput!) {\n    changePassword(input: $input) {\n      viewer {\n        id\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ProfilePage {\n    viewer {\n      ...OperatorProfile\n    }\n  }\n"): (typeof documents)["\n  query ProfilePage {\n    viewer {\n      ...OperatorProfile\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription ProfilePageChanges {\n    viewer {\n      ...OperatorProfile\n    }\n  }\n"): (typeof documents)["\n  subscription ProfilePageChanges {\n    viewer {\n      ...OperatorProfile\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query WelcomePage {\n    viewer {\n      ...OperatorProfile\n    }\n  }\n"): (typeof documents)["\n  query WelcomePage {\n    viewer {\n      ...OperatorProfile\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation SignOut {\n    signOut {\n      signedOut\n    }\n  }\n"): (typeof documents)["\n  mutation SignOut {\n    signOut {\n      signedOut\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query InvitationLink($token: String!) {\n    invitationLink(token: $token) {\n      state\n      link {\n        ...MailedLinkFields\n      }\n    }\n  }\n"): (typeof documents)["\n  query InvitationLink($token: String!) {\n    invitationLink(token: $token) {\n      state\n      link {\n        ...MailedLinkFields\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation AcceptInvitation($input: RecoverPasswordInput!) {\n    recoverPassword(input: $input) {\n      viewer {\n        ...ViewerFields\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation AcceptInvitation($input: RecoverPasswordInput!) {\n    recoverPassword(input: $input) {\n      viewer {\n        ...ViewerFields\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RenewInvitation($input: RenewInvitationInput!) {\n    renewInvitation(input: $input) {\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation RenewInvitation($input: RenewInvitationInput!) {\n    renewInvitation(input: $input) {\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ConfirmAddress($input: ConfirmAddressInput!) {\n    confirmAddress(input: $input) {\n      operator {\n        id\n        email\n        pendingEmail\n        isEmailConfirmed\n        isEmailConfirmationDue\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation ConfirmAddress($input: ConfirmAddressInput!) {\n    confirmAddress(input: $input) {\n      operator {\n        id\n        email\n        pendingEmail\n        isEmailConfirmed\n        isEmailConfirmationDue\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RestoreAddress($input: RestoreAddressInput!) {\n    restoreAddress(input: $input) {\n      operator {\n        id\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation RestoreAddress($input: RestoreAddressInput!) {\n    restoreAddress(input: $input) {\n      operator {\n        id\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RecoverPassword($input: RecoverPasswordInput!) {\n    recoverPassword(input: $input) {\n      viewer {\n        id\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation RecoverPassword($input: RecoverPasswordInput!) {\n    recoverPassword(input: $input) {\n      viewer {\n        id\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RequestPasswordRecovery($input: RequestPasswordRecoveryInput!) {\n    requestPasswordRecovery(input: $input) {\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation RequestPasswordRecovery($input: RequestPasswordRecoveryInput!) {\n    requestPasswordRecovery(input: $input) {\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query PasswordRules {\n    server {\n      passwordMinLength\n    }\n  }\n"): (typeof documents)["\n  query PasswordRules {\n    server {\n      passwordMinLength\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation SignIn($input: SignInInput!) {\n    signIn(input: $input) {\n      viewer {\n        ...ViewerFields\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation SignIn($input: SignInInput!) {\n    signIn(input: $input) {\n      viewer {\n        ...ViewerFields\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation SignUp($input: SignUpInput!) {\n    signUp(input: $input) {\n      viewer {\n        ...ViewerFields\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation SignUp($input: SignUpInput!) {\n    signUp(input: $input) {\n      viewer {\n        ...ViewerFields\n      }\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment MailedLinkFields on MailedLink {\n    effect\n    accountName\n    operatorName\n    inviterName\n    email\n    isNewPasswordNeeded\n    isReleasable\n    isEmailTaken\n    isEmailMoved\n  }\n"): (typeof documents)["\n  fragment MailedLinkFields on MailedLink {\n    effect\n    accountName\n    operatorName\n    inviterName\n    email\n    isNewPasswordNeeded\n    isReleasable\n    isEmailTaken\n    isEmailMoved\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query MailedLink($token: String!) {\n    mailedLink(token: $token) {\n      ...MailedLinkFields\n    }\n  }\n"): (typeof documents)["\n  query MailedLink($token: String!) {\n    mailedLink(token: $token) {\n      ...MailedLinkFields\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ReleaseAddress($input: ReleaseAddressInput!) {\n    releaseAddress(input: $input) {\n      releasedEmail\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation ReleaseAddress($input: ReleaseAddressInput!) {\n    releaseAddress(input: $input) {\n      releasedEmail\n      userErrors {\n        ...UserErrorFields\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ServerInfo {\n    server {\n      isSignUpOpen\n      hasAccount\n      publicUrl\n    }\n  }\n"): (typeof documents)["\n  query ServerInfo {\n    server {\n      isSignUpOpen\n      hasAccount\n      publicUrl\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Snippet {\n    server {\n      publicUrl\n    }\n    account {\n      id\n      widgetKey\n    }\n  }\n"): (typeof documents)["\n  query Snippet {\n    server {\n      publicUrl\n    }\n    account {\n      id\n      widgetKey\n    }\n  }\n"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;
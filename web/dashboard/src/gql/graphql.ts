/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';
/** An operator's permissions. */
export type AccessLevel =
  /** Full access: personal and company settings, operators, plan and seats. */
  | 'FULL'
  /** Limited access: personal settings (own profile, photo and password), and reads the account. */
  | 'LIMITED';

/** The operator to activate. */
export type ActivateOperatorInput = {
  /** Any operator of the account. */
  operatorId: string | number;
};

/** The profile of a new operator. */
export type AddOperatorInput = {
  /** The operator's permissions. */
  accessLevel?: AccessLevel;
  /** Job title or motto, at most 200 characters. */
  description?: string | null | undefined;
  /**
   * The address to sign in with, case-insensitive. With a password, it must be unused on this
   * server, and a link to confirm it is mailed to it. Without a password, the operator gets the
   * address by accepting the invitation, even if another operator has it unconfirmed.
   */
  email: string;
  /**
   * Whether to activate the operator. Without a free seat, the operator is added inactive and
   * `userErrors` contains `SeatLimitReached`.
   */
  isActive?: boolean;
  /** The language of the mail: the invitation, or the link to confirm the address. */
  language?: Language;
  /** The name shown in the dashboard, 1 to 100 characters. */
  name: string;
  /**
   * At least 12 characters, unless the server is configured otherwise. At most 256. Omitted or
   * null: the operator is invited by mail, with a link that works for 7 days.
   */
  password?: string | null | undefined;
  /** The name shown to visitors, 1 to 100 characters. Omitted or null: the same as `name`. */
  publicName?: string | null | undefined;
};

/** An operator and a new access level. */
export type ChangeAccessLevelInput = {
  /** The new access level. */
  accessLevel: AccessLevel;
  /** Any operator except yourself and the owner. */
  operatorId: string | number;
};

/** The caller's current password and the new one. */
export type ChangePasswordInput = {
  /** The current password. */
  currentPassword: string;
  /** The language of the mail that reports the changed password. */
  language?: Language;
  /** At least 12 characters, unless the server is configured otherwise. At most 256. */
  newPassword: string;
};

/** A new plan and number of seats. */
export type ChangePlanInput = {
  /**
   * Operators to deactivate in the same step, if the new plan has fewer seats than are in use.
   * At most 100.
   */
  deactivateOperatorIds?: Array<string | number>;
  /** The new plan. */
  plan: PlanCode;
  /**
   * The number of seats to buy, at least one. Omitted or null: the current number, within the
   * plan's limits. For a plan with included seats, only their number is accepted.
   */
  seats?: number | null | undefined;
};

/** A link's token, and a new password if required. */
export type ConfirmAddressInput = {
  /** The language of the mails to the former address, and about a new password. */
  language?: Language;
  /**
   * At least 12 characters, unless the server is configured otherwise. At most 256. Required if
   * another person chose the password, and in a browser that is not signed in to the profile.
   * All other sessions of the operator end. Null: the password stays unchanged.
   */
  newPassword?: string | null | undefined;
  /** The part of the link after `#token=`. */
  token: string;
};

/** The operator to deactivate. */
export type DeactivateOperatorInput = {
  /** Any operator of the account, including the owner. */
  operatorId: string | number;
};

/**
 * Why a value of the input is not valid. New values may be added. For unknown values, clients show
 * `message`.
 */
export type InvalidInputReason =
  /** Too large. `limit` is the maximum. */
  | 'ABOVE_MAXIMUM'
  /** Too small. `limit` is the minimum. */
  | 'BELOW_MINIMUM'
  /** Empty, or only white space. */
  | 'EMPTY'
  /** Contains a line break, a control character or a change of text direction. */
  | 'FORBIDDEN_CHARACTER'
  /** Only invisible characters. */
  | 'INVISIBLE'
  /** Null where a value is required. */
  | 'MISSING'
  /** Not a valid email address. */
  | 'NOT_AN_EMAIL_ADDRESS'
  /** The operator has no address and cannot sign in. */
  | 'NO_ADDRESS'
  /** The operator has not set a password yet and cannot sign in. */
  | 'NO_PASSWORD_YET'
  /** A time that is not in the future. */
  | 'PAST'
  /** The same operator twice where two are required. */
  | 'SAME_OPERATOR'
  /**
   * The plan includes its seats, so their number cannot be chosen. `limit` is that number. Omit
   * the field.
   */
  | 'SEATS_INCLUDED'
  /** Too long. `limit` is the maximum in Unicode code points, or in bytes for an email address. */
  | 'TOO_LONG'
  /** Too many items. `limit` is the maximum. */
  | 'TOO_MANY';

/** Why an invitation was not delivered. New values may be added. */
export type InvitationFailure =
  /** Mail cannot be sent to this address: its domain accepts no mail, or its form is not valid. */
  | 'ADDRESS_INVALID'
  /** The mail relay has not accepted the mail yet. Delivery is retried at `nextAttemptAt`. */
  | 'DELAYED'
  /** All attempts of about two days failed. */
  | 'GIVEN_UP'
  /** The mailbox accepts no mail. */
  | 'MAILBOX_DISABLED'
  /** The mailbox is full. */
  | 'MAILBOX_FULL'
  /** There is no mailbox with this address. */
  | 'MAILBOX_UNKNOWN'
  /** The address has non-ASCII characters, which the mail relay does not support. */
  | 'NO_SMTPUTF8'
  /** The recipient's mail server rejected the address for another reason. */
  | 'RECIPIENT_REFUSED'
  /** The recipient's mail server rejected the message. */
  | 'TEXT_REFUSED';

/** What can be done with the link of an invitation. */
export type InvitationLinkState =
  /** The link has expired less than 30 days ago. `renewInvitation` mails a new one. */
  | 'EXPIRED'
  /** `recoverPassword` accepts the invitation. */
  | 'VALID';

/** The operator to invite again. */
export type InviteOperatorInput = {
  /** The language of the invitation. */
  language?: Language;
  /** An operator who has not set a password yet. */
  operatorId: string | number;
};

/** A language of mails. */
export type Language =
  /** Czech. */
  | 'CS'
  /** English. */
  | 'EN';

/** Why an operator lost an address. New values may be added. */
export type LostEmailReason =
  /** The person who receives mail at this address confirmed it for another profile. */
  | 'CLAIMED'
  /** The person who receives mail at this address released it. */
  | 'RELEASED';

/** The effect of using a mailed link. New values may be added. */
export type MailedLinkEffect =
  /** `recoverPassword` sets the operator's first password and assigns the address. */
  | 'ACCEPT_INVITATION'
  /** `confirmAddress` replaces the operator's address with the new one. */
  | 'CHANGE_ADDRESS'
  /** `confirmAddress` confirms the operator's current address. */
  | 'CONFIRM_ADDRESS'
  /** `recoverPassword` sets a new password and confirms the address. */
  | 'RECOVER_PASSWORD'
  /** `restoreAddress` restores the operator's former address. */
  | 'RESTORE_ADDRESS';

/**
 * Why a password is easy to guess. New values may be added. For unknown values, clients show
 * `suggestions`.
 */
export type PasswordWeakness =
  /** One of the most common passwords. */
  | 'COMMON'
  /** A date or a year. */
  | 'DATE_OR_YEAR'
  /** Contains the operator's name or address, or the account's name, or a part of one. */
  | 'GUESSABLE_BY_NAME_OR_ADDRESS'
  /** Adjacent keys of a keyboard. */
  | 'KEYBOARD_PATTERN'
  /** A common first name or surname. */
  | 'NAME'
  /** Capitals in predictable places, or only capitals. */
  | 'PREDICTABLE_CAPITALS'
  /** Digits or symbols in place of letters, such as `@` for `a`. */
  | 'PREDICTABLE_SUBSTITUTION'
  /** Repeated characters or words. */
  | 'REPETITION'
  /** A word spelled backwards. */
  | 'REVERSED_WORD'
  /** Consecutive characters, such as `abc` or `6543`. */
  | 'SEQUENCE'
  /** Similar to a common password. */
  | 'SIMILAR_TO_COMMON'
  /** A single word. */
  | 'SINGLE_WORD'
  /** Too few words, or only common ones. One or two more words help; symbols are not required. */
  | 'TOO_FEW_WORDS'
  /** Shorter than `minimumLength`. */
  | 'TOO_SHORT';

/** Why a photo was rejected. */
export type PhotoRejection =
  /** Not an image, or a damaged or truncated one. */
  | 'NOT_AN_IMAGE'
  /** Larger than 5 MiB or 40 megapixels. */
  | 'TOO_LARGE'
  /** Smaller than 100 × 100 pixels. */
  | 'TOO_SMALL'
  /** An image that is neither JPEG nor PNG. */
  | 'UNSUPPORTED_FORMAT';

/** A plan of an account. */
export type PlanCode =
  /** The free plan. */
  | 'FREE'
  /** The smallest plan with bought seats. */
  | 'MINI'
  /** The largest plan. */
  | 'PRO'
  /** The middle plan. */
  | 'STANDARD';

/** A mailed link's token, and a new password. */
export type RecoverPasswordInput = {
  /** The language of the mail that reports the changed password. */
  language?: Language;
  /** At least 12 characters, unless the server is configured otherwise. At most 256. */
  newPassword: string;
  /**
   * The part of the link after `#token=`, from a recovery or invitation mail. Characters before
   * and after the token are ignored.
   */
  token: string;
  /**
   * How the client keeps its session, if the link is from an invitation: the operator is then
   * signed in. Null: the operator is not signed in. Ignored for links from recovery mails, which
   * never create a session.
   */
  transport?: SessionTransport | null | undefined;
};

/** A link's token. */
export type ReleaseAddressInput = {
  /** The part of the link after `#token=`, from a recovery or confirmation mail. */
  token: string;
};

/** The operator to remove. */
export type RemoveOperatorInput = {
  /** Any operator except the owner. */
  operatorId: string | number;
};

/** The operator whose photo is removed. */
export type RemoveOperatorPhotoInput = {
  /** Yourself, or any operator with full access. */
  operatorId: string | number;
};

/** The token of an invitation that has expired. */
export type RenewInvitationInput = {
  /** The language of the invitation. */
  language?: Language;
  /** The part of the link after `#token=`. */
  token: string;
};

/** The operator whose address needs to be confirmed. */
export type RequestAddressConfirmationInput = {
  /** The language of the mail. */
  language?: Language;
  /** Yourself, or any operator with full access. */
  operatorId: string | number;
};

/** The address of an operator who forgot the password. */
export type RequestPasswordRecoveryInput = {
  /** The address to sign in with, case-insensitive. */
  email: string;
  /** The language of the mail. */
  language?: Language;
};

/** A link's token. */
export type RestoreAddressInput = {
  /**
   * The language of the mails: a link to set a new password, and a notification to the address
   * that is replaced.
   */
  language?: Language;
  /** The part of the link after `#token=`. */
  token: string;
};

/** How the client keeps its session. */
export type SessionTransport =
  /** In an `HttpOnly` cookie, for browsers. Over HTTP only. */
  | 'COOKIE'
  /** As a token for `Authorization: Bearer`. The payload contains it once. */
  | 'TOKEN';

/** An operator and a photo. */
export type SetOperatorPhotoInput = {
  /** Yourself, or any operator with full access. */
  operatorId: string | number;
  /**
   * The file, sent in a multipart request: JPEG or PNG, at least 100 × 100 pixels, at most 5
   * MiB. It is cropped to a square.
   */
  photo: Blob;
};

/** An operator's credentials. */
export type SignInInput = {
  /** The operator's address, case-insensitive. */
  email: string;
  /** The operator's password. */
  password: string;
  /** How the client keeps its session. */
  transport?: SessionTransport;
};

/** A company and its owner. */
export type SignUpInput = {
  /** The company's name, 1 to 100 characters. */
  accountName: string;
  /** The owner's address to sign in with. Unique on this server, case-insensitive. */
  email: string;
  /** The language of the mail with the link to confirm the address. */
  language?: Language;
  /** The owner's name shown in the dashboard, 1 to 100 characters. */
  name: string;
  /** At least 12 characters, unless the server is configured otherwise. At most 256. */
  password: string;
  /** How the client keeps its session. */
  transport?: SessionTransport;
};

/** Two operators: one gives a seat to the other. */
export type SwapSeatInput = {
  /** The operator to deactivate. If already inactive, a free seat is used. */
  fromOperatorId: string | number;
  /** The operator to activate. */
  toOperatorId: string | number;
};

/** The operator who becomes the owner. */
export type TransferOwnershipInput = {
  /** An operator who can sign in. */
  operatorId: string | number;
};

/** Changes of the account. Omitted fields stay unchanged. */
export type UpdateAccountInput = {
  /** Whether visitors can write. Not null. */
  isChatEnabled?: boolean | null | undefined;
  /** The company's name, 1 to 100 characters. Not null. */
  name?: string | null | undefined;
};

/** Changes of a profile. Omitted fields stay unchanged. */
export type UpdateOperatorInput = {
  /** Your password. Required to change your own address, otherwise ignored. */
  currentPassword?: string | null | undefined;
  /** Job title or motto, at most 200 characters. Null: none. */
  description?: string | null | undefined;
  /**
   * The address to sign in with. Not null.
   *
   * Your own requires `currentPassword`, and takes effect when the mailed link is confirmed.
   * Until then it is `pendingEmail`. Send the current address to cancel the change.
   *
   * Another operator's takes effect immediately. A notification is mailed to the former address,
   * and an operator without a password is invited at the new one. Earlier links stop working.
   *
   * Only the owner changes the owner's address, unless it was lost. Without a mail relay, every
   * change takes effect immediately.
   */
  email?: string | null | undefined;
  /** The language of the mails that a changed address causes. */
  language?: Language;
  /** The name shown in the dashboard, 1 to 100 characters. Not null. */
  name?: string | null | undefined;
  /** The operator to change: yourself, or any operator with full access. */
  operatorId: string | number;
  /** The name shown to visitors, 1 to 100 characters. Null: the same as `name`. */
  publicName?: string | null | undefined;
};

export type AccountFieldsFragment = { id: string, name: string, widgetKey: string, isChatEnabled: boolean, owner: { id: string, name: string } };

export type AccountPageQueryVariables = Exact<{ [key: string]: never; }>;


export type AccountPageQuery = { server: { publicUrl: string }, account: { id: string, name: string, widgetKey: string, isChatEnabled: boolean, owner: { id: string, name: string } } | null };

export type AccountPageChangesSubscriptionVariables = Exact<{ [key: string]: never; }>;


export type AccountPageChangesSubscription = { account: { id: string, name: string, widgetKey: string, isChatEnabled: boolean, owner: { id: string, name: string } } };

export type CandidateFieldsFragment = { id: string, name: string, email: string | null, isOwner: boolean, isInvited: boolean | null };

export type CandidateListFieldsFragment = { id: string, operators: { totalCount: number, nodes: Array<{ id: string, name: string, email: string | null, isOwner: boolean, isInvited: boolean | null }> } };

export type CandidatesQueryVariables = Exact<{
  search?: string | null | undefined;
}>;


export type CandidatesQuery = { account: { id: string, operators: { totalCount: number, nodes: Array<{ id: string, name: string, email: string | null, isOwner: boolean, isInvited: boolean | null }> } } | null };

export type CandidatesChangesSubscriptionVariables = Exact<{
  search?: string | null | undefined;
}>;


export type CandidatesChangesSubscription = { account: { id: string, operators: { totalCount: number, nodes: Array<{ id: string, name: string, email: string | null, isOwner: boolean, isInvited: boolean | null }> } } };

export type TransferOwnershipMutationVariables = Exact<{
  input: TransferOwnershipInput;
}>;


export type TransferOwnershipMutation = { transferOwnership: { account: { id: string, name: string, widgetKey: string, isChatEnabled: boolean, owner: { id: string, name: string } } | null, userErrors: Array<
      | { __typename: 'AddressConfirmed', message: string, path: Array<string> }
      | { __typename: 'ChatUnavailable', message: string, path: Array<string> }
      | { __typename: 'ClientMessageIdReused', message: string, path: Array<string> }
      | { __typename: 'ConversationClosed', message: string, path: Array<string> }
      | { __typename: 'ConversationNotFound', message: string, path: Array<string> }
      | { __typename: 'EmailTaken', message: string, path: Array<string> }
      | { __typename: 'IncompleteLink', message: string, path: Array<string> }
      | { __typename: 'InvalidCredentials', message: string, path: Array<string> }
      | { __typename: 'InvalidInput', message: string, path: Array<string>, invalid: InvalidInputReason, most: number | null }
      | { __typename: 'InvalidLink', message: string, path: Array<string> }
      | { __typename: 'InvitationAccepted', message: string, path: Array<string> }
      | { __typename: 'NewerConversation', message: string, path: Array<string> }
      | { __typename: 'NewerMessages', message: string, path: Array<string> }
      | { __typename: 'OperatorInactive', message: string, path: Array<string> }
      | { __typename: 'OperatorNotFound', message: string, path: Array<string> }
      | { __typename: 'OwnAccessLevel', message: string, path: Array<string> }
      | { __typename: 'OwnerRequired', message: string, path: Array<string> }
      | { __typename: 'PhotoRejected', message: string, path: Array<string>, rejection: PhotoRejection }
      | { __typename: 'PlanFixed', message: string, path: Array<string> }
      | { __typename: 'SeatLimitReached', message: string, path: Array<string>, seats: { used: number, limit: number } }
      | { __typename: 'SignUpClosed', message: string, path: Array<string> }
      | { __typename: 'TooManyActiveOperators', active: number, message: string, path: Array<string>, seatLimit: number }
      | { __typename: 'TooManyAttempts', retryAfterSeconds: number, message: string, path: Array<string> }
      | { __typename: 'VisitorNotFound', message: string, path: Array<string> }
      | { __typename: 'WeakPassword', minimumLength: number, suggestions: Array<string>, message: string, path: Array<string>, weaknesses: Array<PasswordWeakness> }
    > } | null };

export type UpdateAccountMutationVariables = Exact<{
  input: UpdateAccountInput;
}>;


export type UpdateAccountMutation = { updateAccount: { account: { id: string, name: string, widgetKey: string, isChatEnabled: boolean, owner: { id: string, name: string } } | null, userErrors: Array<
      | { __typename: 'AddressConfirmed', message: string, path: Array<string> }
      | { __typename: 'ChatUnavailable', message: string, path: Array<string> }
      | { __typename: 'ClientMessageIdReused', message: string, path: Array<string> }
      | { __typename: 'ConversationClosed', message: string, path: Array<string> }
      | { __typename: 'ConversationNotFound', message: string, path: Array<string> }
      | { __typename: 'EmailTaken', message: string, path: Array<string> }
      | { __typename: 'IncompleteLink', message: string, path: Array<string> }
      | { __typename: 'InvalidCredentials', message: string, path: Array<string> }
      | { __typename: 'InvalidInput', message: string, path: Array<string>, invalid: InvalidInputReason, most: number | null }
      | { __typename: 'InvalidLink', message: string, path: Array<string> }
      | { __typename: 'InvitationAccepted', message: string, path: Array<string> }
      | { __typename: 'NewerConversation', message: string, path: Array<string> }
      | { __typename: 'NewerMessages', message: string, path: Array<string> }
      | { __typename: 'OperatorInactive', message: string, path: Array<string> }
      | { __typename: 'OperatorNotFound', message: string, path: Array<string> }
      | { __typename: 'OwnAccessLevel', message: string, path: Array<string> }
      | { __typename: 'OwnerRequired', message: string, path: Array<string> }
      | { __typename: 'PhotoRejected', message: string, path: Array<string>, rejection: PhotoRejection }
      | { __typename: 'PlanFixed', message: string, path: Array<string> }
      | { __typename: 'SeatLimitReached', message: string, path: Array<string>, seats: { used: number, limit: number } }
      | { __typename: 'SignUpClosed', message: string, path: Array<string> }
      | { __typename: 'TooManyActiveOperators', active: number, message: string, path: Array<string>, seatLimit: number }
      | { __typename: 'TooManyAttempts', retryAfterSeconds: number, message: string, path: Array<string> }
      | { __typename: 'VisitorNotFound', message: string, path: Array<string> }
      | { __typename: 'WeakPassword', minimumLength: number, suggestions: Array<string>, message: string, path: Array<string>, weaknesses: Array<PasswordWeakness> }
    > } | null };

type UserErrorFields_AddressConfirmed_Fragment = { __typename: 'AddressConfirmed', message: string, path: Array<string> };

type UserErrorFields_ChatUnavailable_Fragment = { __typename: 'ChatUnavailable', message: string, path: Array<string> };

type UserErrorFields_ClientMessageIdReused_Fragment = { __typename: 'ClientMessageIdReused', message: string, path: Array<string> };

type UserErrorFields_ConversationClosed_Fragment = { __typename: 'ConversationClosed', message: string, path: Array<string> };

type UserErrorFields_ConversationNotFound_Fragment = { __typename: 'ConversationNotFound', message: string, path: Array<string> };

type UserErrorFields_EmailTaken_Fragment = { __typename: 'EmailTaken', message: string, path: Array<string> };

type UserErrorFields_IncompleteLink_Fragment = { __typename: 'IncompleteLink', message: string, path: Array<string> };

type UserErrorFields_InvalidCredentials_Fragment = { __typename: 'InvalidCredentials', message: string, path: Array<string> };

type UserErrorFields_InvalidInput_Fragment = { __typename: 'InvalidInput', message: string, path: Array<string>, invalid: InvalidInputReason, most: number | null };

type UserErrorFields_InvalidLink_Fragment = { __typename: 'InvalidLink', message: string, path: Array<string> };

type UserErrorFields_InvitationAccepted_Fragment = { __typename: 'InvitationAccepted', message: string, path: Array<string> };

type UserErrorFields_NewerConversation_Fragment = { __typename: 'NewerConversation', message: string, path: Array<string> };

type UserErrorFields_NewerMessages_Fragment = { __typename: 'NewerMessages', message: string, path: Array<string> };

type UserErrorFields_OperatorInactive_Fragment = { __typename: 'OperatorInactive', message: string, path: Array<string> };

type UserErrorFields_OperatorNotFound_Fragment = { __typename: 'OperatorNotFound', message: string, path: Array<string> };

type UserErrorFields_OwnAccessLevel_Fragment = { __typename: 'OwnAccessLevel', message: string, path: Array<string> };

type UserErrorFields_OwnerRequired_Fragment = { __typename: 'OwnerRequired', message: string, path: Array<string> };

type UserErrorFields_PhotoRejected_Fragment = { __typename: 'PhotoRejected', message: string, path: Array<string>, rejection: PhotoRejection };

type UserErrorFields_PlanFixed_Fragment = { __typename: 'PlanFixed', message: string, path: Array<string> };

type UserErrorFields_SeatLimitReached_Fragment = { __typename: 'SeatLimitReached', message: string, path: Array<string>, seats: { used: number, limit: number } };

type UserErrorFields_SignUpClosed_Fragment = { __typename: 'SignUpClosed', message: string, path: Array<string> };

type UserErrorFields_TooManyActiveOperators_Fragment = { __typename: 'TooManyActiveOperators', active: number, message: string, path: Array<string>, seatLimit: number };

type UserErrorFields_TooManyAttempts_Fragment = { __typename: 'TooManyAttempts', retryAfterSeconds: number, message: string, path: Array<string> };

type UserErrorFields_VisitorNotFound_Fragment = { __typename: 'VisitorNotFound', message: string, path: Array<string> };

type UserErrorFields_WeakPassword_Fragment = { __typename: 'WeakPassword', minimumLength: number, suggestions: Array<string>, message: string, path: Array<string>, weaknesses: Array<PasswordWeakness> };

export type UserErrorFieldsFragment =
  | UserErrorFields_AddressConfirmed_Fragment
  | UserErrorFields_ChatUnavailable_Fragment
  | UserErrorFields_ClientMessageIdReused_Fragment
  | UserErrorFields_ConversationClosed_Fragment
  | UserErrorFields_ConversationNotFound_Fragment
  | UserErrorFields_EmailTaken_Fragment
  | UserErrorFields_IncompleteLink_Fragment
  | UserErrorFields_InvalidCredentials_Fragment
  | UserErrorFields_InvalidInput_Fragment
  | UserErrorFields_InvalidLink_Fragment
  | UserErrorFields_InvitationAccepted_Fragment
  | UserErrorFields_NewerConversation_Fragment
  | UserErrorFields_NewerMessages_Fragment
  | UserErrorFields_OperatorInactive_Fragment
  | UserErrorFields_OperatorNotFound_Fragment
  | UserErrorFields_OwnAccessLevel_Fragment
  | UserErrorFields_OwnerRequired_Fragment
  | UserErrorFields_PhotoRejected_Fragment
  | UserErrorFields_PlanFixed_Fragment
  | UserErrorFields_SeatLimitReached_Fragment
  | UserErrorFields_SignUpClosed_Fragment
  | UserErrorFields_TooManyActiveOperators_Fragment
  | UserErrorFields_TooManyAttempts_Fragment
  | UserErrorFields_VisitorNotFound_Fragment
  | UserErrorFields_WeakPassword_Fragment
;

export type ViewerFieldsFragment = { id: string, name: string, publicName: string, email: string | null, isEmailConfirmationDue: boolean | null, accessLevel: AccessLevel, isOwner: boolean, isActive: boolean, photo: { url: string } | null };

export type ViewerQueryVariables = Exact<{ [key: string]: never; }>;


export type ViewerQuery = { viewer: { id: string, name: string, publicName: string, email: string | null, isEmailConfirmationDue: boolean | null, accessLevel: AccessLevel, isOwner: boolean, isActive: boolean, photo: { url: string } | null } | null, plans: Array<{ code: PlanCode }> };

export type LiveViewerQueryVariables = Exact<{ [key: string]: never; }>;


export type LiveViewerQuery = { viewer: { id: string, name: string, publicName: string, email: string | null, isEmailConfirmationDue: boolean | null, accessLevel: AccessLevel, isOwner: boolean, isActive: boolean, photo: { url: string } | null } | null };

export type ViewerChangesSubscriptionVariables = Exact<{ [key: string]: never; }>;


export type ViewerChangesSubscription = { viewer: { id: string, name: string, publicName: string, email: string | null, isEmailConfirmationDue: boolean | null, accessLevel: AccessLevel, isOwner: boolean, isActive: boolean, photo: { url: string } | null } };

export type FreeSeatsFieldsFragment = { id: string, seats: { used: number, limit: number, free: number } };

export type FreeSeatsQueryVariables = Exact<{ [key: string]: never; }>;


export type FreeSeatsQuery = { account: { id: string, seats: { used: number, limit: number, free: number } } | null };

export type FreeSeatsChangesSubscriptionVariables = Exact<{ [key: string]: never; }>;


export type FreeSeatsChangesSubscription = { account: { id: string, seats: { used: number, limit: number, free: number } } };

export type SwapSeatMutationVariables = Exact<{
  input: SwapSeatInput;
}>;


export type SwapSeatMutation = { swapSeat: { from: { id: string, isActive: boolean } | null, to: { id: string, isActive: boolean } | null, userErrors: Array<
      | { __typename: 'AddressConfirmed', message: string, path: Array<string> }
      | { __typename: 'ChatUnavailable', message: string, path: Array<string> }
      | { __typename: 'ClientMessageIdReused', message: string, path: Array<string> }
      | { __typename: 'ConversationClosed', message: string, path: Array<string> }
      | { __typename: 'ConversationNotFound', message: string, path: Array<string> }
      | { __typename: 'EmailTaken', message: string, path: Array<string> }
      | { __typename: 'IncompleteLink', message: string, path: Array<string> }
      | { __typename: 'InvalidCredentials', message: string, path: Array<string> }
      | { __typename: 'InvalidInput', message: string, path: Array<string>, invalid: InvalidInputReason, most: number | null }
      | { __typename: 'InvalidLink', message: string, path: Array<string> }
      | { __typename: 'InvitationAccepted', message: string, path: Array<string> }
      | { __typename: 'NewerConversation', message: string, path: Array<string> }
      | { __typename: 'NewerMessages', message: string, path: Array<string> }
      | { __typename: 'OperatorInactive', message: string, path: Array<string> }
      | { __typename: 'OperatorNotFound', message: string, path: Array<string> }
      | { __typename: 'OwnAccessLevel', message: string, path: Array<string> }
      | { __typename: 'OwnerRequired', message: string, path: Array<string> }
      | { __typename: 'PhotoRejected', message: string, path: Array<string>, rejection: PhotoRejection }
      | { __typename: 'PlanFixed', message: string, path: Array<string> }
      | { __typename: 'SeatLimitReached', message: string, path: Array<string>, seats: { used: number, limit: number } }
      | { __typename: 'SignUpClosed', message: string, path: Array<string> }
      | { __typename: 'TooManyActiveOperators', active: number, message: string, path: Array<string>, seatLimit: number }
      | { __typename: 'TooManyAttempts', retryAfterSeconds: number, message: string, path: Array<string> }
      | { __typename: 'VisitorNotFound', message: string, path: Array<string> }
      | { __typename: 'WeakPassword', minimumLength: number, suggestions: Array<string>, message: string, path: Array<string>, weaknesses: Array<PasswordWeakness> }
    > } | null };

export type OperatorSeatsQueryVariables = Exact<{ [key: string]: never; }>;


export type OperatorSeatsQuery = { account: { id: string, seats: { used: number, limit: number, free: number } } | null };

export type OperatorDetailsFragment = { isOwner: boolean, isInvited: boolean | null, isActive: boolean, createdAt: string, lastSeenAt: string | null, id: string, accessLevel: AccessLevel, name: string, publicName: string, email: string | null, pendingEmail: string | null, description: string | null, invitation: { sentAt: string | null, failedAt: string | null, failure: InvitationFailure | null, nextAttemptAt: string | null } | null, lostEmail: { email: string, reason: LostEmailReason, lostAt: string } | null, photo: { url: string } | null };

export type OperatorQueryVariables = Exact<{
  id: string | number;
}>;


export type OperatorQuery = { node:
    | { __typename: 'Account', id: string }
    | { __typename: 'Conversation', id: string }
    | { __typename: 'Operator', id: string, isOwner: boolean, isInvited: boolean | null, isActive: boolean, createdAt: string, lastSeenAt: string | null, accessLevel: AccessLevel, name: string, publicName: string, email: string | null, pendingEmail: string | null, description: string | null, invitation: { sentAt: string | null, failedAt: string | null, failure: InvitationFailure | null, nextAttemptAt: string | null } | null, lostEmail: { email: string, reason: LostEmailReason, lostAt: string } | null, photo: { url: string } | null }
    | { __typename: 'Visitor', id: string }
   | null };

export type AccountChangesSubscriptionVariables = Exact<{ [key: string]: never; }>;


export type AccountChangesSubscription = { account: { id: string, seats: { used: number, limit: number, free: number } } };

export type OperatorRowFieldsFragment = { id: string, name: string, publicName: string, email: string | null, accessLevel: AccessLevel, isOwner: boolean, isInvited: boolean | null, isActive: boolean, lostEmail: { email: string, reason: LostEmailReason, lostAt: string } | null, invitation: { sentAt: string | null, failure: InvitationFailure | null } | null, photo: { url: string } | null };

export type RemoveOperatorMutationVariables = Exact<{
  input: RemoveOperatorInput;
}>;


export type RemoveOperatorMutation = { removeOperator: { removedOperatorId: string | null, userErrors: Array<
      | { __typename: 'AddressConfirmed', message: string, path: Array<string> }
      | { __typename: 'ChatUnavailable', message: string, path: Array<string> }
      | { __typename: 'ClientMessageIdReused', message: string, path: Array<string> }
      | { __typename: 'ConversationClosed', message: string, path: Array<string> }
      | { __typename: 'ConversationNotFound', message: string, path: Array<string> }
      | { __typename: 'EmailTaken', message: string, path: Array<string> }
      | { __typename: 'IncompleteLink', message: string, path: Array<string> }
      | { __typename: 'InvalidCredentials', message: string, path: Array<string> }
      | { __typename: 'InvalidInput', message: string, path: Array<string>, invalid: InvalidInputReason, most: number | null }
      | { __typename: 'InvalidLink', message: string, path: Array<string> }
      | { __typename: 'InvitationAccepted', message: string, path: Array<string> }
      | { __typename: 'NewerConversation', message: string, path: Array<string> }
      | { __typename: 'NewerMessages', message: string, path: Array<string> }
      | { __typename: 'OperatorInactive', message: string, path: Array<string> }
      | { __typename: 'OperatorNotFound', message: string, path: Array<string> }
      | { __typename: 'OwnAccessLevel', message: string, path: Array<string> }
      | { __typename: 'OwnerRequired', message: string, path: Array<string> }
      | { __typename: 'PhotoRejected', message: string, path: Array<string>, rejection: PhotoRejection }
      | { __typename: 'PlanFixed', message: string, path: Array<string> }
      | { __typename: 'SeatLimitReached', message: string, path: Array<string>, seats: { used: number, limit: number } }
      | { __typename: 'SignUpClosed', message: string, path: Array<string> }
      | { __typename: 'TooManyActiveOperators', active: number, message: string, path: Array<string>, seatLimit: number }
      | { __typename: 'TooManyAttempts', retryAfterSeconds: number, message: string, path: Array<string> }
      | { __typename: 'VisitorNotFound', message: string, path: Array<string> }
      | { __typename: 'WeakPassword', minimumLength: number, suggestions: Array<string>, message: string, path: Array<string>, weaknesses: Array<PasswordWeakness> }
    > } | null };

export type ActivateOperatorMutationVariables = Exact<{
  input: ActivateOperatorInput;
}>;


export type ActivateOperatorMutation = { activateOperator: { operator: { id: string, isActive: boolean } | null, userErrors: Array<
      | { __typename: 'AddressConfirmed', message: string, path: Array<string> }
      | { __typename: 'ChatUnavailable', message: string, path: Array<string> }
      | { __typename: 'ClientMessageIdReused', message: string, path: Array<string> }
      | { __typename: 'ConversationClosed', message: string, path: Array<string> }
      | { __typename: 'ConversationNotFound', message: string, path: Array<string> }
      | { __typename: 'EmailTaken', message: string, path: Array<string> }
      | { __typename: 'IncompleteLink', message: string, path: Array<string> }
      | { __typename: 'InvalidCredentials', message: string, path: Array<string> }
      | { __typename: 'InvalidInput', message: string, path: Array<string>, invalid: InvalidInputReason, most: number | null }
      | { __typename: 'InvalidLink', message: string, path: Array<string> }
      | { __typename: 'InvitationAccepted', message: string, path: Array<string> }
      | { __typename: 'NewerConversation', message: string, path: Array<string> }
      | { __typename: 'NewerMessages', message: string, path: Array<string> }
      | { __typename: 'OperatorInactive', message: string, path: Array<string> }
      | { __typename: 'OperatorNotFound', message: string, path: Array<string> }
      | { __typename: 'OwnAccessLevel', message: string, path: Array<string> }
      | { __typename: 'OwnerRequired', message: string, path: Array<string> }
      | { __typename: 'PhotoRejected', message: string, path: Array<string>, rejection: PhotoRejection }
      | { __typename: 'PlanFixed', message: string, path: Array<string> }
      | { __typename: 'SeatLimitReached', message: string, path: Array<string>, seats: { used: number, limit: number } }
      | { __typename: 'SignUpClosed', message: string, path: Array<string> }
      | { __typename: 'TooManyActiveOperators', active: number, message: string, path: Array<string>, seatLimit: number }
      | { __typename: 'TooManyAttempts', retryAfterSeconds: number, message: string, path: Array<string> }
      | { __typename: 'VisitorNotFound', message: string, path: Array<string> }
      | { __typename: 'WeakPassword', minimumLength: number, suggestions: Array<string>, message: string, path: Array<string>, weaknesses: Array<PasswordWeakness> }
    > } | null };

export type DeactivateOperatorMutationVariables = Exact<{
  input: DeactivateOperatorInput;
}>;


export type DeactivateOperatorMutation = { deactivateOperator: { operator: { id: string, isActive: boolean } | null, userErrors: Array<
      | { __typename: 'AddressConfirmed', message: string, path: Array<string> }
      | { __typename: 'ChatUnavailable', message: string, path: Array<string> }
      | { __typename: 'ClientMessageIdReused', message: string, path: Array<string> }
      | { __typename: 'ConversationClosed', message: string, path: Array<string> }
      | { __typename: 'ConversationNotFound', message: string, path: Array<string> }
      | { __typename: 'EmailTaken', message: string, path: Array<string> }
      | { __typename: 'IncompleteLink', message: string, path: Array<string> }
      | { __typename: 'InvalidCredentials', message: string, path: Array<string> }
      | { __typename: 'InvalidInput', message: string, path: Array<string>, invalid: InvalidInputReason, most: number | null }
      | { __typename: 'InvalidLink', message: string, path: Array<string> }
      | { __typename: 'InvitationAccepted', message: string, path: Array<string> }
      | { __typename: 'NewerConversation', message: string, path: Array<string> }
      | { __typename: 'NewerMessages', message: string, path: Array<string> }
      | { __typename: 'OperatorInactive', message: string, path: Array<string> }
      | { __typename: 'OperatorNotFound', message: string, path: Array<string> }
      | { __typename: 'OwnAccessLevel', message: string, path: Array<string> }
      | { __typename: 'OwnerRequired', message: string, path: Array<string> }
      | { __typename: 'PhotoRejected', message: string, path: Array<string>, rejection: PhotoRejection }
      | { __typename: 'PlanFixed', message: string, path: Array<string> }
      | { __typename: 'SeatLimitReached', message: string, path: Array<string>, seats: { used: number, limit: number } }
      | { __typename: 'SignUpClosed', message: string, path: Array<string> }
      | { __typename: 'TooManyActiveOperators', active: number, message: string, path: Array<string>, seatLimit: number }
      | { __typename: 'TooManyAttempts', retryAfterSeconds: number, message: string, path: Array<string> }
      | { __typename: 'VisitorNotFound', message: string, path: Array<string> }
      | { __typename: 'WeakPassword', minimumLength: number, suggestions: Array<string>, message: string, path: Array<string>, weaknesses: Array<PasswordWeakness> }
    > } | null };

export type SeatsQueryVariables = Exact<{ [key: string]: never; }>;


export type SeatsQuery = { account: { id: string, seats: { used: number, limit: number, free: number } } | null };

export type AddOperatorMutationVariables = Exact<{
  input: AddOperatorInput;
}>;


export type AddOperatorMutation = { addOperator: { operator: { id: string, name: string, email: string | null, isActive: boolean, isInvited: boolean | null } | null, userErrors: Array<
      | { __typename: 'AddressConfirmed', message: string, path: Array<string> }
      | { __typename: 'ChatUnavailable', message: string, path: Array<string> }
      | { __typename: 'ClientMessageIdReused', message: string, path: Array<string> }
      | { __typename: 'ConversationClosed', message: string, path: Array<string> }
      | { __typename: 'ConversationNotFound', message: string, path: Array<string> }
      | { __typename: 'EmailTaken', message: string, path: Array<string> }
      | { __typename: 'IncompleteLink', message: string, path: Array<string> }
      | { __typename: 'InvalidCredentials', message: string, path: Array<string> }
      | { __typename: 'InvalidInput', message: string, path: Array<string>, invalid: InvalidInputReason, most: number | null }
      | { __typename: 'InvalidLink', message: string, path: Array<string> }
      | { __typename: 'InvitationAccepted', message: string, path: Array<string> }
      | { __typename: 'NewerConversation', message: string, path: Array<string> }
      | { __typename: 'NewerMessages', message: string, path: Array<string> }
      | { __typename: 'OperatorInactive', message: string, path: Array<string> }
      | { __typename: 'OperatorNotFound', message: string, path: Array<string> }
      | { __typename: 'OwnAccessLevel', message: string, path: Array<string> }
      | { __typename: 'OwnerRequired', message: string, path: Array<string> }
      | { __typename: 'PhotoRejected', message: string, path: Array<string>, rejection: PhotoRejection }
      | { __typename: 'PlanFixed', message: string, path: Array<string> }
      | { __typename: 'SeatLimitReached', message: string, path: Array<string>, seats: { used: number, limit: number } }
      | { __typename: 'SignUpClosed', message: string, path: Array<string> }
      | { __typename: 'TooManyActiveOperators', active: number, message: string, path: Array<string>, seatLimit: number }
      | { __typename: 'TooManyAttempts', retryAfterSeconds: number, message: string, path: Array<string> }
      | { __typename: 'VisitorNotFound', message: string, path: Array<string> }
      | { __typename: 'WeakPassword', minimumLength: number, suggestions: Array<string>, message: string, path: Array<string>, weaknesses: Array<PasswordWeakness> }
    > } | null };

export type RequestAddressConfirmationMutationVariables = Exact<{
  input: RequestAddressConfirmationInput;
}>;


export type RequestAddressConfirmationMutation = { requestAddressConfirmation: { operator: { id: string } | null, userErrors: Array<
      | { __typename: 'AddressConfirmed', message: string, path: Array<string> }
      | { __typename: 'ChatUnavailable', message: string, path: Array<string> }
      | { __typename: 'ClientMessageIdReused', message: string, path: Array<string> }
      | { __typename: 'ConversationClosed', message: string, path: Array<string> }
      | { __typename: 'ConversationNotFound', message: string, path: Array<string> }
      | { __typename: 'EmailTaken', message: string, path: Array<string> }
      | { __typename: 'IncompleteLink', message: string, path: Array<string> }
      | { __typename: 'InvalidCredentials', message: string, path: Array<string> }
      | { __typename: 'InvalidInput', message: string, path: Array<string>, invalid: InvalidInputReason, most: number | null }
      | { __typename: 'InvalidLink', message: string, path: Array<string> }
      | { __typename: 'InvitationAccepted', message: string, path: Array<string> }
      | { __typename: 'NewerConversation', message: string, path: Array<string> }
      | { __typename: 'NewerMessages', message: string, path: Array<string> }
      | { __typename: 'OperatorInactive', message: string, path: Array<string> }
      | { __typename: 'OperatorNotFound', message: string, path: Array<string> }
      | { __typename: 'OwnAccessLevel', message: string, path: Array<string> }
      | { __typename: 'OwnerRequired', message: string, path: Array<string> }
      | { __typename: 'PhotoRejected', message: string, path: Array<string>, rejection: PhotoRejection }
      | { __typename: 'PlanFixed', message: string, path: Array<string> }
      | { __typename: 'SeatLimitReached', message: string, path: Array<string>, seats: { used: number, limit: number } }
      | { __typename: 'SignUpClosed', message: string, path: Array<string> }
      | { __typename: 'TooManyActiveOperators', active: number, message: string, path: Array<string>, seatLimit: number }
      | { __typename: 'TooManyAttempts', retryAfterSeconds: number, message: string, path: Array<string> }
      | { __typename: 'VisitorNotFound', message: string, path: Array<string> }
      | { __typename: 'WeakPassword', minimumLength: number, suggestions: Array<string>, message: string, path: Array<string>, weaknesses: Array<PasswordWeakness> }
    > } | null };

export type InviteOperatorMutationVariables = Exact<{
  input: InviteOperatorInput;
}>;


export type InviteOperatorMutation = { inviteOperator: { operator: { id: string, isInvited: boolean | null } | null, userErrors: Array<
      | { __typename: 'AddressConfirmed', message: string, path: Array<string> }
      | { __typename: 'ChatUnavailable', message: string, path: Array<string> }
      | { __typename: 'ClientMessageIdReused', message: string, path: Array<string> }
      | { __typename: 'ConversationClosed', message: string, path: Array<string> }
      | { __typename: 'ConversationNotFound', message: string, path: Array<string> }
      | { __typename: 'EmailTaken', message: string, path: Array<string> }
      | { __typename: 'IncompleteLink', message: string, path: Array<string> }
      | { __typename: 'InvalidCredentials', message: string, path: Array<string> }
      | { __typename: 'InvalidInput', message: string, path: Array<string>, invalid: InvalidInputReason, most: number | null }
      | { __typename: 'InvalidLink', message: string, path: Array<string> }
      | { __typename: 'InvitationAccepted', message: string, path: Array<string> }
      | { __typename: 'NewerConversation', message: string, path: Array<string> }
      | { __typename: 'NewerMessages', message: string, path: Array<string> }
      | { __typename: 'OperatorInactive', message: string, path: Array<string> }
      | { __typename: 'OperatorNotFound', message: string, path: Array<string> }
      | { __typename: 'OwnAccessLevel', message: string, path: Array<string> }
      | { __typename: 'OwnerRequired', message: string, path: Array<string> }
      | { __typename: 'PhotoRejected', message: string, path: Array<string>, rejection: PhotoRejection }
      | { __typename: 'PlanFixed', message: string, path: Array<string> }
      | { __typename: 'SeatLimitReached', message: string, path: Array<string>, seats: { used: number, limit: number } }
      | { __typename: 'SignUpClosed', message: string, path: Array<string> }
      | { __typename: 'TooManyActiveOperators', active: number, message: string, path: Array<string>, seatLimit: number }
      | { __typename: 'TooManyAttempts', retryAfterSeconds: number, message: string, path: Array<string> }
      | { __typename: 'VisitorNotFound', message: string, path: Array<string> }
      | { __typename: 'WeakPassword', minimumLength: number, suggestions: Array<string>, message: string, path: Array<string>, weaknesses: Array<PasswordWeakness> }
    > } | null };

export type OperatorListFieldsFragment = { id: string, seats: { used: number, limit: number, free: number }, operators: { totalCount: number, nodes: Array<{ id: string, name: string, publicName: string, email: string | null, accessLevel: AccessLevel, isOwner: boolean, isInvited: boolean | null, isActive: boolean, lostEmail: { email: string, reason: LostEmailReason, lostAt: string } | null, invitation: { sentAt: string | null, failure: InvitationFailure | null } | null, photo: { url: string } | null }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } };

export type OperatorListQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
  isActive?: boolean | null | undefined;
  search?: string | null | undefined;
}>;


export type OperatorListQuery = { account: { id: string, seats: { used: number, limit: number, free: number }, operators: { totalCount: number, nodes: Array<{ id: string, name: string, publicName: string, email: string | null, accessLevel: AccessLevel, isOwner: boolean, isInvited: boolean | null, isActive: boolean, lostEmail: { email: string, reason: LostEmailReason, lostAt: string } | null, invitation: { sentAt: string | null, failure: InvitationFailure | null } | null, photo: { url: string } | null }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } } | null };

export type OperatorListChangesSubscriptionVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
  isActive?: boolean | null | undefined;
  search?: string | null | undefined;
}>;


export type OperatorListChangesSubscription = { account: { id: string, seats: { used: number, limit: number, free: number }, operators: { totalCount: number, nodes: Array<{ id: string, name: string, publicName: string, email: string | null, accessLevel: AccessLevel, isOwner: boolean, isInvited: boolean | null, isActive: boolean, lostEmail: { email: string, reason: LostEmailReason, lostAt: string } | null, invitation: { sentAt: string | null, failure: InvitationFailure | null } | null, photo: { url: string } | null }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } } };

export type OperatorProfileFragment = { id: string, accessLevel: AccessLevel, name: string, publicName: string, email: string | null, pendingEmail: string | null, description: string | null, lostEmail: { email: string, reason: LostEmailReason, lostAt: string } | null, photo: { url: string } | null };

export type UpdateOperatorMutationVariables = Exact<{
  input: UpdateOperatorInput;
}>;


export type UpdateOperatorMutation = { updateOperator: { operator: { id: string, accessLevel: AccessLevel, name: string, publicName: string, email: string | null, pendingEmail: string | null, description: string | null, lostEmail: { email: string, reason: LostEmailReason, lostAt: string } | null, photo: { url: string } | null } | null, userErrors: Array<
      | { __typename: 'AddressConfirmed', message: string, path: Array<string> }
      | { __typename: 'ChatUnavailable', message: string, path: Array<string> }
      | { __typename: 'ClientMessageIdReused', message: string, path: Array<string> }
      | { __typename: 'ConversationClosed', message: string, path: Array<string> }
      | { __typename: 'ConversationNotFound', message: string, path: Array<string> }
      | { __typename: 'EmailTaken', message: string, path: Array<string> }
      | { __typename: 'IncompleteLink', message: string, path: Array<string> }
      | { __typename: 'InvalidCredentials', message: string, path: Array<string> }
      | { __typename: 'InvalidInput', message: string, path: Array<string>, invalid: InvalidInputReason, most: number | null }
      | { __typename: 'InvalidLink', message: string, path: Array<string> }
      | { __typename: 'InvitationAccepted', message: string, path: Array<string> }
      | { __typename: 'NewerConversation', message: string, path: Array<string> }
      | { __typename: 'NewerMessages', message: string, path: Array<string> }
      | { __typename: 'OperatorInactive', message: string, path: Array<string> }
      | { __typename: 'OperatorNotFound', message: string, path: Array<string> }
      | { __typename: 'OwnAccessLevel', message: string, path: Array<string> }
      | { __typename: 'OwnerRequired', message: string, path: Array<string> }
      | { __typename: 'PhotoRejected', message: string, path: Array<string>, rejection: PhotoRejection }
      | { __typename: 'PlanFixed', message: string, path: Array<string> }
      | { __typename: 'SeatLimitReached', message: string, path: Array<string>, seats: { used: number, limit: number } }
      | { __typename: 'SignUpClosed', message: string, path: Array<string> }
      | { __typename: 'TooManyActiveOperators', active: number, message: string, path: Array<string>, seatLimit: number }
      | { __typename: 'TooManyAttempts', retryAfterSeconds: number, message: string, path: Array<string> }
      | { __typename: 'VisitorNotFound', message: string, path: Array<string> }
      | { __typename: 'WeakPassword', minimumLength: number, suggestions: Array<string>, message: string, path: Array<string>, weaknesses: Array<PasswordWeakness> }
    > } | null };

export type ChangeAccessLevelMutationVariables = Exact<{
  input: ChangeAccessLevelInput;
}>;


export type ChangeAccessLevelMutation = { changeAccessLevel: { operator: { id: string, accessLevel: AccessLevel } | null, userErrors: Array<
      | { __typename: 'AddressConfirmed', message: string, path: Array<string> }
      | { __typename: 'ChatUnavailable', message: string, path: Array<string> }
      | { __typename: 'ClientMessageIdReused', message: string, path: Array<string> }
      | { __typename: 'ConversationClosed', message: string, path: Array<string> }
      | { __typename: 'ConversationNotFound', message: string, path: Array<string> }
      | { __typename: 'EmailTaken', message: string, path: Array<string> }
      | { __typename: 'IncompleteLink', message: string, path: Array<string> }
      | { __typename: 'InvalidCredentials', message: string, path: Array<string> }
      | { __typename: 'InvalidInput', message: string, path: Array<string>, invalid: InvalidInputReason, most: number | null }
      | { __typename: 'InvalidLink', message: string, path: Array<string> }
      | { __typename: 'InvitationAccepted', message: string, path: Array<string> }
      | { __typename: 'NewerConversation', message: string, path: Array<string> }
      | { __typename: 'NewerMessages', message: string, path: Array<string> }
      | { __typename: 'OperatorInactive', message: string, path: Array<string> }
      | { __typename: 'OperatorNotFound', message: string, path: Array<string> }
      | { __typename: 'OwnAccessLevel', message: string, path: Array<string> }
      | { __typename: 'OwnerRequired', message: string, path: Array<string> }
      | { __typename: 'PhotoRejected', message: string, path: Array<string>, rejection: PhotoRejection }
      | { __typename: 'PlanFixed', message: string, path: Array<string> }
      | { __typename: 'SeatLimitReached', message: string, path: Array<string>, seats: { used: number, limit: number } }
      | { __typename: 'SignUpClosed', message: string, path: Array<string> }
      | { __typename: 'TooManyActiveOperators', active: number, message: string, path: Array<string>, seatLimit: number }
      | { __typename: 'TooManyAttempts', retryAfterSeconds: number, message: string, path: Array<string> }
      | { __typename: 'VisitorNotFound', message: string, path: Array<string> }
      | { __typename: 'WeakPassword', minimumLength: number, suggestions: Array<string>, message: string, path: Array<string>, weaknesses: Array<PasswordWeakness> }
    > } | null };

export type SetOperatorPhotoMutationVariables = Exact<{
  input: SetOperatorPhotoInput;
}>;


export type SetOperatorPhotoMutation = { setOperatorPhoto: { operator: { id: string, accessLevel: AccessLevel, name: string, publicName: string, email: string | null, pendingEmail: string | null, description: string | null, lostEmail: { email: string, reason: LostEmailReason, lostAt: string } | null, photo: { url: string } | null } | null, userErrors: Array<
      | { __typename: 'AddressConfirmed', message: string, path: Array<string> }
      | { __typename: 'ChatUnavailable', message: string, path: Array<string> }
      | { __typename: 'ClientMessageIdReused', message: string, path: Array<string> }
      | { __typename: 'ConversationClosed', message: string, path: Array<string> }
      | { __typename: 'ConversationNotFound', message: string, path: Array<string> }
      | { __typename: 'EmailTaken', message: string, path: Array<string> }
      | { __typename: 'IncompleteLink', message: string, path: Array<string> }
      | { __typename: 'InvalidCredentials', message: string, path: Array<string> }
      | { __typename: 'InvalidInput', message: string, path: Array<string>, invalid: InvalidInputReason, most: number | null }
      | { __typename: 'InvalidLink', message: string, path: Array<string> }
      | { __typename: 'InvitationAccepted', message: string, path: Array<string> }
      | { __typename: 'NewerConversation', message: string, path: Array<string> }
      | { __typename: 'NewerMessages', message: string, path: Array<string> }
      | { __typename: 'OperatorInactive', message: string, path: Array<string> }
      | { __typename: 'OperatorNotFound', message: string, path: Array<string> }
      | { __typename: 'OwnAccessLevel', message: string, path: Array<string> }
      | { __typename: 'OwnerRequired', message: string, path: Array<string> }
      | { __typename: 'PhotoRejected', message: string, path: Array<string>, rejection: PhotoRejection }
      | { __typename: 'PlanFixed', message: string, path: Array<string> }
      | { __typename: 'SeatLimitReached', message: string, path: Array<string>, seats: { used: number, limit: number } }
      | { __typename: 'SignUpClosed', message: string, path: Array<string> }
      | { __typename: 'TooManyActiveOperators', active: number, message: string, path: Array<string>, seatLimit: number }
      | { __typename: 'TooManyAttempts', retryAfterSeconds: number, message: string, path: Array<string> }
      | { __typename: 'VisitorNotFound', message: string, path: Array<string> }
      | { __typename: 'WeakPassword', minimumLength: number, suggestions: Array<string>, message: string, path: Array<string>, weaknesses: Array<PasswordWeakness> }
    > } | null };

export type RemoveOperatorPhotoMutationVariables = Exact<{
  input: RemoveOperatorPhotoInput;
}>;


export type RemoveOperatorPhotoMutation = { removeOperatorPhoto: { operator: { id: string, accessLevel: AccessLevel, name: string, publicName: string, email: string | null, pendingEmail: string | null, description: string | null, lostEmail: { email: string, reason: LostEmailReason, lostAt: string } | null, photo: { url: string } | null } | null, userErrors: Array<
      | { __typename: 'AddressConfirmed', message: string, path: Array<string> }
      | { __typename: 'ChatUnavailable', message: string, path: Array<string> }
      | { __typename: 'ClientMessageIdReused', message: string, path: Array<string> }
      | { __typename: 'ConversationClosed', message: string, path: Array<string> }
      | { __typename: 'ConversationNotFound', message: string, path: Array<string> }
      | { __typename: 'EmailTaken', message: string, path: Array<string> }
      | { __typename: 'IncompleteLink', message: string, path: Array<string> }
      | { __typename: 'InvalidCredentials', message: string, path: Array<string> }
      | { __typename: 'InvalidInput', message: string, path: Array<string>, invalid: InvalidInputReason, most: number | null }
      | { __typename: 'InvalidLink', message: string, path: Array<string> }
      | { __typename: 'InvitationAccepted', message: string, path: Array<string> }
      | { __typename: 'NewerConversation', message: string, path: Array<string> }
      | { __typename: 'NewerMessages', message: string, path: Array<string> }
      | { __typename: 'OperatorInactive', message: string, path: Array<string> }
      | { __typename: 'OperatorNotFound', message: string, path: Array<string> }
      | { __typename: 'OwnAccessLevel', message: string, path: Array<string> }
      | { __typename: 'OwnerRequired', message: string, path: Array<string> }
      | { __typename: 'PhotoRejected', message: string, path: Array<string>, rejection: PhotoRejection }
      | { __typename: 'PlanFixed', message: string, path: Array<string> }
      | { __typename: 'SeatLimitReached', message: string, path: Array<string>, seats: { used: number, limit: number } }
      | { __typename: 'SignUpClosed', message: string, path: Array<string> }
      | { __typename: 'TooManyActiveOperators', active: number, message: string, path: Array<string>, seatLimit: number }
      | { __typename: 'TooManyAttempts', retryAfterSeconds: number, message: string, path: Array<string> }
      | { __typename: 'VisitorNotFound', message: string, path: Array<string> }
      | { __typename: 'WeakPassword', minimumLength: number, suggestions: Array<string>, message: string, path: Array<string>, weaknesses: Array<PasswordWeakness> }
    > } | null };

export type OfferFieldsFragment = { code: PlanCode, name: string, seatLimit: number | null, seatMinimum: number, seatsAreBought: boolean };

export type ChangePlanMutationVariables = Exact<{
  input: ChangePlanInput;
}>;


export type ChangePlanMutation = { changePlan: { account: { id: string, plan: { code: PlanCode }, seats: { used: number, limit: number, free: number }, active: { totalCount: number, nodes: Array<{ id: string, name: string, isOwner: boolean, photo: { url: string } | null }> } } | null, userErrors: Array<
      | { __typename: 'AddressConfirmed', message: string, path: Array<string> }
      | { __typename: 'ChatUnavailable', message: string, path: Array<string> }
      | { __typename: 'ClientMessageIdReused', message: string, path: Array<string> }
      | { __typename: 'ConversationClosed', message: string, path: Array<string> }
      | { __typename: 'ConversationNotFound', message: string, path: Array<string> }
      | { __typename: 'EmailTaken', message: string, path: Array<string> }
      | { __typename: 'IncompleteLink', message: string, path: Array<string> }
      | { __typename: 'InvalidCredentials', message: string, path: Array<string> }
      | { __typename: 'InvalidInput', message: string, path: Array<string>, invalid: InvalidInputReason, most: number | null }
      | { __typename: 'InvalidLink', message: string, path: Array<string> }
      | { __typename: 'InvitationAccepted', message: string, path: Array<string> }
      | { __typename: 'NewerConversation', message: string, path: Array<string> }
      | { __typename: 'NewerMessages', message: string, path: Array<string> }
      | { __typename: 'OperatorInactive', message: string, path: Array<string> }
      | { __typename: 'OperatorNotFound', message: string, path: Array<string> }
      | { __typename: 'OwnAccessLevel', message: string, path: Array<string> }
      | { __typename: 'OwnerRequired', message: string, path: Array<string> }
      | { __typename: 'PhotoRejected', message: string, path: Array<string>, rejection: PhotoRejection }
      | { __typename: 'PlanFixed', message: string, path: Array<string> }
      | { __typename: 'SeatLimitReached', message: string, path: Array<string>, seats: { used: number, limit: number } }
      | { __typename: 'SignUpClosed', message: string, path: Array<string> }
      | { __typename: 'TooManyActiveOperators', active: number, message: string, path: Array<string>, seatLimit: number }
      | { __typename: 'TooManyAttempts', retryAfterSeconds: number, message: string, path: Array<string> }
      | { __typename: 'VisitorNotFound', message: string, path: Array<string> }
      | { __typename: 'WeakPassword', minimumLength: number, suggestions: Array<string>, message: string, path: Array<string>, weaknesses: Array<PasswordWeakness> }
    > } | null };

export type PlanAccountFieldsFragment = { id: string, plan: { code: PlanCode }, seats: { used: number, limit: number, free: number }, active: { totalCount: number, nodes: Array<{ id: string, name: string, isOwner: boolean, photo: { url: string } | null }> } };

export type PlanPageQueryVariables = Exact<{ [key: string]: never; }>;


export type PlanPageQuery = { plans: Array<{ code: PlanCode, name: string, seatLimit: number | null, seatMinimum: number, seatsAreBought: boolean }>, account: { id: string, plan: { code: PlanCode }, seats: { used: number, limit: number, free: number }, active: { totalCount: number, nodes: Array<{ id: string, name: string, isOwner: boolean, photo: { url: string } | null }> } } | null };

export type PlanPageChangesSubscriptionVariables = Exact<{ [key: string]: never; }>;


export type PlanPageChangesSubscription = { account: { id: string, plan: { code: PlanCode }, seats: { used: number, limit: number, free: number }, active: { totalCount: number, nodes: Array<{ id: string, name: string, isOwner: boolean, photo: { url: string } | null }> } } };

export type SeatHolderFieldsFragment = { id: string, name: string, isOwner: boolean, photo: { url: string } | null };

export type ChangePasswordMutationVariables = Exact<{
  input: ChangePasswordInput;
}>;


export type ChangePasswordMutation = { changePassword: { viewer: { id: string } | null, userErrors: Array<
      | { __typename: 'AddressConfirmed', message: string, path: Array<string> }
      | { __typename: 'ChatUnavailable', message: string, path: Array<string> }
      | { __typename: 'ClientMessageIdReused', message: string, path: Array<string> }
      | { __typename: 'ConversationClosed', message: string, path: Array<string> }
      | { __typename: 'ConversationNotFound', message: string, path: Array<string> }
      | { __typename: 'EmailTaken', message: string, path: Array<string> }
      | { __typename: 'IncompleteLink', message: string, path: Array<string> }
      | { __typename: 'InvalidCredentials', message: string, path: Array<string> }
      | { __typename: 'InvalidInput', message: string, path: Array<string>, invalid: InvalidInputReason, most: number | null }
      | { __typename: 'InvalidLink', message: string, path: Array<string> }
      | { __typename: 'InvitationAccepted', message: string, path: Array<string> }
      | { __typename: 'NewerConversation', message: string, path: Array<string> }
      | { __typename: 'NewerMessages', message: string, path: Array<string> }
      | { __typename: 'OperatorInactive', message: string, path: Array<string> }
      | { __typename: 'OperatorNotFound', message: string, path: Array<string> }
      | { __typename: 'OwnAccessLevel', message: string, path: Array<string> }
      | { __typename: 'OwnerRequired', message: string, path: Array<string> }
      | { __typename: 'PhotoRejected', message: string, path: Array<string>, rejection: PhotoRejection }
      | { __typename: 'PlanFixed', message: string, path: Array<string> }
      | { __typename: 'SeatLimitReached', message: string, path: Array<string>, seats: { used: number, limit: number } }
      | { __typename: 'SignUpClosed', message: string, path: Array<string> }
      | { __typename: 'TooManyActiveOperators', active: number, message: string, path: Array<string>, seatLimit: number }
      | { __typename: 'TooManyAttempts', retryAfterSeconds: number, message: string, path: Array<string> }
      | { __typename: 'VisitorNotFound', message: string, path: Array<string> }
      | { __typename: 'WeakPassword', minimumLength: number, suggestions: Array<string>, message: string, path: Array<string>, weaknesses: Array<PasswordWeakness> }
    > } | null };

export type ProfilePageQueryVariables = Exact<{ [key: string]: never; }>;


export type ProfilePageQuery = { viewer: { id: string, accessLevel: AccessLevel, name: string, publicName: string, email: string | null, pendingEmail: string | null, description: string | null, lostEmail: { email: string, reason: LostEmailReason, lostAt: string } | null, photo: { url: string } | null } | null };

export type ProfilePageChangesSubscriptionVariables = Exact<{ [key: string]: never; }>;


export type ProfilePageChangesSubscription = { viewer: { id: string, accessLevel: AccessLevel, name: string, publicName: string, email: string | null, pendingEmail: string | null, description: string | null, lostEmail: { email: string, reason: LostEmailReason, lostAt: string } | null, photo: { url: string } | null } };

export type WelcomePageQueryVariables = Exact<{ [key: string]: never; }>;


export type WelcomePageQuery = { viewer: { id: string, accessLevel: AccessLevel, name: string, publicName: string, email: string | null, pendingEmail: string | null, description: string | null, lostEmail: { email: string, reason: LostEmailReason, lostAt: string } | null, photo: { url: string } | null } | null };

export type SignOutMutationVariables = Exact<{ [key: string]: never; }>;


export type SignOutMutation = { signOut: { signedOut: boolean } | null };

export type InvitationLinkQueryVariables = Exact<{
  token: string;
}>;


export type InvitationLinkQuery = { invitationLink: { state: InvitationLinkState, link: { effect: MailedLinkEffect, accountName: string, operatorName: string, inviterName: string | null, email: string, isNewPasswordNeeded: boolean, isReleasable: boolean, isEmailTaken: boolean, isEmailMoved: boolean } | null } | null };

export type AcceptInvitationMutationVariables = Exact<{
  input: RecoverPasswordInput;
}>;


export type AcceptInvitationMutation = { recoverPassword: { viewer: { id: string, name: string, publicName: string, email: string | null, isEmailConfirmationDue: boolean | null, accessLevel: AccessLevel, isOwner: boolean, isActive: boolean, photo: { url: string } | null } | null, userErrors: Array<
      | { __typename: 'AddressConfirmed', message: string, path: Array<string> }
      | { __typename: 'ChatUnavailable', message: string, path: Array<string> }
      | { __typename: 'ClientMessageIdReused', message: string, path: Array<string> }
      | { __typename: 'ConversationClosed', message: string, path: Array<string> }
      | { __typename: 'ConversationNotFound', message: string, path: Array<string> }
      | { __typename: 'EmailTaken', message: string, path: Array<string> }
      | { __typename: 'IncompleteLink', message: string, path: Array<string> }
      | { __typename: 'InvalidCredentials', message: string, path: Array<string> }
      | { __typename: 'InvalidInput', message: string, path: Array<string>, invalid: InvalidInputReason, most: number | null }
      | { __typename: 'InvalidLink', message: string, path: Array<string> }
      | { __typename: 'InvitationAccepted', message: string, path: Array<string> }
      | { __typename: 'NewerConversation', message: string, path: Array<string> }
      | { __typename: 'NewerMessages', message: string, path: Array<string> }
      | { __typename: 'OperatorInactive', message: string, path: Array<string> }
      | { __typename: 'OperatorNotFound', message: string, path: Array<string> }
      | { __typename: 'OwnAccessLevel', message: string, path: Array<string> }
      | { __typename: 'OwnerRequired', message: string, path: Array<string> }
      | { __typename: 'PhotoRejected', message: string, path: Array<string>, rejection: PhotoRejection }
      | { __typename: 'PlanFixed', message: string, path: Array<string> }
      | { __typename: 'SeatLimitReached', message: string, path: Array<string>, seats: { used: number, limit: number } }
      | { __typename: 'SignUpClosed', message: string, path: Array<string> }
      | { __typename: 'TooManyActiveOperators', active: number, message: string, path: Array<string>, seatLimit: number }
      | { __typename: 'TooManyAttempts', retryAfterSeconds: number, message: string, path: Array<string> }
      | { __typename: 'VisitorNotFound', message: string, path: Array<string> }
      | { __typename: 'WeakPassword', minimumLength: number, suggestions: Array<string>, message: string, path: Array<string>, weaknesses: Array<PasswordWeakness> }
    > } | null };

export type RenewInvitationMutationVariables = Exact<{
  input: RenewInvitationInput;
}>;


export type RenewInvitationMutation = { renewInvitation: { userErrors: Array<
      | { __typename: 'AddressConfirmed', message: string, path: Array<string> }
      | { __typename: 'ChatUnavailable', message: string, path: Array<string> }
      | { __typename: 'ClientMessageIdReused', message: string, path: Array<string> }
      | { __typename: 'ConversationClosed', message: string, path: Array<string> }
      | { __typename: 'ConversationNotFound', message: string, path: Array<string> }
      | { __typename: 'EmailTaken', message: string, path: Array<string> }
      | { __typename: 'IncompleteLink', message: string, path: Array<string> }
      | { __typename: 'InvalidCredentials', message: string, path: Array<string> }
      | { __typename: 'InvalidInput', message: string, path: Array<string>, invalid: InvalidInputReason, most: number | null }
      | { __typename: 'InvalidLink', message: string, path: Array<string> }
      | { __typename: 'InvitationAccepted', message: string, path: Array<string> }
      | { __typename: 'NewerConversation', message: string, path: Array<string> }
      | { __typename: 'NewerMessages', message: string, path: Array<string> }
      | { __typename: 'OperatorInactive', message: string, path: Array<string> }
      | { __typename: 'OperatorNotFound', message: string, path: Array<string> }
      | { __typename: 'OwnAccessLevel', message: string, path: Array<string> }
      | { __typename: 'OwnerRequired', message: string, path: Array<string> }
      | { __typename: 'PhotoRejected', message: string, path: Array<string>, rejection: PhotoRejection }
      | { __typename: 'PlanFixed', message: string, path: Array<string> }
      | { __typename: 'SeatLimitReached', message: string, path: Array<string>, seats: { used: number, limit: number } }
      | { __typename: 'SignUpClosed', message: string, path: Array<string> }
      | { __typename: 'TooManyActiveOperators', active: number, message: string, path: Array<string>, seatLimit: number }
      | { __typename: 'TooManyAttempts', retryAfterSeconds: number, message: string, path: Array<string> }
      | { __typename: 'VisitorNotFound', message: string, path: Array<string> }
      | { __typename: 'WeakPassword', minimumLength: number, suggestions: Array<string>, message: string, path: Array<string>, weaknesses: Array<PasswordWeakness> }
    > } | null };

export type ConfirmAddressMutationVariables = Exact<{
  input: ConfirmAddressInput;
}>;


export type ConfirmAddressMutation = { confirmAddress: { operator: { id: string, email: string | null, pendingEmail: string | null, isEmailConfirmed: boolean | null, isEmailConfirmationDue: boolean | null } | null, userErrors: Array<
      | { __typename: 'AddressConfirmed', message: string, path: Array<string> }
      | { __typename: 'ChatUnavailable', message: string, path: Array<string> }
      | { __typename: 'ClientMessageIdReused', message: string, path: Array<string> }
      | { __typename: 'ConversationClosed', message: string, path: Array<string> }
      | { __typename: 'ConversationNotFound', message: string, path: Array<string> }
      | { __typename: 'EmailTaken', message: string, path: Array<string> }
      | { __typename: 'IncompleteLink', message: string, path: Array<string> }
      | { __typename: 'InvalidCredentials', message: string, path: Array<string> }
      | { __typename: 'InvalidInput', message: string, path: Array<string>, invalid: InvalidInputReason, most: number | null }
      | { __typename: 'InvalidLink', message: string, path: Array<string> }
      | { __typename: 'InvitationAccepted', message: string, path: Array<string> }
      | { __typename: 'NewerConversation', message: string, path: Array<string> }
      | { __typename: 'NewerMessages', message: string, path: Array<string> }
      | { __typename: 'OperatorInactive', message: string, path: Array<string> }
      | { __typename: 'OperatorNotFound', message: string, path: Array<string> }
      | { __typename: 'OwnAccessLevel', message: string, path: Array<string> }
      | { __typename: 'OwnerRequired', message: string, path: Array<string> }
      | { __typename: 'PhotoRejected', message: string, path: Array<string>, rejection: PhotoRejection }
      | { __typename: 'PlanFixed', message: string, path: Array<string> }
      | { __typename: 'SeatLimitReached', message: string, path: Array<string>, seats: { used: number, limit: number } }
      | { __typename: 'SignUpClosed', message: string, path: Array<string> }
      | { __typename: 'TooManyActiveOperators', active: number, message: string, path: Array<string>, seatLimit: number }
      | { __typename: 'TooManyAttempts', retryAfterSeconds: number, message: string, path: Array<string> }
      | { __typename: 'VisitorNotFound', message: string, path: Array<string> }
      | { __typename: 'WeakPassword', minimumLength: number, suggestions: Array<string>, message: string, path: Array<string>, weaknesses: Array<PasswordWeakness> }
    > } | null };

export type RestoreAddressMutationVariables = Exact<{
  input: RestoreAddressInput;
}>;


export type RestoreAddressMutation = { restoreAddress: { operator: { id: string } | null, userErrors: Array<
      | { __typename: 'AddressConfirmed', message: string, path: Array<string> }
      | { __typename: 'ChatUnavailable', message: string, path: Array<string> }
      | { __typename: 'ClientMessageIdReused', message: string, path: Array<string> }
      | { __typename: 'ConversationClosed', message: string, path: Array<string> }
      | { __typename: 'ConversationNotFound', message: string, path: Array<string> }
      | { __typename: 'EmailTaken', message: string, path: Array<string> }
      | { __typename: 'IncompleteLink', message: string, path: Array<string> }
      | { __typename: 'InvalidCredentials', message: string, path: Array<string> }
      | { __typename: 'InvalidInput', message: string, path: Array<string>, invalid: InvalidInputReason, most: number | null }
      | { __typename: 'InvalidLink', message: string, path: Array<string> }
      | { __typename: 'InvitationAccepted', message: string, path: Array<string> }
      | { __typename: 'NewerConversation', message: string, path: Array<string> }
      | { __typename: 'NewerMessages', message: string, path: Array<string> }
      | { __typename: 'OperatorInactive', message: string, path: Array<string> }
      | { __typename: 'OperatorNotFound', message: string, path: Array<string> }
      | { __typename: 'OwnAccessLevel', message: string, path: Array<string> }
      | { __typename: 'OwnerRequired', message: string, path: Array<string> }
      | { __typename: 'PhotoRejected', message: string, path: Array<string>, rejection: PhotoRejection }
      | { __typename: 'PlanFixed', message: string, path: Array<string> }
      | { __typename: 'SeatLimitReached', message: string, path: Array<string>, seats: { used: number, limit: number } }
      | { __typename: 'SignUpClosed', message: string, path: Array<string> }
      | { __typename: 'TooManyActiveOperators', active: number, message: string, path: Array<string>, seatLimit: number }
      | { __typename: 'TooManyAttempts', retryAfterSeconds: number, message: string, path: Array<string> }
      | { __typename: 'VisitorNotFound', message: string, path: Array<string> }
      | { __typename: 'WeakPassword', minimumLength: number, suggestions: Array<string>, message: string, path: Array<string>, weaknesses: Array<PasswordWeakness> }
    > } | null };

export type RecoverPasswordMutationVariables = Exact<{
  input: RecoverPasswordInput;
}>;


export type RecoverPasswordMutation = { recoverPassword: { viewer: { id: string } | null, userErrors: Array<
      | { __typename: 'AddressConfirmed', message: string, path: Array<string> }
      | { __typename: 'ChatUnavailable', message: string, path: Array<string> }
      | { __typename: 'ClientMessageIdReused', message: string, path: Array<string> }
      | { __typename: 'ConversationClosed', message: string, path: Array<string> }
      | { __typename: 'ConversationNotFound', message: string, path: Array<string> }
      | { __typename: 'EmailTaken', message: string, path: Array<string> }
      | { __typename: 'IncompleteLink', message: string, path: Array<string> }
      | { __typename: 'InvalidCredentials', message: string, path: Array<string> }
      | { __typename: 'InvalidInput', message: string, path: Array<string>, invalid: InvalidInputReason, most: number | null }
      | { __typename: 'InvalidLink', message: string, path: Array<string> }
      | { __typename: 'InvitationAccepted', message: string, path: Array<string> }
      | { __typename: 'NewerConversation', message: string, path: Array<string> }
      | { __typename: 'NewerMessages', message: string, path: Array<string> }
      | { __typename: 'OperatorInactive', message: string, path: Array<string> }
      | { __typename: 'OperatorNotFound', message: string, path: Array<string> }
      | { __typename: 'OwnAccessLevel', message: string, path: Array<string> }
      | { __typename: 'OwnerRequired', message: string, path: Array<string> }
      | { __typename: 'PhotoRejected', message: string, path: Array<string>, rejection: PhotoRejection }
      | { __typename: 'PlanFixed', message: string, path: Array<string> }
      | { __typename: 'SeatLimitReached', message: string, path: Array<string>, seats: { used: number, limit: number } }
      | { __typename: 'SignUpClosed', message: string, path: Array<string> }
      | { __typename: 'TooManyActiveOperators', active: number, message: string, path: Array<string>, seatLimit: number }
      | { __typename: 'TooManyAttempts', retryAfterSeconds: number, message: string, path: Array<string> }
      | { __typename: 'VisitorNotFound', message: string, path: Array<string> }
      | { __typename: 'WeakPassword', minimumLength: number, suggestions: Array<string>, message: string, path: Array<string>, weaknesses: Array<PasswordWeakness> }
    > } | null };

export type RequestPasswordRecoveryMutationVariables = Exact<{
  input: RequestPasswordRecoveryInput;
}>;


export type RequestPasswordRecoveryMutation = { requestPasswordRecovery: { userErrors: Array<
      | { __typename: 'AddressConfirmed', message: string, path: Array<string> }
      | { __typename: 'ChatUnavailable', message: string, path: Array<string> }
      | { __typename: 'ClientMessageIdReused', message: string, path: Array<string> }
      | { __typename: 'ConversationClosed', message: string, path: Array<string> }
      | { __typename: 'ConversationNotFound', message: string, path: Array<string> }
      | { __typename: 'EmailTaken', message: string, path: Array<string> }
      | { __typename: 'IncompleteLink', message: string, path: Array<string> }
      | { __typename: 'InvalidCredentials', message: string, path: Array<string> }
      | { __typename: 'InvalidInput', message: string, path: Array<string>, invalid: InvalidInputReason, most: number | null }
      | { __typename: 'InvalidLink', message: string, path: Array<string> }
      | { __typename: 'InvitationAccepted', message: string, path: Array<string> }
      | { __typename: 'NewerConversation', message: string, path: Array<string> }
      | { __typename: 'NewerMessages', message: string, path: Array<string> }
      | { __typename: 'OperatorInactive', message: string, path: Array<string> }
      | { __typename: 'OperatorNotFound', message: string, path: Array<string> }
      | { __typename: 'OwnAccessLevel', message: string, path: Array<string> }
      | { __typename: 'OwnerRequired', message: string, path: Array<string> }
      | { __typename: 'PhotoRejected', message: string, path: Array<string>, rejection: PhotoRejection }
      | { __typename: 'PlanFixed', message: string, path: Array<string> }
      | { __typename: 'SeatLimitReached', message: string, path: Array<string>, seats: { used: number, limit: number } }
      | { __typename: 'SignUpClosed', message: string, path: Array<string> }
      | { __typename: 'TooManyActiveOperators', active: number, message: string, path: Array<string>, seatLimit: number }
      | { __typename: 'TooManyAttempts', retryAfterSeconds: number, message: string, path: Array<string> }
      | { __typename: 'VisitorNotFound', message: string, path: Array<string> }
      | { __typename: 'WeakPassword', minimumLength: number, suggestions: Array<string>, message: string, path: Array<string>, weaknesses: Array<PasswordWeakness> }
    > } | null };

export type PasswordRulesQueryVariables = Exact<{ [key: string]: never; }>;


export type PasswordRulesQuery = { server: { passwordMinLength: number } };

export type SignInMutationVariables = Exact<{
  input: SignInInput;
}>;


export type SignInMutation = { signIn: { viewer: { id: string, name: string, publicName: string, email: string | null, isEmailConfirmationDue: boolean | null, accessLevel: AccessLevel, isOwner: boolean, isActive: boolean, photo: { url: string } | null } | null, userErrors: Array<
      | { __typename: 'AddressConfirmed', message: string, path: Array<string> }
      | { __typename: 'ChatUnavailable', message: string, path: Array<string> }
      | { __typename: 'ClientMessageIdReused', message: string, path: Array<string> }
      | { __typename: 'ConversationClosed', message: string, path: Array<string> }
      | { __typename: 'ConversationNotFound', message: string, path: Array<string> }
      | { __typename: 'EmailTaken', message: string, path: Array<string> }
      | { __typename: 'IncompleteLink', message: string, path: Array<string> }
      | { __typename: 'InvalidCredentials', message: string, path: Array<string> }
      | { __typename: 'InvalidInput', message: string, path: Array<string>, invalid: InvalidInputReason, most: number | null }
      | { __typename: 'InvalidLink', message: string, path: Array<string> }
      | { __typename: 'InvitationAccepted', message: string, path: Array<string> }
      | { __typename: 'NewerConversation', message: string, path: Array<string> }
      | { __typename: 'NewerMessages', message: string, path: Array<string> }
      | { __typename: 'OperatorInactive', message: string, path: Array<string> }
      | { __typename: 'OperatorNotFound', message: string, path: Array<string> }
      | { __typename: 'OwnAccessLevel', message: string, path: Array<string> }
      | { __typename: 'OwnerRequired', message: string, path: Array<string> }
      | { __typename: 'PhotoRejected', message: string, path: Array<string>, rejection: PhotoRejection }
      | { __typename: 'PlanFixed', message: string, path: Array<string> }
      | { __typename: 'SeatLimitReached', message: string, path: Array<string>, seats: { used: number, limit: number } }
      | { __typename: 'SignUpClosed', message: string, path: Array<string> }
      | { __typename: 'TooManyActiveOperators', active: number, message: string, path: Array<string>, seatLimit: number }
      | { __typename: 'TooManyAttempts', retryAfterSeconds: number, message: string, path: Array<string> }
      | { __typename: 'VisitorNotFound', message: string, path: Array<string> }
      | { __typename: 'WeakPassword', minimumLength: number, suggestions: Array<string>, message: string, path: Array<string>, weaknesses: Array<PasswordWeakness> }
    > } | null };

export type SignUpMutationVariables = Exact<{
  input: SignUpInput;
}>;


export type SignUpMutation = { signUp: { viewer: { id: string, name: string, publicName: string, email: string | null, isEmailConfirmationDue: boolean | null, accessLevel: AccessLevel, isOwner: boolean, isActive: boolean, photo: { url: string } | null } | null, userErrors: Array<
      | { __typename: 'AddressConfirmed', message: string, path: Array<string> }
      | { __typename: 'ChatUnavailable', message: string, path: Array<string> }
      | { __typename: 'ClientMessageIdReused', message: string, path: Array<string> }
      | { __typename: 'ConversationClosed', message: string, path: Array<string> }
      | { __typename: 'ConversationNotFound', message: string, path: Array<string> }
      | { __typename: 'EmailTaken', message: string, path: Array<string> }
      | { __typename: 'IncompleteLink', message: string, path: Array<string> }
      | { __typename: 'InvalidCredentials', message: string, path: Array<string> }
      | { __typename: 'InvalidInput', message: string, path: Array<string>, invalid: InvalidInputReason, most: number | null }
      | { __typename: 'InvalidLink', message: string, path: Array<string> }
      | { __typename: 'InvitationAccepted', message: string, path: Array<string> }
      | { __typename: 'NewerConversation', message: string, path: Array<string> }
      | { __typename: 'NewerMessages', message: string, path: Array<string> }
      | { __typename: 'OperatorInactive', message: string, path: Array<string> }
      | { __typename: 'OperatorNotFound', message: string, path: Array<string> }
      | { __typename: 'OwnAccessLevel', message: string, path: Array<string> }
      | { __typename: 'OwnerRequired', message: string, path: Array<string> }
      | { __typename: 'PhotoRejected', message: string, path: Array<string>, rejection: PhotoRejection }
      | { __typename: 'PlanFixed', message: string, path: Array<string> }
      | { __typename: 'SeatLimitReached', message: string, path: Array<string>, seats: { used: number, limit: number } }
      | { __typename: 'SignUpClosed', message: string, path: Array<string> }
      | { __typename: 'TooManyActiveOperators', active: number, message: string, path: Array<string>, seatLimit: number }
      | { __typename: 'TooManyAttempts', retryAfterSeconds: number, message: string, path: Array<string> }
      | { __typename: 'VisitorNotFound', message: string, path: Array<string> }
      | { __typename: 'WeakPassword', minimumLength: number, suggestions: Array<string>, message: string, path: Array<string>, weaknesses: Array<PasswordWeakness> }
    > } | null };

export type MailedLinkFieldsFragment = { effect: MailedLinkEffect, accountName: string, operatorName: string, inviterName: string | null, email: string, isNewPasswordNeeded: boolean, isReleasable: boolean, isEmailTaken: boolean, isEmailMoved: boolean };

export type MailedLinkQueryVariables = Exact<{
  token: string;
}>;


export type MailedLinkQuery = { mailedLink: { effect: MailedLinkEffect, accountName: string, operatorName: string, inviterName: string | null, email: string, isNewPasswordNeeded: boolean, isReleasable: boolean, isEmailTaken: boolean, isEmailMoved: boolean } | null };

export type ReleaseAddressMutationVariables = Exact<{
  input: ReleaseAddressInput;
}>;


export type ReleaseAddressMutation = { releaseAddress: { releasedEmail: string | null, userErrors: Array<
      | { __typename: 'AddressConfirmed', message: string, path: Array<string> }
      | { __typename: 'ChatUnavailable', message: string, path: Array<string> }
      | { __typename: 'ClientMessageIdReused', message: string, path: Array<string> }
      | { __typename: 'ConversationClosed', message: string, path: Array<string> }
      | { __typename: 'ConversationNotFound', message: string, path: Array<string> }
      | { __typename: 'EmailTaken', message: string, path: Array<string> }
      | { __typename: 'IncompleteLink', message: string, path: Array<string> }
      | { __typename: 'InvalidCredentials', message: string, path: Array<string> }
      | { __typename: 'InvalidInput', message: string, path: Array<string>, invalid: InvalidInputReason, most: number | null }
      | { __typename: 'InvalidLink', message: string, path: Array<string> }
      | { __typename: 'InvitationAccepted', message: string, path: Array<string> }
      | { __typename: 'NewerConversation', message: string, path: Array<string> }
      | { __typename: 'NewerMessages', message: string, path: Array<string> }
      | { __typename: 'OperatorInactive', message: string, path: Array<string> }
      | { __typename: 'OperatorNotFound', message: string, path: Array<string> }
      | { __typename: 'OwnAccessLevel', message: string, path: Array<string> }
      | { __typename: 'OwnerRequired', message: string, path: Array<string> }
      | { __typename: 'PhotoRejected', message: string, path: Array<string>, rejection: PhotoRejection }
      | { __typename: 'PlanFixed', message: string, path: Array<string> }
      | { __typename: 'SeatLimitReached', message: string, path: Array<string>, seats: { used: number, limit: number } }
      | { __typename: 'SignUpClosed', message: string, path: Array<string> }
      | { __typename: 'TooManyActiveOperators', active: number, message: string, path: Array<string>, seatLimit: number }
      | { __typename: 'TooManyAttempts', retryAfterSeconds: number, message: string, path: Array<string> }
      | { __typename: 'VisitorNotFound', message: string, path: Array<string> }
      | { __typename: 'WeakPassword', minimumLength: number, suggestions: Array<string>, message: string, path: Array<string>, weaknesses: Array<PasswordWeakness> }
    > } | null };

export type ServerInfoQueryVariables = Exact<{ [key: string]: never; }>;


export type ServerInfoQuery = { server: { isSignUpOpen: boolean, hasAccount: boolean, publicUrl: string } };

export type SnippetQueryVariables = Exact<{ [key: string]: never; }>;


export type SnippetQuery = { server: { publicUrl: string }, account: { id: string, widgetKey: string } | null };

export const AccountFieldsFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"AccountFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Account"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"widgetKey"}},{"kind":"Field","name":{"kind":"Name","value":"isChatEnabled"}},{"kind":"Field","name":{"kind":"Name","value":"owner"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}}]} as unknown as DocumentNode<AccountFieldsFragment, unknown>;
export const CandidateFieldsFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"CandidateFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Operator"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"email"}},{"kind":"Field","name":{"kind":"Name","value":"isOwner"}},{"kind":"Field","name":{"kind":"Name","value":"isInvited"}}]}}]} as unknown as DocumentNode<CandidateFieldsFragment, unknown>;
export const CandidateListFieldsFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"CandidateListFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Account"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"operators"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"100"}},{"kind":"Argument","name":{"kind":"Name","value":"search"},"value":{"kind":"Variable","name":{"kind":"Name","value":"search"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"CandidateFields"}}]}},{"kind":"Field","name":{"kind":"Name","value":"totalCount"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"CandidateFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Operator"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"email"}},{"kind":"Field","name":{"kind":"Name","value":"isOwner"}},{"kind":"Field","name":{"kind":"Name","value":"isInvited"}}]}}]} as unknown as DocumentNode<CandidateListFieldsFragment, unknown>;
export const UserErrorFieldsFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"UserErrorFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"UserError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"path"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"InvalidInput"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"invalid"},"name":{"kind":"Name","value":"reason"}},{"kind":"Field","alias":{"kind":"Name","value":"most"},"name":{"kind":"Name","value":"limit"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"WeakPassword"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"weaknesses"},"name":{"kind":"Name","value":"reasons"}},{"kind":"Field","name":{"kind":"Name","value":"minimumLength"}},{"kind":"Field","name":{"kind":"Name","value":"suggestions"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"TooManyAttempts"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"retryAfterSeconds"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"SeatLimitReached"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"seats"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"used"}},{"kind":"Field","name":{"kind":"Name","value":"limit"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"TooManyActiveOperators"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"active"}},{"kind":"Field","alias":{"kind":"Name","value":"seatLimit"},"name":{"kind":"Name","value":"limit"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"PhotoRejected"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"rejection"},"name":{"kind":"Name","value":"reason"}}]}}]}}]} as unknown as DocumentNode<UserErrorFieldsFragment, unknown>;
export const ViewerFieldsFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"ViewerFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Operator"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"publicName"}},{"kind":"Field","name":{"kind":"Name","value":"email"}},{"kind":"Field","name":{"kind":"Name","value":"isEmailConfirmationDue"}},{"kind":"Field","name":{"kind":"Name","value":"accessLevel"}},{"kind":"Field","name":{"kind":"Name","value":"isOwner"}},{"kind":"Field","name":{"kind":"Name","value":"isActive"}},{"kind":"Field","name":{"kind":"Name","value":"photo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"url"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"size"},"value":{"kind":"IntValue","value":"128"}}]}]}}]}}]} as unknown as DocumentNode<ViewerFieldsFragment, unknown>;
export const FreeSeatsFieldsFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"FreeSeatsFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Account"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"seats"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"used"}},{"kind":"Field","name":{"kind":"Name","value":"limit"}},{"kind":"Field","name":{"kind":"Name","value":"free"}}]}}]}}]} as unknown as DocumentNode<FreeSeatsFieldsFragment, unknown>;
export const OperatorProfileFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"OperatorProfile"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Operator"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"accessLevel"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"publicName"}},{"kind":"Field","name":{"kind":"Name","value":"email"}},{"kind":"Field","name":{"kind":"Name","value":"pendingEmail"}},{"kind":"Field","name":{"kind":"Name","value":"lostEmail"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"email"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"lostAt"}}]}},{"kind":"Field","name":{"kind":"Name","value":"description"}},{"kind":"Field","name":{"kind":"Name","value":"photo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"url"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"size"},"value":{"kind":"IntValue","value":"256"}}]}]}}]}}]} as unknown as DocumentNode<OperatorProfileFragment, unknown>;
export const OperatorDetailsFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"OperatorDetails"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Operator"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"OperatorProfile"}},{"kind":"Field","name":{"kind":"Name","value":"isOwner"}},{"kind":"Field","name":{"kind":"Name","value":"isInvited"}},{"kind":"Field","name":{"kind":"Name","value":"invitation"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"sentAt"}},{"kind":"Field","name":{"kind":"Name","value":"failedAt"}},{"kind":"Field","name":{"kind":"Name","value":"failure"}},{"kind":"Field","name":{"kind":"Name","value":"nextAttemptAt"}}]}},{"kind":"Field","name":{"kind":"Name","value":"isActive"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"lastSeenAt"}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"OperatorProfile"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Operator"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"accessLevel"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"publicName"}},{"kind":"Field","name":{"kind":"Name","value":"email"}},{"kind":"Field","name":{"kind":"Name","value":"pendingEmail"}},{"kind":"Field","name":{"kind":"Name","value":"lostEmail"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"email"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"lostAt"}}]}},{"kind":"Field","name":{"kind":"Name","value":"description"}},{"kind":"Field","name":{"kind":"Name","value":"photo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"url"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"size"},"value":{"kind":"IntValue","value":"256"}}]}]}}]}}]} as unknown as DocumentNode<OperatorDetailsFragment, unknown>;
export const OperatorRowFieldsFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"OperatorRowFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Operator"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"publicName"}},{"kind":"Field","name":{"kind":"Name","value":"email"}},{"kind":"Field","name":{"kind":"Name","value":"lostEmail"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"email"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"lostAt"}}]}},{"kind":"Field","name":{"kind":"Name","value":"accessLevel"}},{"kind":"Field","name":{"kind":"Name","value":"isOwner"}},{"kind":"Field","name":{"kind":"Name","value":"isInvited"}},{"kind":"Field","name":{"kind":"Name","value":"invitation"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"sentAt"}},{"kind":"Field","name":{"kind":"Name","value":"failure"}}]}},{"kind":"Field","name":{"kind":"Name","value":"isActive"}},{"kind":"Field","name":{"kind":"Name","value":"photo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"url"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"size"},"value":{"kind":"IntValue","value":"128"}}]}]}}]}}]} as unknown as DocumentNode<OperatorRowFieldsFragment, unknown>;
export const OperatorListFieldsFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"OperatorListFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Account"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"seats"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"used"}},{"kind":"Field","name":{"kind":"Name","value":"limit"}},{"kind":"Field","name":{"kind":"Name","value":"free"}}]}},{"kind":"Field","name":{"kind":"Name","value":"operators"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}},{"kind":"Argument","name":{"kind":"Name","value":"last"},"value":{"kind":"Variable","name":{"kind":"Name","value":"last"}}},{"kind":"Argument","name":{"kind":"Name","value":"before"},"value":{"kind":"Variable","name":{"kind":"Name","value":"before"}}},{"kind":"Argument","name":{"kind":"Name","value":"isActive"},"value":{"kind":"Variable","name":{"kind":"Name","value":"isActive"}}},{"kind":"Argument","name":{"kind":"Name","value":"search"},"value":{"kind":"Variable","name":{"kind":"Name","value":"search"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"OperatorRowFields"}}]}},{"kind":"Field","name":{"kind":"Name","value":"totalCount"}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"hasPreviousPage"}},{"kind":"Field","name":{"kind":"Name","value":"startCursor"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"OperatorRowFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Operator"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"publicName"}},{"kind":"Field","name":{"kind":"Name","value":"email"}},{"kind":"Field","name":{"kind":"Name","value":"lostEmail"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"email"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"lostAt"}}]}},{"kind":"Field","name":{"kind":"Name","value":"accessLevel"}},{"kind":"Field","name":{"kind":"Name","value":"isOwner"}},{"kind":"Field","name":{"kind":"Name","value":"isInvited"}},{"kind":"Field","name":{"kind":"Name","value":"invitation"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"sentAt"}},{"kind":"Field","name":{"kind":"Name","value":"failure"}}]}},{"kind":"Field","name":{"kind":"Name","value":"isActive"}},{"kind":"Field","name":{"kind":"Name","value":"photo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"url"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"size"},"value":{"kind":"IntValue","value":"128"}}]}]}}]}}]} as unknown as DocumentNode<OperatorListFieldsFragment, unknown>;
export const OfferFieldsFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"OfferFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Plan"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"seatLimit"}},{"kind":"Field","name":{"kind":"Name","value":"seatMinimum"}},{"kind":"Field","name":{"kind":"Name","value":"seatsAreBought"}}]}}]} as unknown as DocumentNode<OfferFieldsFragment, unknown>;
export const SeatHolderFieldsFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"SeatHolderFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Operator"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"isOwner"}},{"kind":"Field","name":{"kind":"Name","value":"photo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"url"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"size"},"value":{"kind":"IntValue","value":"128"}}]}]}}]}}]} as unknown as DocumentNode<SeatHolderFieldsFragment, unknown>;
export const PlanAccountFieldsFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"PlanAccountFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Account"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"plan"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}}]}},{"kind":"Field","name":{"kind":"Name","value":"seats"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"used"}},{"kind":"Field","name":{"kind":"Name","value":"limit"}},{"kind":"Field","name":{"kind":"Name","value":"free"}}]}},{"kind":"Field","alias":{"kind":"Name","value":"active"},"name":{"kind":"Name","value":"operators"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"100"}},{"kind":"Argument","name":{"kind":"Name","value":"isActive"},"value":{"kind":"BooleanValue","value":true}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"SeatHolderFields"}}]}},{"kind":"Field","name":{"kind":"Name","value":"totalCount"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"SeatHolderFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Operator"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"isOwner"}},{"kind":"Field","name":{"kind":"Name","value":"photo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"url"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"size"},"value":{"kind":"IntValue","value":"128"}}]}]}}]}}]} as unknown as DocumentNode<PlanAccountFieldsFragment, unknown>;
export const MailedLinkFieldsFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"MailedLinkFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"MailedLink"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"effect"}},{"kind":"Field","name":{"kind":"Name","value":"accountName"}},{"kind":"Field","name":{"kind":"Name","value":"operatorName"}},{"kind":"Field","name":{"kind":"Name","value":"inviterName"}},{"kind":"Field","name":{"kind":"Name","value":"email"}},{"kind":"Field","name":{"kind":"Name","value":"isNewPasswordNeeded"}},{"kind":"Field","name":{"kind":"Name","value":"isReleasable"}},{"kind":"Field","name":{"kind":"Name","value":"isEmailTaken"}},{"kind":"Field","name":{"kind":"Name","value":"isEmailMoved"}}]}}]} as unknown as DocumentNode<MailedLinkFieldsFragment, unknown>;
export const AccountPageDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"AccountPage"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"server"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"publicUrl"}}]}},{"kind":"Field","name":{"kind":"Name","value":"account"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"AccountFields"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"AccountFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Account"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"widgetKey"}},{"kind":"Field","name":{"kind":"Name","value":"isChatEnabled"}},{"kind":"Field","name":{"kind":"Name","value":"owner"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}}]} as unknown as DocumentNode<AccountPageQuery, AccountPageQueryVariables>;
export const AccountPageChangesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"AccountPageChanges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"account"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"AccountFields"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"AccountFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Account"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"widgetKey"}},{"kind":"Field","name":{"kind":"Name","value":"isChatEnabled"}},{"kind":"Field","name":{"kind":"Name","value":"owner"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}}]} as unknown as DocumentNode<AccountPageChangesSubscription, AccountPageChangesSubscriptionVariables>;
export const CandidatesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Candidates"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"search"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"account"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"CandidateListFields"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"CandidateFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Operator"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"email"}},{"kind":"Field","name":{"kind":"Name","value":"isOwner"}},{"kind":"Field","name":{"kind":"Name","value":"isInvited"}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"CandidateListFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Account"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"operators"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"100"}},{"kind":"Argument","name":{"kind":"Name","value":"search"},"value":{"kind":"Variable","name":{"kind":"Name","value":"search"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"CandidateFields"}}]}},{"kind":"Field","name":{"kind":"Name","value":"totalCount"}}]}}]}}]} as unknown as DocumentNode<CandidatesQuery, CandidatesQueryVariables>;
export const CandidatesChangesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"CandidatesChanges"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"search"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"account"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"CandidateListFields"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"CandidateFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Operator"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"email"}},{"kind":"Field","name":{"kind":"Name","value":"isOwner"}},{"kind":"Field","name":{"kind":"Name","value":"isInvited"}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"CandidateListFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Account"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"operators"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"100"}},{"kind":"Argument","name":{"kind":"Name","value":"search"},"value":{"kind":"Variable","name":{"kind":"Name","value":"search"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"CandidateFields"}}]}},{"kind":"Field","name":{"kind":"Name","value":"totalCount"}}]}}]}}]} as unknown as DocumentNode<CandidatesChangesSubscription, CandidatesChangesSubscriptionVariables>;
export const TransferOwnershipDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"TransferOwnership"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"TransferOwnershipInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"transferOwnership"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"account"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"AccountFields"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"UserErrorFields"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"AccountFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Account"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"widgetKey"}},{"kind":"Field","name":{"kind":"Name","value":"isChatEnabled"}},{"kind":"Field","name":{"kind":"Name","value":"owner"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"UserErrorFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"UserError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"path"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"InvalidInput"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"invalid"},"name":{"kind":"Name","value":"reason"}},{"kind":"Field","alias":{"kind":"Name","value":"most"},"name":{"kind":"Name","value":"limit"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"WeakPassword"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"weaknesses"},"name":{"kind":"Name","value":"reasons"}},{"kind":"Field","name":{"kind":"Name","value":"minimumLength"}},{"kind":"Field","name":{"kind":"Name","value":"suggestions"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"TooManyAttempts"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"retryAfterSeconds"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"SeatLimitReached"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"seats"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"used"}},{"kind":"Field","name":{"kind":"Name","value":"limit"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"TooManyActiveOperators"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"active"}},{"kind":"Field","alias":{"kind":"Name","value":"seatLimit"},"name":{"kind":"Name","value":"limit"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"PhotoRejected"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"rejection"},"name":{"kind":"Name","value":"reason"}}]}}]}}]} as unknown as DocumentNode<TransferOwnershipMutation, TransferOwnershipMutationVariables>;
export const UpdateAccountDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"UpdateAccount"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"UpdateAccountInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"updateAccount"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"account"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"AccountFields"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"UserErrorFields"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"AccountFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Account"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"widgetKey"}},{"kind":"Field","name":{"kind":"Name","value":"isChatEnabled"}},{"kind":"Field","name":{"kind":"Name","value":"owner"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"UserErrorFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"UserError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"path"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"InvalidInput"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"invalid"},"name":{"kind":"Name","value":"reason"}},{"kind":"Field","alias":{"kind":"Name","value":"most"},"name":{"kind":"Name","value":"limit"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"WeakPassword"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"weaknesses"},"name":{"kind":"Name","value":"reasons"}},{"kind":"Field","name":{"kind":"Name","value":"minimumLength"}},{"kind":"Field","name":{"kind":"Name","value":"suggestions"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"TooManyAttempts"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"retryAfterSeconds"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"SeatLimitReached"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"seats"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"used"}},{"kind":"Field","name":{"kind":"Name","value":"limit"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"TooManyActiveOperators"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"active"}},{"kind":"Field","alias":{"kind":"Name","value":"seatLimit"},"name":{"kind":"Name","value":"limit"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"PhotoRejected"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"rejection"},"name":{"kind":"Name","value":"reason"}}]}}]}}]} as unknown as DocumentNode<UpdateAccountMutation, UpdateAccountMutationVariables>;
export const ViewerDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Viewer"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"viewer"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"ViewerFields"}}]}},{"kind":"Field","name":{"kind":"Name","value":"plans"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"ViewerFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Operator"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"publicName"}},{"kind":"Field","name":{"kind":"Name","value":"email"}},{"kind":"Field","name":{"kind":"Name","value":"isEmailConfirmationDue"}},{"kind":"Field","name":{"kind":"Name","value":"accessLevel"}},{"kind":"Field","name":{"kind":"Name","value":"isOwner"}},{"kind":"Field","name":{"kind":"Name","value":"isActive"}},{"kind":"Field","name":{"kind":"Name","value":"photo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"url"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"size"},"value":{"kind":"IntValue","value":"128"}}]}]}}]}}]} as unknown as DocumentNode<ViewerQuery, ViewerQueryVariables>;
export const LiveViewerDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"LiveViewer"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"viewer"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"ViewerFields"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"ViewerFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Operator"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"publicName"}},{"kind":"Field","name":{"kind":"Name","value":"email"}},{"kind":"Field","name":{"kind":"Name","value":"isEmailConfirmationDue"}},{"kind":"Field","name":{"kind":"Name","value":"accessLevel"}},{"kind":"Field","name":{"kind":"Name","value":"isOwner"}},{"kind":"Field","name":{"kind":"Name","value":"isActive"}},{"kind":"Field","name":{"kind":"Name","value":"photo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"url"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"size"},"value":{"kind":"IntValue","value":"128"}}]}]}}]}}]} as unknown as DocumentNode<LiveViewerQuery, LiveViewerQueryVariables>;
export const ViewerChangesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"ViewerChanges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"viewer"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"ViewerFields"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"ViewerFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Operator"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"publicName"}},{"kind":"Field","name":{"kind":"Name","value":"email"}},{"kind":"Field","name":{"kind":"Name","value":"isEmailConfirmationDue"}},{"kind":"Field","name":{"kind":"Name","value":"accessLevel"}},{"kind":"Field","name":{"kind":"Name","value":"isOwner"}},{"kind":"Field","name":{"kind":"Name","value":"isActive"}},{"kind":"Field","name":{"kind":"Name","value":"photo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"url"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"size"},"value":{"kind":"IntValue","value":"128"}}]}]}}]}}]} as unknown as DocumentNode<ViewerChangesSubscription, ViewerChangesSubscriptionVariables>;
export const FreeSeatsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"FreeSeats"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"account"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"FreeSeatsFields"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"FreeSeatsFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Account"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"seats"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"used"}},{"kind":"Field","name":{"kind":"Name","value":"limit"}},{"kind":"Field","name":{"kind":"Name","value":"free"}}]}}]}}]} as unknown as DocumentNode<FreeSeatsQuery, FreeSeatsQueryVariables>;
export const FreeSeatsChangesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"FreeSeatsChanges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"account"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"FreeSeatsFields"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"FreeSeatsFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Account"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"seats"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"used"}},{"kind":"Field","name":{"kind":"Name","value":"limit"}},{"kind":"Field","name":{"kind":"Name","value":"free"}}]}}]}}]} as unknown as DocumentNode<FreeSeatsChangesSubscription, FreeSeatsChangesSubscriptionVariables>;
export const SwapSeatDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"SwapSeat"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"SwapSeatInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"swapSeat"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"from"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"isActive"}}]}},{"kind":"Field","name":{"kind":"Name","value":"to"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"isActive"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"UserErrorFields"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"UserErrorFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"UserError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"path"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"InvalidInput"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"invalid"},"name":{"kind":"Name","value":"reason"}},{"kind":"Field","alias":{"kind":"Name","value":"most"},"name":{"kind":"Name","value":"limit"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"WeakPassword"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"weaknesses"},"name":{"kind":"Name","value":"reasons"}},{"kind":"Field","name":{"kind":"Name","value":"minimumLength"}},{"kind":"Field","name":{"kind":"Name","value":"suggestions"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"TooManyAttempts"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"retryAfterSeconds"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"SeatLimitReached"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"seats"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"used"}},{"kind":"Field","name":{"kind":"Name","value":"limit"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"TooManyActiveOperators"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"active"}},{"kind":"Field","alias":{"kind":"Name","value":"seatLimit"},"name":{"kind":"Name","value":"limit"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"PhotoRejected"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"rejection"},"name":{"kind":"Name","value":"reason"}}]}}]}}]} as unknown as DocumentNode<SwapSeatMutation, SwapSeatMutationVariables>;
export const OperatorSeatsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"OperatorSeats"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"account"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"FreeSeatsFields"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"FreeSeatsFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Account"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"seats"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"used"}},{"kind":"Field","name":{"kind":"Name","value":"limit"}},{"kind":"Field","name":{"kind":"Name","value":"free"}}]}}]}}]} as unknown as DocumentNode<OperatorSeatsQuery, OperatorSeatsQueryVariables>;
export const OperatorDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Operator"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"node"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Operator"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"OperatorDetails"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"OperatorProfile"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Operator"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"accessLevel"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"publicName"}},{"kind":"Field","name":{"kind":"Name","value":"email"}},{"kind":"Field","name":{"kind":"Name","value":"pendingEmail"}},{"kind":"Field","name":{"kind":"Name","value":"lostEmail"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"email"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"lostAt"}}]}},{"kind":"Field","name":{"kind":"Name","value":"description"}},{"kind":"Field","name":{"kind":"Name","value":"photo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"url"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"size"},"value":{"kind":"IntValue","value":"256"}}]}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"OperatorDetails"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Operator"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"OperatorProfile"}},{"kind":"Field","name":{"kind":"Name","value":"isOwner"}},{"kind":"Field","name":{"kind":"Name","value":"isInvited"}},{"kind":"Field","name":{"kind":"Name","value":"invitation"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"sentAt"}},{"kind":"Field","name":{"kind":"Name","value":"failedAt"}},{"kind":"Field","name":{"kind":"Name","value":"failure"}},{"kind":"Field","name":{"kind":"Name","value":"nextAttemptAt"}}]}},{"kind":"Field","name":{"kind":"Name","value":"isActive"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"lastSeenAt"}}]}}]} as unknown as DocumentNode<OperatorQuery, OperatorQueryVariables>;
export const AccountChangesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"AccountChanges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"account"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"FreeSeatsFields"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"FreeSeatsFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Account"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"seats"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"used"}},{"kind":"Field","name":{"kind":"Name","value":"limit"}},{"kind":"Field","name":{"kind":"Name","value":"free"}}]}}]}}]} as unknown as DocumentNode<AccountChangesSubscription, AccountChangesSubscriptionVariables>;
export const RemoveOperatorDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"RemoveOperator"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"RemoveOperatorInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"removeOperator"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"removedOperatorId"}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"UserErrorFields"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"UserErrorFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"UserError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"path"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"InvalidInput"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"invalid"},"name":{"kind":"Name","value":"reason"}},{"kind":"Field","alias":{"kind":"Name","value":"most"},"name":{"kind":"Name","value":"limit"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"WeakPassword"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"weaknesses"},"name":{"kind":"Name","value":"reasons"}},{"kind":"Field","name":{"kind":"Name","value":"minimumLength"}},{"kind":"Field","name":{"kind":"Name","value":"suggestions"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"TooManyAttempts"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"retryAfterSeconds"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"SeatLimitReached"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"seats"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"used"}},{"kind":"Field","name":{"kind":"Name","value":"limit"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"TooManyActiveOperators"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"active"}},{"kind":"Field","alias":{"kind":"Name","value":"seatLimit"},"name":{"kind":"Name","value":"limit"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"PhotoRejected"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"rejection"},"name":{"kind":"Name","value":"reason"}}]}}]}}]} as unknown as DocumentNode<RemoveOperatorMutation, RemoveOperatorMutationVariables>;
export const ActivateOperatorDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"ActivateOperator"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ActivateOperatorInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"activateOperator"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"operator"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"isActive"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"UserErrorFields"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"UserErrorFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"UserError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"path"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"InvalidInput"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"invalid"},"name":{"kind":"Name","value":"reason"}},{"kind":"Field","alias":{"kind":"Name","value":"most"},"name":{"kind":"Name","value":"limit"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"WeakPassword"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"weaknesses"},"name":{"kind":"Name","value":"reasons"}},{"kind":"Field","name":{"kind":"Name","value":"minimumLength"}},{"kind":"Field","name":{"kind":"Name","value":"suggestions"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"TooManyAttempts"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"retryAfterSeconds"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"SeatLimitReached"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"seats"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"used"}},{"kind":"Field","name":{"kind":"Name","value":"limit"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"TooManyActiveOperators"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"active"}},{"kind":"Field","alias":{"kind":"Name","value":"seatLimit"},"name":{"kind":"Name","value":"limit"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"PhotoRejected"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"rejection"},"name":{"kind":"Name","value":"reason"}}]}}]}}]} as unknown as DocumentNode<ActivateOperatorMutation, ActivateOperatorMutationVariables>;
export const DeactivateOperatorDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"DeactivateOperator"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"DeactivateOperatorInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"deactivateOperator"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"operator"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"isActive"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"UserErrorFields"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"UserErrorFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"UserError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"path"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"InvalidInput"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"invalid"},"name":{"kind":"Name","value":"reason"}},{"kind":"Field","alias":{"kind":"Name","value":"most"},"name":{"kind":"Name","value":"limit"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"WeakPassword"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"weaknesses"},"name":{"kind":"Name","value":"reasons"}},{"kind":"Field","name":{"kind":"Name","value":"minimumLength"}},{"kind":"Field","name":{"kind":"Name","value":"suggestions"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"TooManyAttempts"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"retryAfterSeconds"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"SeatLimitReached"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"seats"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"used"}},{"kind":"Field","name":{"kind":"Name","value":"limit"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"TooManyActiveOperators"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"active"}},{"kind":"Field","alias":{"kind":"Name","value":"seatLimit"},"name":{"kind":"Name","value":"limit"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"PhotoRejected"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"rejection"},"name":{"kind":"Name","value":"reason"}}]}}]}}]} as unknown as DocumentNode<DeactivateOperatorMutation, DeactivateOperatorMutationVariables>;
export const SeatsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Seats"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"account"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"seats"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"used"}},{"kind":"Field","name":{"kind":"Name","value":"limit"}},{"kind":"Field","name":{"kind":"Name","value":"free"}}]}}]}}]}}]} as unknown as DocumentNode<SeatsQuery, SeatsQueryVariables>;
export const AddOperatorDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"AddOperator"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"AddOperatorInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"addOperator"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"operator"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"email"}},{"kind":"Field","name":{"kind":"Name","value":"isActive"}},{"kind":"Field","name":{"kind":"Name","value":"isInvited"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"UserErrorFields"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"UserErrorFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"UserError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"path"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"InvalidInput"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"invalid"},"name":{"kind":"Name","value":"reason"}},{"kind":"Field","alias":{"kind":"Name","value":"most"},"name":{"kind":"Name","value":"limit"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"WeakPassword"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"weaknesses"},"name":{"kind":"Name","value":"reasons"}},{"kind":"Field","name":{"kind":"Name","value":"minimumLength"}},{"kind":"Field","name":{"kind":"Name","value":"suggestions"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"TooManyAttempts"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"retryAfterSeconds"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"SeatLimitReached"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"seats"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"used"}},{"kind":"Field","name":{"kind":"Name","value":"limit"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"TooManyActiveOperators"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"active"}},{"kind":"Field","alias":{"kind":"Name","value":"seatLimit"},"name":{"kind":"Name","value":"limit"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"PhotoRejected"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"rejection"},"name":{"kind":"Name","value":"reason"}}]}}]}}]} as unknown as DocumentNode<AddOperatorMutation, AddOperatorMutationVariables>;
export const RequestAddressConfirmationDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"RequestAddressConfirmation"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"RequestAddressConfirmationInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"requestAddressConfirmation"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"operator"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"UserErrorFields"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"UserErrorFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"UserError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"path"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"InvalidInput"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"invalid"},"name":{"kind":"Name","value":"reason"}},{"kind":"Field","alias":{"kind":"Name","value":"most"},"name":{"kind":"Name","value":"limit"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"WeakPassword"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"weaknesses"},"name":{"kind":"Name","value":"reasons"}},{"kind":"Field","name":{"kind":"Name","value":"minimumLength"}},{"kind":"Field","name":{"kind":"Name","value":"suggestions"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"TooManyAttempts"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"retryAfterSeconds"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"SeatLimitReached"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"seats"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"used"}},{"kind":"Field","name":{"kind":"Name","value":"limit"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"TooManyActiveOperators"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"active"}},{"kind":"Field","alias":{"kind":"Name","value":"seatLimit"},"name":{"kind":"Name","value":"limit"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"PhotoRejected"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"rejection"},"name":{"kind":"Name","value":"reason"}}]}}]}}]} as unknown as DocumentNode<RequestAddressConfirmationMutation, RequestAddressConfirmationMutationVariables>;
export const InviteOperatorDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"InviteOperator"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"InviteOperatorInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"inviteOperator"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"operator"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"isInvited"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"UserErrorFields"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"UserErrorFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"UserError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"path"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"InvalidInput"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"invalid"},"name":{"kind":"Name","value":"reason"}},{"kind":"Field","alias":{"kind":"Name","value":"most"},"name":{"kind":"Name","value":"limit"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"WeakPassword"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"weaknesses"},"name":{"kind":"Name","value":"reasons"}},{"kind":"Field","name":{"kind":"Name","value":"minimumLength"}},{"kind":"Field","name":{"kind":"Name","value":"suggestions"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"TooManyAttempts"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"retryAfterSeconds"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"SeatLimitReached"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"seats"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"used"}},{"kind":"Field","name":{"kind":"Name","value":"limit"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"TooManyActiveOperators"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"active"}},{"kind":"Field","alias":{"kind":"Name","value":"seatLimit"},"name":{"kind":"Name","value":"limit"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"PhotoRejected"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"rejection"},"name":{"kind":"Name","value":"reason"}}]}}]}}]} as unknown as DocumentNode<InviteOperatorMutation, InviteOperatorMutationVariables>;
export const OperatorListDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"OperatorList"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"last"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"before"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"isActive"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Boolean"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"search"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"account"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"OperatorListFields"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"OperatorRowFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Operator"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"publicName"}},{"kind":"Field","name":{"kind":"Name","value":"email"}},{"kind":"Field","name":{"kind":"Name","value":"lostEmail"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"email"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"lostAt"}}]}},{"kind":"Field","name":{"kind":"Name","value":"accessLevel"}},{"kind":"Field","name":{"kind":"Name","value":"isOwner"}},{"kind":"Field","name":{"kind":"Name","value":"isInvited"}},{"kind":"Field","name":{"kind":"Name","value":"invitation"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"sentAt"}},{"kind":"Field","name":{"kind":"Name","value":"failure"}}]}},{"kind":"Field","name":{"kind":"Name","value":"isActive"}},{"kind":"Field","name":{"kind":"Name","value":"photo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"url"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"size"},"value":{"kind":"IntValue","value":"128"}}]}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"OperatorListFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Account"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"seats"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"used"}},{"kind":"Field","name":{"kind":"Name","value":"limit"}},{"kind":"Field","name":{"kind":"Name","value":"free"}}]}},{"kind":"Field","name":{"kind":"Name","value":"operators"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}},{"kind":"Argument","name":{"kind":"Name","value":"last"},"value":{"kind":"Variable","name":{"kind":"Name","value":"last"}}},{"kind":"Argument","name":{"kind":"Name","value":"before"},"value":{"kind":"Variable","name":{"kind":"Name","value":"before"}}},{"kind":"Argument","name":{"kind":"Name","value":"isActive"},"value":{"kind":"Variable","name":{"kind":"Name","value":"isActive"}}},{"kind":"Argument","name":{"kind":"Name","value":"search"},"value":{"kind":"Variable","name":{"kind":"Name","value":"search"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"OperatorRowFields"}}]}},{"kind":"Field","name":{"kind":"Name","value":"totalCount"}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"hasPreviousPage"}},{"kind":"Field","name":{"kind":"Name","value":"startCursor"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}}]}}]}}]} as unknown as DocumentNode<OperatorListQuery, OperatorListQueryVariables>;
export const OperatorListChangesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"OperatorListChanges"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"last"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"before"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"isActive"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Boolean"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"search"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"account"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"OperatorListFields"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"OperatorRowFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Operator"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"publicName"}},{"kind":"Field","name":{"kind":"Name","value":"email"}},{"kind":"Field","name":{"kind":"Name","value":"lostEmail"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"email"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"lostAt"}}]}},{"kind":"Field","name":{"kind":"Name","value":"accessLevel"}},{"kind":"Field","name":{"kind":"Name","value":"isOwner"}},{"kind":"Field","name":{"kind":"Name","value":"isInvited"}},{"kind":"Field","name":{"kind":"Name","value":"invitation"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"sentAt"}},{"kind":"Field","name":{"kind":"Name","value":"failure"}}]}},{"kind":"Field","name":{"kind":"Name","value":"isActive"}},{"kind":"Field","name":{"kind":"Name","value":"photo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"url"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"size"},"value":{"kind":"IntValue","value":"128"}}]}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"OperatorListFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Account"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"seats"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"used"}},{"kind":"Field","name":{"kind":"Name","value":"limit"}},{"kind":"Field","name":{"kind":"Name","value":"free"}}]}},{"kind":"Field","name":{"kind":"Name","value":"operators"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}},{"kind":"Argument","name":{"kind":"Name","value":"last"},"value":{"kind":"Variable","name":{"kind":"Name","value":"last"}}},{"kind":"Argument","name":{"kind":"Name","value":"before"},"value":{"kind":"Variable","name":{"kind":"Name","value":"before"}}},{"kind":"Argument","name":{"kind":"Name","value":"isActive"},"value":{"kind":"Variable","name":{"kind":"Name","value":"isActive"}}},{"kind":"Argument","name":{"kind":"Name","value":"search"},"value":{"kind":"Variable","name":{"kind":"Name","value":"search"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"OperatorRowFields"}}]}},{"kind":"Field","name":{"kind":"Name","value":"totalCount"}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"hasPreviousPage"}},{"kind":"Field","name":{"kind":"Name","value":"startCursor"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}}]}}]}}]} as unknown as DocumentNode<OperatorListChangesSubscription, OperatorListChangesSubscriptionVariables>;
export const UpdateOperatorDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"UpdateOperator"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"UpdateOperatorInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"updateOperator"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"operator"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"OperatorProfile"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"UserErrorFields"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"OperatorProfile"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Operator"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"accessLevel"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"publicName"}},{"kind":"Field","name":{"kind":"Name","value":"email"}},{"kind":"Field","name":{"kind":"Name","value":"pendingEmail"}},{"kind":"Field","name":{"kind":"Name","value":"lostEmail"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"email"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"lostAt"}}]}},{"kind":"Field","name":{"kind":"Name","value":"description"}},{"kind":"Field","name":{"kind":"Name","value":"photo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"url"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"size"},"value":{"kind":"IntValue","value":"256"}}]}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"UserErrorFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"UserError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"path"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"InvalidInput"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"invalid"},"name":{"kind":"Name","value":"reason"}},{"kind":"Field","alias":{"kind":"Name","value":"most"},"name":{"kind":"Name","value":"limit"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"WeakPassword"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"weaknesses"},"name":{"kind":"Name","value":"reasons"}},{"kind":"Field","name":{"kind":"Name","value":"minimumLength"}},{"kind":"Field","name":{"kind":"Name","value":"suggestions"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"TooManyAttempts"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"retryAfterSeconds"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"SeatLimitReached"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"seats"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"used"}},{"kind":"Field","name":{"kind":"Name","value":"limit"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"TooManyActiveOperators"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"active"}},{"kind":"Field","alias":{"kind":"Name","value":"seatLimit"},"name":{"kind":"Name","value":"limit"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"PhotoRejected"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"rejection"},"name":{"kind":"Name","value":"reason"}}]}}]}}]} as unknown as DocumentNode<UpdateOperatorMutation, UpdateOperatorMutationVariables>;
export const ChangeAccessLevelDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"ChangeAccessLevel"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ChangeAccessLevelInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"changeAccessLevel"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"operator"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"accessLevel"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"UserErrorFields"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"UserErrorFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"UserError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"path"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"InvalidInput"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"invalid"},"name":{"kind":"Name","value":"reason"}},{"kind":"Field","alias":{"kind":"Name","value":"most"},"name":{"kind":"Name","value":"limit"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"WeakPassword"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"weaknesses"},"name":{"kind":"Name","value":"reasons"}},{"kind":"Field","name":{"kind":"Name","value":"minimumLength"}},{"kind":"Field","name":{"kind":"Name","value":"suggestions"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"TooManyAttempts"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"retryAfterSeconds"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"SeatLimitReached"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"seats"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"used"}},{"kind":"Field","name":{"kind":"Name","value":"limit"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"TooManyActiveOperators"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"active"}},{"kind":"Field","alias":{"kind":"Name","value":"seatLimit"},"name":{"kind":"Name","value":"limit"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"PhotoRejected"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"rejection"},"name":{"kind":"Name","value":"reason"}}]}}]}}]} as unknown as DocumentNode<ChangeAccessLevelMutation, ChangeAccessLevelMutationVariables>;
export const SetOperatorPhotoDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"SetOperatorPhoto"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"SetOperatorPhotoInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"setOperatorPhoto"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"operator"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"OperatorProfile"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"UserErrorFields"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"OperatorProfile"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Operator"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"accessLevel"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"publicName"}},{"kind":"Field","name":{"kind":"Name","value":"email"}},{"kind":"Field","name":{"kind":"Name","value":"pendingEmail"}},{"kind":"Field","name":{"kind":"Name","value":"lostEmail"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"email"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"lostAt"}}]}},{"kind":"Field","name":{"kind":"Name","value":"description"}},{"kind":"Field","name":{"kind":"Name","value":"photo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"url"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"size"},"value":{"kind":"IntValue","value":"256"}}]}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"UserErrorFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"UserError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"path"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"InvalidInput"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"invalid"},"name":{"kind":"Name","value":"reason"}},{"kind":"Field","alias":{"kind":"Name","value":"most"},"name":{"kind":"Name","value":"limit"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"WeakPassword"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"weaknesses"},"name":{"kind":"Name","value":"reasons"}},{"kind":"Field","name":{"kind":"Name","value":"minimumLength"}},{"kind":"Field","name":{"kind":"Name","value":"suggestions"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"TooManyAttempts"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"retryAfterSeconds"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"SeatLimitReached"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"seats"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"used"}},{"kind":"Field","name":{"kind":"Name","value":"limit"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"TooManyActiveOperators"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"active"}},{"kind":"Field","alias":{"kind":"Name","value":"seatLimit"},"name":{"kind":"Name","value":"limit"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"PhotoRejected"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"rejection"},"name":{"kind":"Name","value":"reason"}}]}}]}}]} as unknown as DocumentNode<SetOperatorPhotoMutation, SetOperatorPhotoMutationVariables>;
export const RemoveOperatorPhotoDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"RemoveOperatorPhoto"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"RemoveOperatorPhotoInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"removeOperatorPhoto"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"operator"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"OperatorProfile"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"UserErrorFields"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"OperatorProfile"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Operator"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"accessLevel"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"publicName"}},{"kind":"Field","name":{"kind":"Name","value":"email"}},{"kind":"Field","name":{"kind":"Name","value":"pendingEmail"}},{"kind":"Field","name":{"kind":"Name","value":"lostEmail"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"email"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"lostAt"}}]}},{"kind":"Field","name":{"kind":"Name","value":"description"}},{"kind":"Field","name":{"kind":"Name","value":"photo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"url"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"size"},"value":{"kind":"IntValue","value":"256"}}]}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"UserErrorFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"UserError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"path"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"InvalidInput"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"invalid"},"name":{"kind":"Name","value":"reason"}},{"kind":"Field","alias":{"kind":"Name","value":"most"},"name":{"kind":"Name","value":"limit"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"WeakPassword"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"weaknesses"},"name":{"kind":"Name","value":"reasons"}},{"kind":"Field","name":{"kind":"Name","value":"minimumLength"}},{"kind":"Field","name":{"kind":"Name","value":"suggestions"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"TooManyAttempts"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"retryAfterSeconds"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"SeatLimitReached"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"seats"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"used"}},{"kind":"Field","name":{"kind":"Name","value":"limit"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"TooManyActiveOperators"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"active"}},{"kind":"Field","alias":{"kind":"Name","value":"seatLimit"},"name":{"kind":"Name","value":"limit"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"PhotoRejected"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"rejection"},"name":{"kind":"Name","value":"reason"}}]}}]}}]} as unknown as DocumentNode<RemoveOperatorPhotoMutation, RemoveOperatorPhotoMutationVariables>;
export const ChangePlanDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"ChangePlan"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ChangePlanInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"changePlan"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"account"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"PlanAccountFields"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"UserErrorFields"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"SeatHolderFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Operator"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"isOwner"}},{"kind":"Field","name":{"kind":"Name","value":"photo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"url"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"size"},"value":{"kind":"IntValue","value":"128"}}]}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"PlanAccountFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Account"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"plan"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}}]}},{"kind":"Field","name":{"kind":"Name","value":"seats"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"used"}},{"kind":"Field","name":{"kind":"Name","value":"limit"}},{"kind":"Field","name":{"kind":"Name","value":"free"}}]}},{"kind":"Field","alias":{"kind":"Name","value":"active"},"name":{"kind":"Name","value":"operators"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"100"}},{"kind":"Argument","name":{"kind":"Name","value":"isActive"},"value":{"kind":"BooleanValue","value":true}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"SeatHolderFields"}}]}},{"kind":"Field","name":{"kind":"Name","value":"totalCount"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"UserErrorFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"UserError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"path"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"InvalidInput"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"invalid"},"name":{"kind":"Name","value":"reason"}},{"kind":"Field","alias":{"kind":"Name","value":"most"},"name":{"kind":"Name","value":"limit"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"WeakPassword"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"weaknesses"},"name":{"kind":"Name","value":"reasons"}},{"kind":"Field","name":{"kind":"Name","value":"minimumLength"}},{"kind":"Field","name":{"kind":"Name","value":"suggestions"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"TooManyAttempts"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"retryAfterSeconds"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"SeatLimitReached"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"seats"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"used"}},{"kind":"Field","name":{"kind":"Name","value":"limit"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"TooManyActiveOperators"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"active"}},{"kind":"Field","alias":{"kind":"Name","value":"seatLimit"},"name":{"kind":"Name","value":"limit"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"PhotoRejected"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"rejection"},"name":{"kind":"Name","value":"reason"}}]}}]}}]} as unknown as DocumentNode<ChangePlanMutation, ChangePlanMutationVariables>;
export const PlanPageDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"PlanPage"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"plans"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"OfferFields"}}]}},{"kind":"Field","name":{"kind":"Name","value":"account"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"PlanAccountFields"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"SeatHolderFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Operator"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"isOwner"}},{"kind":"Field","name":{"kind":"Name","value":"photo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"url"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"size"},"value":{"kind":"IntValue","value":"128"}}]}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"OfferFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Plan"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"seatLimit"}},{"kind":"Field","name":{"kind":"Name","value":"seatMinimum"}},{"kind":"Field","name":{"kind":"Name","value":"seatsAreBought"}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"PlanAccountFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Account"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"plan"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}}]}},{"kind":"Field","name":{"kind":"Name","value":"seats"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"used"}},{"kind":"Field","name":{"kind":"Name","value":"limit"}},{"kind":"Field","name":{"kind":"Name","value":"free"}}]}},{"kind":"Field","alias":{"kind":"Name","value":"active"},"name":{"kind":"Name","value":"operators"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"100"}},{"kind":"Argument","name":{"kind":"Name","value":"isActive"},"value":{"kind":"BooleanValue","value":true}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"SeatHolderFields"}}]}},{"kind":"Field","name":{"kind":"Name","value":"totalCount"}}]}}]}}]} as unknown as DocumentNode<PlanPageQuery, PlanPageQueryVariables>;
export const PlanPageChangesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"PlanPageChanges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"account"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"PlanAccountFields"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"SeatHolderFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Operator"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"isOwner"}},{"kind":"Field","name":{"kind":"Name","value":"photo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"url"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"size"},"value":{"kind":"IntValue","value":"128"}}]}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"PlanAccountFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Account"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"plan"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}}]}},{"kind":"Field","name":{"kind":"Name","value":"seats"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"used"}},{"kind":"Field","name":{"kind":"Name","value":"limit"}},{"kind":"Field","name":{"kind":"Name","value":"free"}}]}},{"kind":"Field","alias":{"kind":"Name","value":"active"},"name":{"kind":"Name","value":"operators"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"100"}},{"kind":"Argument","name":{"kind":"Name","value":"isActive"},"value":{"kind":"BooleanValue","value":true}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"SeatHolderFields"}}]}},{"kind":"Field","name":{"kind":"Name","value":"totalCount"}}]}}]}}]} as unknown as DocumentNode<PlanPageChangesSubscription, PlanPageChangesSubscriptionVariables>;
export const ChangePasswordDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"ChangePassword"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ChangePasswordInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"changePassword"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"viewer"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"UserErrorFields"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"UserErrorFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"UserError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"path"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"InvalidInput"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"invalid"},"name":{"kind":"Name","value":"reason"}},{"kind":"Field","alias":{"kind":"Name","value":"most"},"name":{"kind":"Name","value":"limit"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"WeakPassword"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"weaknesses"},"name":{"kind":"Name","value":"reasons"}},{"kind":"Field","name":{"kind":"Name","value":"minimumLength"}},{"kind":"Field","name":{"kind":"Name","value":"suggestions"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"TooManyAttempts"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"retryAfterSeconds"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"SeatLimitReached"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"seats"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"used"}},{"kind":"Field","name":{"kind":"Name","value":"limit"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"TooManyActiveOperators"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"active"}},{"kind":"Field","alias":{"kind":"Name","value":"seatLimit"},"name":{"kind":"Name","value":"limit"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"PhotoRejected"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"rejection"},"name":{"kind":"Name","value":"reason"}}]}}]}}]} as unknown as DocumentNode<ChangePasswordMutation, ChangePasswordMutationVariables>;
export const ProfilePageDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"ProfilePage"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"viewer"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"OperatorProfile"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"OperatorProfile"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Operator"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"accessLevel"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"publicName"}},{"kind":"Field","name":{"kind":"Name","value":"email"}},{"kind":"Field","name":{"kind":"Name","value":"pendingEmail"}},{"kind":"Field","name":{"kind":"Name","value":"lostEmail"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"email"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"lostAt"}}]}},{"kind":"Field","name":{"kind":"Name","value":"description"}},{"kind":"Field","name":{"kind":"Name","value":"photo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"url"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"size"},"value":{"kind":"IntValue","value":"256"}}]}]}}]}}]} as unknown as DocumentNode<ProfilePageQuery, ProfilePageQueryVariables>;
export const ProfilePageChangesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"ProfilePageChanges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"viewer"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"OperatorProfile"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"OperatorProfile"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Operator"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"accessLevel"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"publicName"}},{"kind":"Field","name":{"kind":"Name","value":"email"}},{"kind":"Field","name":{"kind":"Name","value":"pendingEmail"}},{"kind":"Field","name":{"kind":"Name","value":"lostEmail"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"email"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"lostAt"}}]}},{"kind":"Field","name":{"kind":"Name","value":"description"}},{"kind":"Field","name":{"kind":"Name","value":"photo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"url"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"size"},"value":{"kind":"IntValue","value":"256"}}]}]}}]}}]} as unknown as DocumentNode<ProfilePageChangesSubscription, ProfilePageChangesSubscriptionVariables>;
export const WelcomePageDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"WelcomePage"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"viewer"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"OperatorProfile"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"OperatorProfile"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Operator"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"accessLevel"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"publicName"}},{"kind":"Field","name":{"kind":"Name","value":"email"}},{"kind":"Field","name":{"kind":"Name","value":"pendingEmail"}},{"kind":"Field","name":{"kind":"Name","value":"lostEmail"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"email"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"lostAt"}}]}},{"kind":"Field","name":{"kind":"Name","value":"description"}},{"kind":"Field","name":{"kind":"Name","value":"photo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"url"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"size"},"value":{"kind":"IntValue","value":"256"}}]}]}}]}}]} as unknown as DocumentNode<WelcomePageQuery, WelcomePageQueryVariables>;
export const SignOutDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"SignOut"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"signOut"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"signedOut"}}]}}]}}]} as unknown as DocumentNode<SignOutMutation, SignOutMutationVariables>;
export const InvitationLinkDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"InvitationLink"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"token"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"invitationLink"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"token"},"value":{"kind":"Variable","name":{"kind":"Name","value":"token"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"link"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"MailedLinkFields"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"MailedLinkFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"MailedLink"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"effect"}},{"kind":"Field","name":{"kind":"Name","value":"accountName"}},{"kind":"Field","name":{"kind":"Name","value":"operatorName"}},{"kind":"Field","name":{"kind":"Name","value":"inviterName"}},{"kind":"Field","name":{"kind":"Name","value":"email"}},{"kind":"Field","name":{"kind":"Name","value":"isNewPasswordNeeded"}},{"kind":"Field","name":{"kind":"Name","value":"isReleasable"}},{"kind":"Field","name":{"kind":"Name","value":"isEmailTaken"}},{"kind":"Field","name":{"kind":"Name","value":"isEmailMoved"}}]}}]} as unknown as DocumentNode<InvitationLinkQuery, InvitationLinkQueryVariables>;
export const AcceptInvitationDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"AcceptInvitation"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"RecoverPasswordInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"recoverPassword"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"viewer"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"ViewerFields"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"UserErrorFields"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"ViewerFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Operator"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"publicName"}},{"kind":"Field","name":{"kind":"Name","value":"email"}},{"kind":"Field","name":{"kind":"Name","value":"isEmailConfirmationDue"}},{"kind":"Field","name":{"kind":"Name","value":"accessLevel"}},{"kind":"Field","name":{"kind":"Name","value":"isOwner"}},{"kind":"Field","name":{"kind":"Name","value":"isActive"}},{"kind":"Field","name":{"kind":"Name","value":"photo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"url"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"size"},"value":{"kind":"IntValue","value":"128"}}]}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"UserErrorFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"UserError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"path"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"InvalidInput"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"invalid"},"name":{"kind":"Name","value":"reason"}},{"kind":"Field","alias":{"kind":"Name","value":"most"},"name":{"kind":"Name","value":"limit"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"WeakPassword"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"weaknesses"},"name":{"kind":"Name","value":"reasons"}},{"kind":"Field","name":{"kind":"Name","value":"minimumLength"}},{"kind":"Field","name":{"kind":"Name","value":"suggestions"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"TooManyAttempts"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"retryAfterSeconds"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"SeatLimitReached"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"seats"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"used"}},{"kind":"Field","name":{"kind":"Name","value":"limit"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"TooManyActiveOperators"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"active"}},{"kind":"Field","alias":{"kind":"Name","value":"seatLimit"},"name":{"kind":"Name","value":"limit"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"PhotoRejected"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"rejection"},"name":{"kind":"Name","value":"reason"}}]}}]}}]} as unknown as DocumentNode<AcceptInvitationMutation, AcceptInvitationMutationVariables>;
export const RenewInvitationDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"RenewInvitation"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"RenewInvitationInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"renewInvitation"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"UserErrorFields"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"UserErrorFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"UserError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"path"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"InvalidInput"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"invalid"},"name":{"kind":"Name","value":"reason"}},{"kind":"Field","alias":{"kind":"Name","value":"most"},"name":{"kind":"Name","value":"limit"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"WeakPassword"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"weaknesses"},"name":{"kind":"Name","value":"reasons"}},{"kind":"Field","name":{"kind":"Name","value":"minimumLength"}},{"kind":"Field","name":{"kind":"Name","value":"suggestions"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"TooManyAttempts"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"retryAfterSeconds"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"SeatLimitReached"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"seats"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"used"}},{"kind":"Field","name":{"kind":"Name","value":"limit"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"TooManyActiveOperators"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"active"}},{"kind":"Field","alias":{"kind":"Name","value":"seatLimit"},"name":{"kind":"Name","value":"limit"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"PhotoRejected"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"rejection"},"name":{"kind":"Name","value":"reason"}}]}}]}}]} as unknown as DocumentNode<RenewInvitationMutation, RenewInvitationMutationVariables>;
export const ConfirmAddressDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"ConfirmAddress"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ConfirmAddressInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"confirmAddress"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"operator"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"email"}},{"kind":"Field","name":{"kind":"Name","value":"pendingEmail"}},{"kind":"Field","name":{"kind":"Name","value":"isEmailConfirmed"}},{"kind":"Field","name":{"kind":"Name","value":"isEmailConfirmationDue"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"UserErrorFields"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"UserErrorFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"UserError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"path"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"InvalidInput"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"invalid"},"name":{"kind":"Name","value":"reason"}},{"kind":"Field","alias":{"kind":"Name","value":"most"},"name":{"kind":"Name","value":"limit"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"WeakPassword"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"weaknesses"},"name":{"kind":"Name","value":"reasons"}},{"kind":"Field","name":{"kind":"Name","value":"minimumLength"}},{"kind":"Field","name":{"kind":"Name","value":"suggestions"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"TooManyAttempts"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"retryAfterSeconds"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"SeatLimitReached"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"seats"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"used"}},{"kind":"Field","name":{"kind":"Name","value":"limit"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"TooManyActiveOperators"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"active"}},{"kind":"Field","alias":{"kind":"Name","value":"seatLimit"},"name":{"kind":"Name","value":"limit"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"PhotoRejected"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"rejection"},"name":{"kind":"Name","value":"reason"}}]}}]}}]} as unknown as DocumentNode<ConfirmAddressMutation, ConfirmAddressMutationVariables>;
export const RestoreAddressDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"RestoreAddress"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"RestoreAddressInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"restoreAddress"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"operator"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"UserErrorFields"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"UserErrorFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"UserError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"path"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"InvalidInput"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"invalid"},"name":{"kind":"Name","value":"reason"}},{"kind":"Field","alias":{"kind":"Name","value":"most"},"name":{"kind":"Name","value":"limit"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"WeakPassword"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"weaknesses"},"name":{"kind":"Name","value":"reasons"}},{"kind":"Field","name":{"kind":"Name","value":"minimumLength"}},{"kind":"Field","name":{"kind":"Name","value":"suggestions"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"TooManyAttempts"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"retryAfterSeconds"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"SeatLimitReached"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"seats"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"used"}},{"kind":"Field","name":{"kind":"Name","value":"limit"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"TooManyActiveOperators"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"active"}},{"kind":"Field","alias":{"kind":"Name","value":"seatLimit"},"name":{"kind":"Name","value":"limit"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"PhotoRejected"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"rejection"},"name":{"kind":"Name","value":"reason"}}]}}]}}]} as unknown as DocumentNode<RestoreAddressMutation, RestoreAddressMutationVariables>;
export const RecoverPasswordDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"RecoverPassword"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"RecoverPasswordInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"recoverPassword"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"viewer"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"UserErrorFields"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"UserErrorFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"UserError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"path"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"InvalidInput"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"invalid"},"name":{"kind":"Name","value":"reason"}},{"kind":"Field","alias":{"kind":"Name","value":"most"},"name":{"kind":"Name","value":"limit"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"WeakPassword"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"weaknesses"},"name":{"kind":"Name","value":"reasons"}},{"kind":"Field","name":{"kind":"Name","value":"minimumLength"}},{"kind":"Field","name":{"kind":"Name","value":"suggestions"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"TooManyAttempts"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"retryAfterSeconds"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"SeatLimitReached"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"seats"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"used"}},{"kind":"Field","name":{"kind":"Name","value":"limit"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"TooManyActiveOperators"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"active"}},{"kind":"Field","alias":{"kind":"Name","value":"seatLimit"},"name":{"kind":"Name","value":"limit"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"PhotoRejected"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"rejection"},"name":{"kind":"Name","value":"reason"}}]}}]}}]} as unknown as DocumentNode<RecoverPasswordMutation, RecoverPasswordMutationVariables>;
export const RequestPasswordRecoveryDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"RequestPasswordRecovery"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"RequestPasswordRecoveryInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"requestPasswordRecovery"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"UserErrorFields"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"UserErrorFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"UserError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"path"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"InvalidInput"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"invalid"},"name":{"kind":"Name","value":"reason"}},{"kind":"Field","alias":{"kind":"Name","value":"most"},"name":{"kind":"Name","value":"limit"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"WeakPassword"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"weaknesses"},"name":{"kind":"Name","value":"reasons"}},{"kind":"Field","name":{"kind":"Name","value":"minimumLength"}},{"kind":"Field","name":{"kind":"Name","value":"suggestions"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"TooManyAttempts"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"retryAfterSeconds"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"SeatLimitReached"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"seats"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"used"}},{"kind":"Field","name":{"kind":"Name","value":"limit"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"TooManyActiveOperators"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"active"}},{"kind":"Field","alias":{"kind":"Name","value":"seatLimit"},"name":{"kind":"Name","value":"limit"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"PhotoRejected"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"rejection"},"name":{"kind":"Name","value":"reason"}}]}}]}}]} as unknown as DocumentNode<RequestPasswordRecoveryMutation, RequestPasswordRecoveryMutationVariables>;
export const PasswordRulesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"PasswordRules"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"server"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"passwordMinLength"}}]}}]}}]} as unknown as DocumentNode<PasswordRulesQuery, PasswordRulesQueryVariables>;
export const SignInDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"SignIn"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"SignInInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"signIn"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"viewer"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"ViewerFields"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"UserErrorFields"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"ViewerFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Operator"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"publicName"}},{"kind":"Field","name":{"kind":"Name","value":"email"}},{"kind":"Field","name":{"kind":"Name","value":"isEmailConfirmationDue"}},{"kind":"Field","name":{"kind":"Name","value":"accessLevel"}},{"kind":"Field","name":{"kind":"Name","value":"isOwner"}},{"kind":"Field","name":{"kind":"Name","value":"isActive"}},{"kind":"Field","name":{"kind":"Name","value":"photo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"url"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"size"},"value":{"kind":"IntValue","value":"128"}}]}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"UserErrorFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"UserError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"path"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"InvalidInput"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"invalid"},"name":{"kind":"Name","value":"reason"}},{"kind":"Field","alias":{"kind":"Name","value":"most"},"name":{"kind":"Name","value":"limit"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"WeakPassword"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"weaknesses"},"name":{"kind":"Name","value":"reasons"}},{"kind":"Field","name":{"kind":"Name","value":"minimumLength"}},{"kind":"Field","name":{"kind":"Name","value":"suggestions"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"TooManyAttempts"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"retryAfterSeconds"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"SeatLimitReached"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"seats"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"used"}},{"kind":"Field","name":{"kind":"Name","value":"limit"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"TooManyActiveOperators"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"active"}},{"kind":"Field","alias":{"kind":"Name","value":"seatLimit"},"name":{"kind":"Name","value":"limit"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"PhotoRejected"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"rejection"},"name":{"kind":"Name","value":"reason"}}]}}]}}]} as unknown as DocumentNode<SignInMutation, SignInMutationVariables>;
export const SignUpDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"SignUp"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"SignUpInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"signUp"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"viewer"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"ViewerFields"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"UserErrorFields"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"ViewerFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Operator"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"publicName"}},{"kind":"Field","name":{"kind":"Name","value":"email"}},{"kind":"Field","name":{"kind":"Name","value":"isEmailConfirmationDue"}},{"kind":"Field","name":{"kind":"Name","value":"accessLevel"}},{"kind":"Field","name":{"kind":"Name","value":"isOwner"}},{"kind":"Field","name":{"kind":"Name","value":"isActive"}},{"kind":"Field","name":{"kind":"Name","value":"photo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"url"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"size"},"value":{"kind":"IntValue","value":"128"}}]}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"UserErrorFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"UserError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"path"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"InvalidInput"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"invalid"},"name":{"kind":"Name","value":"reason"}},{"kind":"Field","alias":{"kind":"Name","value":"most"},"name":{"kind":"Name","value":"limit"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"WeakPassword"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"weaknesses"},"name":{"kind":"Name","value":"reasons"}},{"kind":"Field","name":{"kind":"Name","value":"minimumLength"}},{"kind":"Field","name":{"kind":"Name","value":"suggestions"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"TooManyAttempts"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"retryAfterSeconds"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"SeatLimitReached"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"seats"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"used"}},{"kind":"Field","name":{"kind":"Name","value":"limit"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"TooManyActiveOperators"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"active"}},{"kind":"Field","alias":{"kind":"Name","value":"seatLimit"},"name":{"kind":"Name","value":"limit"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"PhotoRejected"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"rejection"},"name":{"kind":"Name","value":"reason"}}]}}]}}]} as unknown as DocumentNode<SignUpMutation, SignUpMutationVariables>;
export const MailedLinkDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"MailedLink"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"token"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"mailedLink"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"token"},"value":{"kind":"Variable","name":{"kind":"Name","value":"token"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"MailedLinkFields"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"MailedLinkFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"MailedLink"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"effect"}},{"kind":"Field","name":{"kind":"Name","value":"accountName"}},{"kind":"Field","name":{"kind":"Name","value":"operatorName"}},{"kind":"Field","name":{"kind":"Name","value":"inviterName"}},{"kind":"Field","name":{"kind":"Name","value":"email"}},{"kind":"Field","name":{"kind":"Name","value":"isNewPasswordNeeded"}},{"kind":"Field","name":{"kind":"Name","value":"isReleasable"}},{"kind":"Field","name":{"kind":"Name","value":"isEmailTaken"}},{"kind":"Field","name":{"kind":"Name","value":"isEmailMoved"}}]}}]} as unknown as DocumentNode<MailedLinkQuery, MailedLinkQueryVariables>;
export const ReleaseAddressDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"ReleaseAddress"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ReleaseAddressInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"releaseAddress"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"releasedEmail"}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"UserErrorFields"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"UserErrorFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"UserError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"path"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"InvalidInput"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"invalid"},"name":{"kind":"Name","value":"reason"}},{"kind":"Field","alias":{"kind":"Name","value":"most"},"name":{"kind":"Name","value":"limit"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"WeakPassword"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"weaknesses"},"name":{"kind":"Name","value":"reasons"}},{"kind":"Field","name":{"kind":"Name","value":"minimumLength"}},{"kind":"Field","name":{"kind":"Name","value":"suggestions"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"TooManyAttempts"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"retryAfterSeconds"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"SeatLimitReached"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"seats"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"used"}},{"kind":"Field","name":{"kind":"Name","value":"limit"}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"TooManyActiveOperators"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"active"}},{"kind":"Field","alias":{"kind":"Name","value":"seatLimit"},"name":{"kind":"Name","value":"limit"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"PhotoRejected"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"rejection"},"name":{"kind":"Name","value":"reason"}}]}}]}}]} as unknown as DocumentNode<ReleaseAddressMutation, ReleaseAddressMutationVariables>;
export const ServerInfoDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"ServerInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"server"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"isSignUpOpen"}},{"kind":"Field","name":{"kind":"Name","value":"hasAccount"}},{"kind":"Field","name":{"kind":"Name","value":"publicUrl"}}]}}]}}]} as unknown as DocumentNode<ServerInfoQuery, ServerInfoQueryVariables>;
export const SnippetDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Snippet"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"server"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"publicUrl"}}]}},{"kind":"Field","name":{"kind":"Name","value":"account"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"widgetKey"}}]}}]}}]} as unknown as DocumentNode<SnippetQuery, SnippetQueryVariables>;
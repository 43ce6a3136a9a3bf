//! The identity of the caller, what each kind of identity may do, and the proofs of it.
//!
//! Anonymous callers and visitors have no permission. The table below is the only place that
//! defines what an operator may do, by access level. It does not contain whether an operator is
//! active: that is a condition of some rules, which check it under the account's lock and refuse
//! with a reason. Rules require a [`Granted`] of the permission that they need, and guards call
//! [`Identity::may`]; both use the table.

use std::{marker::PhantomData, net::IpAddr};

use edge::{Reach, ledger::Who};
use entity::{AccountId, OperatorId, SessionId, TokenKey, operator::AccessLevel};
use sha2::{Digest as _, Sha256};

use super::token;
use crate::{error::Denied, input::debug_hides};

/// Who the caller is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Identity {
    #[default]
    Anonymous,
    /// A visitor of a website, by a token. The visitor need not have written yet.
    Visitor(Visitor),
    Operator(SignedIn),
}

impl edge::Identity for Identity {
    type Session = SignedIn;

    fn session(&self) -> Option<&SignedIn> {
        self.signed_in()
    }

    /// An operator's token acts for an account, so it counts only where our own pages could have
    /// sent it. A visitor's token is made by a widget, which runs on pages of customers.
    fn reach(token: &str) -> Reach {
        if token::has_form(token, token::VISITOR) { Reach::EveryPage } else { Reach::AllowedOrigins }
    }

    fn who(&self, client: IpAddr) -> Who {
        self.signed_in().map_or_else(|| Who::client(client), |signed_in| Who::account(signed_in.account_id.0))
    }

    fn follower(&self, client: IpAddr) -> Who {
        self.signed_in().map_or_else(|| Who::client(client), |signed_in| Who::account(signed_in.operator_id.0))
    }

    fn party(&self) -> Option<u128> {
        self.signed_in().map(|signed_in| signed_in.operator_id.0.as_u128())
    }
}

/// The holder of a visitor's token, which opens the holder's chat with an account and nothing else.
///
/// The holder made the token, so every token of the right form is valid. Whether its holder has
/// written to an account is in the database.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Visitor {
    token_hash: [u8; 32],
}
debug_hides!(Visitor);

impl Visitor {
    /// The holder of this token. `None` if the text has not exactly the form of a visitor's token.
    #[must_use]
    pub fn of(token: &str) -> Option<Self> {
        token::has_form(token, token::VISITOR).then(|| Self { token_hash: Sha256::digest(token).into() })
    }

    /// SHA-256 of the token.
    #[must_use]
    pub fn token_hash(&self) -> &[u8; 32] {
        &self.token_hash
    }

    /// Identifies the token with an account, where it belongs to another visitor than with others.
    /// Subscribers follow it by this.
    #[must_use]
    pub fn key_at(&self, account_id: AccountId) -> TokenKey {
        let digest = Sha256::new().chain_update(self.token_hash).chain_update(account_id.0.as_bytes()).finalize();
        let (half, _) = digest.split_first_chunk().expect("32 bytes");
        TokenKey(uuid::Uuid::from_bytes(*half))
    }

    /// The first half of the hash, where the account is known otherwise.
    #[must_use]
    pub fn key(&self) -> TokenKey {
        let (half, _) = self.token_hash.split_first_chunk().expect("32 bytes");
        TokenKey(uuid::Uuid::from_bytes(*half))
    }
}

/// An operator with a session that was valid when it was last read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    account_id: AccountId,
    operator_id: OperatorId,
    session_id: SessionId,
    access_level: AccessLevel,
    is_active: bool,
    has_device: bool,
}

impl SignedIn {
    /// Only the `session` room calls this, with rows that it has just read.
    #[must_use]
    pub fn new(session_id: SessionId, operator: &entity::operator::Model) -> Self {
        Self {
            account_id: operator.account_id,
            operator_id: operator.id,
            session_id,
            access_level: operator.access_level,
            is_active: operator.is_active(),
            has_device: true,
        }
    }

    /// The same session, in a browser that has no device yet.
    #[must_use]
    pub fn without_device(self) -> Self {
        Self { has_device: false, ..self }
    }

    /// Whether the session's browser is one of the operator's devices, or needs none.
    #[must_use]
    pub fn has_device(&self) -> bool {
        self.has_device
    }

    /// Whether the operator was active when the session was read. Only for what is not stored: a
    /// rule reads it under a lock.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.is_active
    }

    #[must_use]
    pub fn account_id(&self) -> AccountId {
        self.account_id
    }

    #[must_use]
    pub fn operator_id(&self) -> OperatorId {
        self.operator_id
    }

    #[must_use]
    pub fn session_id(&self) -> SessionId {
        self.session_id
    }
}

/// One thing that an access level may allow. The types are the rows of the table.
pub trait Permission: Send + Sync + 'static {
    /// The access levels that have the permission. The owner always has full access.
    const LEVELS: &'static [AccessLevel];
}

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident: $($level:ident)+;)+) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug)]
            pub enum $name {}

            impl Permission for $name {
                const LEVELS: &'static [AccessLevel] = &[$(AccessLevel::$level),+];
            }
        )+

        /// The whole table, for display and tests.
        pub const TABLE: &[(&str, &[AccessLevel])] = &[$((stringify!($name), $name::LEVELS)),+];
    };
}

permissions! {
    /// See colleagues: names, photos, whether they are active.
    SeeColleagues: Full Limited;
    /// See your own sign-in address.
    SeeOwnEmail: Full Limited;
    /// See the sign-in address of any operator.
    SeeAnyEmail: Full;
    /// Change your own profile, including the photo.
    EditOwnProfile: Full Limited;
    /// Change any profile, including the photo.
    EditAnyProfile: Full;
    /// Change your own password, see and end your own sessions.
    ManageOwnSignIn: Full Limited;
    /// Add, invite, activate, deactivate and remove operators; set access levels.
    ManageOperators: Full;
    /// Change the name of the account.
    ManageAccount: Full;
    /// Change the plan and the number of seats.
    ManagePlan: Full;
    /// Read conversations and visitors, keep a mark of what was read, and write notes.
    ReadConversations: Full Limited;
    /// Join conversations, write to visitors, assign, close and reopen conversations, block
    /// visitors. The rules also check that the operator is active.
    Chat: Full Limited;
    /// Transfer ownership; the rule also checks that the caller is the owner.
    HandOver: Full;
}

/// Proof that the caller has the permission `P`; only [`Identity::may`] creates one. A rule checks
/// it again under the account's lock.
#[derive(Clone, Debug)]
pub struct Granted<P> {
    signed_in: SignedIn,
    permission: PhantomData<fn() -> P>,
}

impl<P> Granted<P> {
    #[must_use]
    pub fn account_id(&self) -> AccountId {
        self.signed_in.account_id
    }

    #[must_use]
    pub fn operator_id(&self) -> OperatorId {
        self.signed_in.operator_id
    }

    #[must_use]
    pub fn session_id(&self) -> SessionId {
        self.signed_in.session_id
    }

    /// The session of the caller.
    #[must_use]
    pub fn signed_in(&self) -> &SignedIn {
        &self.signed_in
    }
}

/// Proof that the caller may change one profile: their own, or any.
#[derive(Clone, Debug)]
pub enum ProfileEditor {
    Own(Granted<EditOwnProfile>),
    Anyone(Granted<EditAnyProfile>),
}

impl ProfileEditor {
    #[must_use]
    pub fn account_id(&self) -> AccountId {
        match self {
            Self::Own(granted) => granted.account_id(),
            Self::Anyone(granted) => granted.account_id(),
        }
    }

    #[must_use]
    pub fn operator_id(&self) -> OperatorId {
        match self {
            Self::Own(granted) => granted.operator_id(),
            Self::Anyone(granted) => granted.operator_id(),
        }
    }
}

impl Identity {
    /// The proof, if the caller's access level has the permission.
    pub fn may<P: Permission>(&self) -> Result<Granted<P>, Denied> {
        let Self::Operator(signed_in) = self else { return Err(Denied::Unauthenticated) };
        if allows::<P>(signed_in.access_level) {
            Ok(Granted { signed_in: signed_in.clone(), permission: PhantomData })
        } else {
            Err(Denied::Forbidden)
        }
    }

    /// The proof for one profile. A caller who may edit only their own profile gets the same error
    /// for every other id, and so learns nothing about it.
    pub fn may_edit(&self, operator_id: Option<OperatorId>) -> Result<ProfileEditor, Denied> {
        match self {
            Self::Operator(me) if operator_id == Some(me.operator_id) => self.may().map(ProfileEditor::Own),
            _ => self.may().map(ProfileEditor::Anyone),
        }
    }

    /// Whether the caller may see an operator's address and when the operator was last seen.
    #[must_use]
    pub fn may_see_email(&self, account_id: AccountId, operator_id: OperatorId) -> bool {
        match self {
            Self::Operator(me) if operator_id == me.operator_id => self.may::<SeeOwnEmail>().is_ok(),
            Self::Operator(me) if account_id == me.account_id => self.may::<SeeAnyEmail>().is_ok(),
            // A mailed link shows a profile to anyone who has it, who may be signed in to another
            // account.
            Self::Operator(_) | Self::Visitor(_) | Self::Anonymous => false,
        }
    }

    /// The session of the request, if there is one.
    #[must_use]
    pub fn signed_in(&self) -> Option<&SignedIn> {
        match self {
            Self::Anonymous | Self::Visitor(_) => None,
            Self::Operator(signed_in) => Some(signed_in),
        }
    }

    /// The visitor of the request, if it has a visitor's token.
    #[must_use]
    pub fn visitor(&self) -> Option<&Visitor> {
        match self {
            Self::Visitor(visitor) => Some(visitor),
            Self::Anonymous | Self::Operator(_) => None,
        }
    }
}

/// Whether an access level has a permission.
#[must_use]
pub fn allows<P: Permission>(level: AccessLevel) -> bool {
    P::LEVELS.contains(&level)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_access_may_everything_and_limited_only_what_is_personal() {
        let limited: Vec<_> =
            TABLE.iter().filter(|(_, levels)| levels.contains(&AccessLevel::Limited)).map(|(name, _)| *name).collect();
        assert!(TABLE.iter().all(|(_, levels)| levels.contains(&AccessLevel::Full)));
        assert_eq!(
            limited,
            ["SeeColleagues", "SeeOwnEmail", "EditOwnProfile", "ManageOwnSignIn", "ReadConversations", "Chat"]
        );
    }

    const LETTERS: &str = "AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_AbCdE";

    fn visitor() -> Visitor {
        Visitor::of(&format!("vt_{LETTERS}")).expect("a token")
    }

    #[test]
    fn an_anonymous_caller_and_a_visitor_may_nothing() {
        for identity in [Identity::Anonymous, Identity::Visitor(visitor())] {
            assert_eq!(identity.may::<SeeColleagues>().err(), Some(Denied::Unauthenticated));
            for operator_id in [None, Some(OperatorId::new())] {
                assert_eq!(identity.may_edit(operator_id).err(), Some(Denied::Unauthenticated));
            }
            assert!(!identity.may_see_email(AccountId::new(), OperatorId::new()));
        }
    }

    #[test]
    fn a_visitor_is_counted_by_address_and_belongs_to_no_party() {
        use edge::Identity as _;
        let (identity, client) = (Identity::Visitor(visitor()), "192.0.2.1".parse().expect("an address"));
        assert_eq!(identity.who(client), Identity::Anonymous.who(client));
        assert_eq!(identity.follower(client), Identity::Anonymous.follower(client));
        assert_eq!((identity.session(), identity.party()), (None, None));
    }

    #[test]
    fn a_visitors_token_has_exactly_one_form_and_only_its_hash_is_kept() {
        assert_eq!(format!("{:?}", Identity::Visitor(visitor())), "Visitor(Visitor { .. })");
        assert_eq!(visitor().token_hash()[..], token::hash(&format!("vt_{LETTERS}")));
        for last in ('A'..='Z').chain('a'..='z').chain('0'..='9').chain(['-', '_']) {
            let token = format!("vt_{}{last}", &LETTERS[1..]);
            assert!(Visitor::of(&token).is_some(), "{token}: 256 bits leave two bits of the last letter unused");
            assert_eq!(<Identity as edge::Identity>::reach(&token), Reach::EveryPage);
        }
        for token in [
            String::new(),
            "vt_".to_owned(),
            LETTERS.to_owned(),
            format!("vt_{}", &LETTERS[1..]),
            format!("vt_{LETTERS}A"),
            format!("VT_{LETTERS}"),
            format!("vt-{LETTERS}"),
            format!("dbs_{LETTERS}"),
            format!(" vt_{LETTERS}"),
            format!("vt_{LETTERS} "),
            format!("vt_{}=", &LETTERS[1..]),
            format!("vt_{}+", &LETTERS[1..]),
            format!("vt_{}\u{e9}", &LETTERS[2..]),
        ] {
            assert_eq!(Visitor::of(&token), None, "{token}");
            assert_eq!(<Identity as edge::Identity>::reach(&token), Reach::AllowedOrigins, "{token}");
        }
    }
}

//! The plans, and how many seats each of them has.
//!
//! They are data in one place: limits have changed before, and `DESKBELL_PLANS` can replace them.
//! Nothing else in the server compares a plan with a number. There is exactly one plan for each
//! [`PlanCode`], or a single plan that all accounts have, whatever their rows say. The rows stay as
//! they are, so an account has its plan and seats again when the setting is removed.
//!
//! The seats of a plan are either included, which is a fixed number, or bought: as many as the
//! account requests within the plan's limits. A plan without a maximum is limited to
//! [`MOST_SEATS`], so that sums and prices stay in range; the UI does not show that number.
//! The single plan includes that many.

use serde::Deserialize;

pub use entity::account::{PlanCode, UnknownPlanCode};

/// More seats than any account needs; the limit of plans without a maximum.
pub const MOST_SEATS: i32 = 10_000;

/// The longest name of a plan, in Unicode code points.
const MAX_NAME: usize = 50;

/// One plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The plan's code.
    pub code: PlanCode,
    /// The plan's name. Never empty.
    pub name: String,
    /// Fewest seats, at least one: the owner must be able to chat.
    pub min_seats: i32,
    /// Most seats; `None` if the plan has no maximum.
    pub max_seats: Option<i32>,
    /// Whether the account chooses the number of seats. If not, `min_seats` and `max_seats` are the
    /// same, or the plan includes [`MOST_SEATS`] and has no `max_seats`.
    pub seats_are_bought: bool,
}

impl Plan {
    fn included(code: PlanCode, name: &str, seats: i32) -> Self {
        Self { code, name: name.to_owned(), min_seats: seats, max_seats: Some(seats), seats_are_bought: false }
    }

    fn bought(code: PlanCode, name: &str, min_seats: i32, max_seats: Option<i32>) -> Self {
        Self { code, name: name.to_owned(), min_seats, max_seats, seats_are_bought: true }
    }

    /// The most seats; [`MOST_SEATS`] where the plan has no maximum.
    fn ceiling(&self) -> i32 {
        self.max_seats.unwrap_or(MOST_SEATS)
    }
}

/// The plans that accounts can have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Plans {
    /// One plan for each code, in the order of [`PlanCode::ALL`].
    Offered([Plan; PlanCode::ALL.len()]),
    /// The plan of every account. It includes [`MOST_SEATS`].
    Single(Plan),
}

/// The published plans: one free seat, or as many seats as are paid for.
impl Default for Plans {
    fn default() -> Self {
        Self::published()
    }
}

/// A number of seats that a plan does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SeatsFault {
    /// A number other than the included one.
    #[error("must be left out or {included}: the seats of this plan are included")]
    Included {
        /// The number of included seats.
        included: i32,
    },
    /// Fewer than can be bought.
    #[error("must be from {min} to {max}")]
    TooFew {
        /// The fewest.
        min: i32,
        /// The most.
        max: i32,
    },
    /// More than can be bought.
    #[error("must be from {min} to {max}")]
    TooMany {
        /// The fewest.
        min: i32,
        /// The most.
        max: i32,
    },
}

/// A fault in `DESKBELL_PLANS`, in one line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlansFault {
    /// Not JSON, or not in the form of a list of plans.
    #[error("is not a list of plans: {0}")]
    Form(String),
    /// An unknown code.
    #[error("has a plan {0:?}, which {UnknownPlanCode}")]
    Unknown(String),
    /// A plan is missing.
    #[error("has no plan {0}")]
    Missing(PlanCode),
    /// A plan occurs twice.
    #[error("has the plan {0} twice")]
    Twice(PlanCode),
    /// A plan with invalid values.
    #[error("plan {plan}: {what}")]
    Plan {
        /// The plan.
        plan: PlanCode,
        /// What is wrong.
        what: &'static str,
    },
}

impl Plans {
    /// The built-in plans.
    #[must_use]
    pub fn published() -> Self {
        use PlanCode::{Free, Mini, Pro, Standard};
        Self::Offered([
            Plan::included(Free, "Free", 1),
            Plan::bought(Mini, "Mini", 1, None),
            Plan::bought(Standard, "Standard", 1, None),
            Plan::bought(Pro, "Pro", 1, None),
        ])
    }

    /// A single plan without a maximum, for a company's own server.
    #[must_use]
    pub fn unlimited() -> Self {
        let (code, name) = (PlanCode::Pro, "Unlimited".to_owned());
        Self::Single(Plan { code, name, min_seats: 1, max_seats: None, seats_are_bought: false })
    }

    /// The plan of every account, if there is only one.
    #[must_use]
    pub const fn single(&self) -> Option<&Plan> {
        match self {
            Self::Offered(_) => None,
            Self::Single(plan) => Some(plan),
        }
    }

    /// Parses plans from JSON: a list with one object for each code.
    ///
    /// `{"code": "FREE", "name": "Free", "seats": 1}` includes its seats;
    /// `{"code": "MINI", "name": "Mini", "minSeats": 1, "maxSeats": 3}` has bought seats. Both
    /// limits are optional: from one, without a maximum. Other keys are refused, because they are
    /// mistakes.
    ///
    /// # Errors
    /// [`PlansFault`].
    pub fn from_json(json: &str) -> Result<Self, PlansFault> {
        use PlanCode::{Free, Mini, Pro, Standard};
        let written: Vec<PlanEntry> = serde_json::from_str(json)
            .map_err(|error| PlansFault::Form(error.to_string().replace(char::is_control, " ")))?;
        let mut found = [const { None }; PlanCode::ALL.len()];
        for plan in written {
            let plan = plan.read()?;
            let code = plan.code;
            if found[code as usize].replace(plan).is_some() {
                return Err(PlansFault::Twice(code));
            }
        }
        let mut take = |code| found[code as usize].take().ok_or(PlansFault::Missing(code));
        Ok(Self::Offered([take(Free)?, take(Mini)?, take(Standard)?, take(Pro)?]))
    }

    /// All plans, from small to large.
    #[must_use]
    pub const fn all(&self) -> &[Plan] {
        match self {
            Self::Offered(plans) => plans,
            Self::Single(plan) => std::slice::from_ref(plan),
        }
    }

    /// The plan of an account whose row has this code.
    #[must_use]
    pub fn plan(&self, code: PlanCode) -> &Plan {
        match self {
            Self::Offered(plans) => &plans[code as usize],
            Self::Single(plan) => plan,
        }
    }

    /// How many operators may be active in an account that has bought `bought` seats.
    ///
    /// Included seats are fixed. Bought seats are clamped to the plan's current limits, which may
    /// have changed since.
    #[must_use]
    pub fn seat_limit(&self, code: PlanCode, bought: i32) -> i32 {
        let plan = self.plan(code);
        let most = plan.ceiling();
        if self.single().is_some() { most } else { bought.clamp(plan.min_seats, most) }
    }

    /// How many seats an account gets when it changes to a plan, or changes its seats within the
    /// plan.
    ///
    /// `asked` is the requested number, `now` the current one. Where seats are bought, `None` keeps
    /// the current number, clamped to the plan's limits. Where they are included, only the included
    /// number can be requested.
    ///
    /// # Errors
    /// [`SeatsFault`].
    pub fn seats_for(&self, code: PlanCode, asked: Option<i32>, now: i32) -> Result<i32, SeatsFault> {
        let plan = self.plan(code);
        let (min, max) = (plan.min_seats, plan.ceiling());
        match asked {
            None => Ok(now.clamp(min, max)),
            Some(asked) if (min..=max).contains(&asked) => Ok(asked),
            Some(_) if !plan.seats_are_bought => Err(SeatsFault::Included { included: min }),
            Some(asked) if asked < min => Err(SeatsFault::TooFew { min, max }),
            Some(_) => Err(SeatsFault::TooMany { min, max }),
        }
    }
}

/// A plan in JSON.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PlanEntry {
    code: String,
    name: String,
    seats: Option<i32>,
    min_seats: Option<i32>,
    max_seats: Option<i32>,
}

impl PlanEntry {
    fn read(self) -> Result<Plan, PlansFault> {
        let Ok(code) = self.code.parse() else {
            return Err(PlansFault::Unknown(self.code));
        };
        let fault = |what| Err(PlansFault::Plan { plan: code, what });
        let name = self.name.trim();
        if name.is_empty() || name.chars().count() > MAX_NAME || name.contains(char::is_control) {
            return fault("name must be one line of 1 to 50 characters");
        }
        let sane = |seats: Option<i32>| seats.is_none_or(|seats| (1..=MOST_SEATS).contains(&seats));
        if !sane(self.seats) || !sane(self.min_seats) || !sane(self.max_seats) {
            return fault("seats, minSeats and maxSeats must be from 1 to 10000");
        }
        match (self.seats, self.min_seats, self.max_seats) {
            (Some(seats), None, None) => Ok(Plan::included(code, name, seats)),
            (Some(_), _, _) => fault("has either seats, or minSeats and maxSeats"),
            (None, min, Some(max)) if max < min.unwrap_or(1) => fault("maxSeats must not be less than minSeats"),
            (None, min, max) => Ok(Plan::bought(code, name, min.unwrap_or(1), max)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::PlanCode::{Free, Mini, Pro, Standard};
    use super::*;

    const OTHERS: &str = r#"{"code":"STANDARD","name":"Standard"},{"code":"PRO","name":"Pro"}"#;

    fn with(mini: &str) -> Result<Plans, String> {
        let json = format!(r#"[{{"code":"FREE","name":"Free","seats":1}},{mini},{OTHERS}]"#);
        Plans::from_json(&json).map_err(|fault| fault.to_string())
    }

    #[test]
    fn codes_are_written_and_read_alike() {
        for code in PlanCode::ALL {
            assert_eq!(code.as_str().parse(), Ok(code));
            assert_eq!(Plans::published().plan(code).code, code);
        }
        for wrong in ["", "free", "Free", "FREE ", "GOLD"] {
            assert_eq!(wrong.parse::<PlanCode>(), Err(UnknownPlanCode));
        }
    }

    #[test]
    fn published_plans_have_one_free_seat_and_as_many_as_are_bought() {
        let plans = Plans::published();
        for (code, bought, limit) in [
            (Free, 0, 1),
            (Free, 7, 1),
            (Free, i32::MAX, 1),
            (Mini, 1, 1),
            (Mini, 7, 7),
            (Mini, 0, 1),
            (Mini, -3, 1),
            (Standard, 400, 400),
            (Pro, i32::MAX, MOST_SEATS),
        ] {
            assert_eq!(plans.seat_limit(code, bought), limit, "{code} with {bought}");
        }
        let bought: Vec<_> = plans.all().iter().map(|plan| plan.seats_are_bought).collect();
        assert_eq!(bought, [false, true, true, true]);
        assert_eq!(plans.plan(Free).max_seats, Some(1));
        assert_eq!(plans.plan(Pro).max_seats, None);
    }

    #[test]
    fn every_account_has_the_single_plan_with_all_seats() {
        let plans = Plans::unlimited();
        for code in PlanCode::ALL {
            assert_eq!((plans.plan(code).code, plans.plan(code).name.as_str()), (Pro, "Unlimited"));
            for bought in [i32::MIN, 0, 1, 7, i32::MAX] {
                assert_eq!(plans.seat_limit(code, bought), MOST_SEATS, "{code} with {bought}");
            }
        }
        let [only] = plans.all() else { panic!("one plan: {plans:?}") };
        assert_eq!((only.max_seats, only.seats_are_bought), (None, false));
        assert_eq!(plans.single(), Some(only));
        assert_eq!(Plans::published().single(), None);
    }

    #[test]
    fn an_account_gets_what_it_asks_for_within_the_bounds() {
        let plans = with(r#"{"code":"MINI","name":"Mini","minSeats":2,"maxSeats":5}"#).unwrap();
        let included = Err(SeatsFault::Included { included: 1 });
        let too_few = Err(SeatsFault::TooFew { min: 2, max: 5 });
        let too_many = Err(SeatsFault::TooMany { min: 2, max: 5 });
        for (code, asked, now, expected) in [
            (Free, None, 9, Ok(1)),
            (Free, Some(1), 9, Ok(1)),
            (Free, Some(2), 1, included),
            (Free, Some(0), 1, included),
            (Mini, None, 1, Ok(2)),
            (Mini, None, 4, Ok(4)),
            (Mini, None, 80, Ok(5)),
            (Mini, Some(2), 4, Ok(2)),
            (Mini, Some(5), 4, Ok(5)),
            (Mini, Some(1), 4, too_few),
            (Mini, Some(6), 4, too_many),
            (Mini, Some(0), 4, too_few),
            (Mini, Some(-1), 4, too_few),
            (Mini, Some(i32::MIN), 4, too_few),
            (Pro, Some(MOST_SEATS), 4, Ok(MOST_SEATS)),
            (Pro, Some(i32::MAX), 4, Err(SeatsFault::TooMany { min: 1, max: MOST_SEATS })),
        ] {
            assert_eq!(plans.seats_for(code, asked, now), expected, "{code} {asked:?} {now}");
        }
    }

    #[test]
    fn what_is_granted_is_what_may_be_active() {
        let plans = with(r#"{"code":"MINI","name":"Mini","minSeats":2,"maxSeats":5}"#).unwrap();
        for code in PlanCode::ALL {
            for asked in (-3..30).map(Some).chain([None]) {
                if let Ok(seats) = plans.seats_for(code, asked, 3) {
                    assert_eq!(plans.seat_limit(code, seats), seats, "{code} {asked:?}");
                }
            }
        }
    }

    #[test]
    fn plans_may_be_written_in_any_order() {
        let plans = Plans::from_json(
            r#" [ {"code":"PRO","name":"Pro"}, {"code":"STANDARD","name":" Team ","minSeats":3},
                  {"name":"Mini","maxSeats":3,"code":"MINI"}, {"code":"FREE","name":"Free","seats":2} ] "#,
        )
        .unwrap();
        assert_eq!(
            plans.all(),
            [
                Plan::included(Free, "Free", 2),
                Plan::bought(Mini, "Mini", 1, Some(3)),
                Plan::bought(Standard, "Team", 3, None),
                Plan::bought(Pro, "Pro", 1, None),
            ]
        );
    }

    #[test]
    fn a_mistake_is_one_line_that_says_which_plan_and_what() {
        for (mini, expected) in [
            (
                r#"{"code":"MINI","name":"Mini","minSeats":3,"maxSeats":2}"#,
                "plan MINI: maxSeats must not be less than minSeats",
            ),
            (
                r#"{"code":"MINI","name":"Mini","seats":3,"maxSeats":2}"#,
                "plan MINI: has either seats, or minSeats and maxSeats",
            ),
            (
                r#"{"code":"MINI","name":"Mini","seats":0}"#,
                "plan MINI: seats, minSeats and maxSeats must be from 1 to 10000",
            ),
            (
                r#"{"code":"MINI","name":"Mini","maxSeats":10001}"#,
                "plan MINI: seats, minSeats and maxSeats must be from 1 to 10000",
            ),
            (
                r#"{"code":"MINI","name":"Mini","minSeats":-1}"#,
                "plan MINI: seats, minSeats and maxSeats must be from 1 to 10000",
            ),
            (r#"{"code":"MINI","name":"  "}"#, "plan MINI: name must be one line of 1 to 50 characters"),
            (r#"{"code":"MINI","name":"a\nb"}"#, "plan MINI: name must be one line of 1 to 50 characters"),
            (r#"{"code":"PRO","name":"Pro"}"#, "has the plan PRO twice"),
            (r#"{"code":"FREE","name":"Free","seats":1}"#, "has the plan FREE twice"),
            (r#"{"code":"GOLD","name":"Gold"}"#, "has a plan \"GOLD\", which is none of FREE, MINI, STANDARD and PRO"),
            (r#"{"code":"MINI","name":"Mini","price":3}"#, "unknown field `price`"),
            (r#"{"code":"MINI","name":"Mini","seats":1.5}"#, "invalid type: floating point `1.5`"),
            (r#"{"code":"MINI"}"#, "missing field `name`"),
            (r#"{"code":"MINI","name":"Mini","maxSeats":99999999999}"#, "invalid value"),
        ] {
            let fault = with(mini).unwrap_err();
            assert!(fault.contains(expected), "{fault}");
            assert_eq!(fault.lines().count(), 1, "{fault}");
        }
        for (json, expected) in [
            ("", "is not a list of plans: EOF"),
            ("{}", "is not a list of plans: invalid type: map"),
            ("[]", "has no plan FREE"),
            (r#"[{"code":"FREE","name":"Free","seats":1}]"#, "has no plan MINI"),
            ("plans.json", "is not a list of plans: expected value at line 1 column 1"),
        ] {
            let fault = Plans::from_json(json).unwrap_err().to_string();
            assert!(fault.contains(expected), "{fault}");
        }
    }

    #[test]
    fn faults_read_on_from_the_field() {
        let fault = |fault: SeatsFault| fault.to_string();
        assert_eq!(
            fault(SeatsFault::Included { included: 1 }),
            "must be left out or 1: the seats of this plan are included"
        );
        for out in [SeatsFault::TooFew { min: 1, max: 5 }, SeatsFault::TooMany { min: 1, max: 5 }] {
            assert_eq!(fault(out), "must be from 1 to 5");
        }
    }
}

//! The demo's account: Acme, with a few operators and photos.

use std::io::{Cursor, Seek as _, Write as _};

use entity::{account, account::PlanCode, mail::Language, operator, operator::AccessLevel};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

use crate::{
    access::identity::Identity,
    app::App,
    command::account::{explain, refused},
    input::Change,
    login::rules::{self as logins, NewAccount},
    operator::rules::{self as operators, NewOperator},
    photo::rules as photos,
    seat::rules::{self as seats, PlanChange},
    session::device::Devices,
};

pub(super) const EMAIL: &str = "ada@acme.example";
pub(super) const PASSWORD: &str = "correct-horse-desk-bell";

struct Person {
    name: &'static str,
    public_name: Option<&'static str>,
    email: &'static str,
    description: &'static str,
    access_level: AccessLevel,
    is_active: bool,
    /// Background colour of the portrait.
    colour: [u8; 3],
}

const OWNER_DESCRIPTION: &str = "Founder. Answers before the coffee is cold";
const OWNER_COLOUR: [u8; 3] = [0x2f, 0x6f, 0xb5];

const TEAM: &[Person] = &[
    Person {
        name: "Bohumil Novák",
        public_name: Some("Bob"),
        email: "bob@acme.example",
        description: "Knows every order number by heart",
        access_level: AccessLevel::Limited,
        is_active: true,
        colour: [0x3a, 0x8f, 0x5c],
    },
    Person {
        name: "Cy Twombly",
        public_name: None,
        email: "cy@acme.example",
        description: "Returns and refunds",
        access_level: AccessLevel::Limited,
        is_active: false,
        colour: [0xb5, 0x5a, 0x2f],
    },
    Person {
        name: "Dana Whitfield",
        public_name: Some("Dana"),
        email: "dana@acme.example",
        description: "Reads the statistics",
        access_level: AccessLevel::Full,
        is_active: false,
        colour: [0x7a, 0x4f, 0xa3],
    },
];

/// Creates and fills the account.
pub(super) async fn seed(app: &App) -> anyhow::Result<account::Model> {
    let client = std::net::Ipv4Addr::LOCALHOST.into();
    let owner = NewAccount {
        account_name: "Acme".into(),
        name: "Ada Lovelace".into(),
        email: EMAIL.into(),
        password: PASSWORD.into(),
        language: Language::En,
    };
    let (account, ada) = logins::create_account(app, owner).await.map_err(explain)?;
    let entered = logins::sign_in(app, client, &Devices::default(), EMAIL, PASSWORD).await.map_err(explain)?;
    let identity = Identity::Operator(entered.signed_in.clone());

    if app.config.plans.single().is_none() {
        let plan = PlanChange { plan: PlanCode::Standard, seats: Some(3), deactivate: Vec::new() };
        seats::change_plan(app, &identity.may().map_err(refused)?, plan).await.map_err(explain)?;
    }
    let changes = operators::Changes { description: Change::To(OWNER_DESCRIPTION.into()), ..Default::default() };
    operators::update(app, &identity.may_edit(Some(ada.id)).map_err(refused)?, client, Some(ada.id), changes)
        .await
        .map_err(explain)?;
    give_photo(app, &identity, &ada, OWNER_COLOUR).await?;
    for person in TEAM {
        let new = NewOperator {
            name: person.name.into(),
            public_name: person.public_name.map(Into::into),
            email: person.email.into(),
            description: Some(person.description.into()),
            access_level: person.access_level,
            password: Some(PASSWORD.into()),
            wants_active: person.is_active,
            language: Language::En,
        };
        let added = operators::add(app, &identity.may().map_err(refused)?, client, new).await.map_err(explain)?;
        give_photo(app, &identity, &added.operator, person.colour).await?;
    }
    logins::sign_out(app, &entered.signed_in, &[]).await?;
    Ok(account)
}

async fn give_photo(app: &App, identity: &Identity, operator: &operator::Model, colour: [u8; 3]) -> anyhow::Result<()> {
    let mut file = tempfile::tempfile()?;
    file.write_all(&portrait(colour)?)?;
    file.rewind()?;
    photos::set(app, &identity.may_edit(Some(operator.id)).map_err(refused)?, Some(operator.id), file)
        .await
        .map_err(explain)?;
    Ok(())
}

/// Draws a head and shoulders in front of a coloured wall.
fn portrait([r, g, b]: [u8; 3]) -> anyhow::Result<Vec<u8>> {
    const SIDE: u32 = 512;
    let picture = RgbImage::from_fn(SIDE, SIDE, |x, y| {
        let (dx, dy) = (f64::from(x) - 256.0, f64::from(y));
        let head = dx.hypot(dy - 200.0) < 92.0;
        let shoulders = (dx / 170.0).hypot((dy - 512.0) / 180.0) < 1.0;
        // The wall is lit from above.
        let light = |c: u8| c.saturating_add(u8::try_from((SIDE - y) / 10).unwrap_or(0));
        if head || shoulders { Rgb([0xf4, 0xef, 0xe6]) } else { Rgb([light(r), light(g), light(b)]) }
    });
    let mut png = Cursor::new(Vec::new());
    DynamicImage::from(picture).write_to(&mut png, ImageFormat::Png)?;
    Ok(png.into_inner())
}

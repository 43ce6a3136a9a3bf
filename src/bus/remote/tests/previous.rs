//! Servers of the previous version.

use super::*;

/// A server of the previous version: its messages do not say that it counts versions.
struct PreviousServer {
    line: PaperLine,
    id: Uuid,
    number: u64,
}

impl PreviousServer {
    async fn starts(world: &Arc<World>) -> Self {
        let line = PaperBroker(Arc::clone(world), 9).connect().await.expect("a line");
        Self { line, id: Uuid::new_v4(), number: 0 }
    }

    async fn says(&mut self, facts: Vec<Fact>) {
        self.number += 1;
        let message = Message { from: self.id, number: self.number, counts_versions: false, facts };
        self.line.send(message.encode().into()).await.expect("sent");
    }

    async fn beats_for(&mut self, time: Duration) {
        for _ in 0..time.as_millis() / BEAT.as_millis() {
            self.says(Vec::new()).await;
            tokio::time::sleep(BEAT).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_server_of_the_previous_version_says_is_heard() {
    let (world, [a]) = servers().await;
    let (account_id, operator_id) = (AccountId::new(), OperatorId::new());
    let (mut private, mut public) =
        (a.bus.listen(Topic::Account(account_id)), a.bus.listen(Topic::Availability(account_id)));
    let [one, other] = [SessionId::new(), SessionId::new()];
    let mut sessions = [one, other].map(|id| a.bus.listen(Topic::Session(id)));
    world.db_changes(Topic::Session(one), 1);
    world.db_changes(Topic::Session(other), 1);
    let mut previous = PreviousServer::starts(&world).await;
    previous.says(Vec::new()).await;
    settled().await;

    let said = |fact| vec![Fact::Previous(fact)];
    previous.says(said(Previous::OperatorChanged { account_id, operator_id })).await;
    looks_again(&mut private).await;
    previous.says(said(Previous::AccountChanged { account_id })).await;
    looks_again(&mut private).await;
    previous.says(said(Previous::AvailabilityChanged { account_id, version: 9 })).await;
    hears_at_once(&mut public, &Topic::Availability(account_id).at(9)).await;
    previous.says(vec![Fact::LookAgain(Some(account_id))]).await;
    looks_again(&mut public).await;
    previous.says(said(Previous::SessionEnded { account_id, session_id: one })).await;
    hears_at_once(&mut sessions[0], &Topic::Session(one).gone()).await;
    settled().await;
    // Which sessions these are is in the database only.
    world.versions.lock().unwrap().remove(&Topic::Session(other));
    previous.says(said(Previous::SessionsEnded { account_id, operator_id, except: None })).await;
    hears(&mut sessions[1], &Topic::Session(other).gone()).await;

    // A server of this version sends both.
    settled().await;
    private.catch_up();
    let both =
        vec![Fact::Changed(Topic::Account(account_id), 5), Fact::Previous(Previous::AccountChanged { account_id })];
    forge(&mut previous.line, Uuid::new_v4(), 1, both).await;
    hears_at_once(&mut private, &Topic::Account(account_id).at(5)).await;
    assert_eq!(private.next().now_or_never(), None);
}

#[tokio::test(start_paused = true)]
async fn marks_are_compared_while_a_server_of_the_previous_version_is_heard() {
    let (world, [a, b]) = servers().await;
    let account_id = AccountId::new();
    let account = Topic::Account(account_id);
    world.db_changes(account, 4);
    world.marks.lock().unwrap().insert(account_id, -1);
    let mut listener = a.bus.listen(account);
    let heard = async |listener: &mut Listener| {
        settled().await;
        let heard = listener.next().now_or_never();
        listener.catch_up();
        heard
    };
    a.status().missed();
    assert_eq!(heard(&mut listener).await, Some(Delivery::Version(4)));
    // No server of the previous version is there.
    world.marks.lock().unwrap().insert(account_id, -2);
    a.status().missed();
    assert_eq!(heard(&mut listener).await, None);

    let mut previous = PreviousServer::starts(&world).await;
    let (looks, ()) = tokio::join!(looks_again(&mut listener), previous.beats_for(2 * PROMISED));
    let () = looks;
    listener.catch_up();
    // It changes something, and its message is lost.
    world.marks.lock().unwrap().insert(account_id, -3);
    previous.number += 1;
    tokio::join!(looks_again(&mut listener), previous.beats_for(2 * PROMISED));
    listener.catch_up();
    // It is cut off, and changes something.
    settled().await;
    listener.catch_up();
    world.marks.lock().unwrap().insert(account_id, -4);
    looks_again(&mut listener).await;

    // After the minute in which the poller is wary, too.
    tokio::time::sleep(Duration::from_secs(65)).await;
    listener.catch_up();
    world.marks.lock().unwrap().insert(account_id, -5);
    a.status().missed();
    assert_eq!(heard(&mut listener).await, Some(Delivery::Lagged));
    // An hour later, versions are enough.
    tokio::time::sleep(Duration::from_hours(1)).await;
    a.status().missed();
    let _ = heard(&mut listener).await;
    world.marks.lock().unwrap().insert(account_id, -6);
    a.status().missed();
    assert_eq!(heard(&mut listener).await, None);
    world.db_changes(account, 5);
    a.status().missed();
    assert_eq!(heard(&mut listener).await, Some(Delivery::Version(5)));
    assert!(b.status().connected());
}

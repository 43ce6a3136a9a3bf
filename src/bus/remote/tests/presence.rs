//! Facts about presence, and what a server is told of its peers.

use entity::ConversationId;

use super::*;
use crate::bus::Subject;

impl RunningServer {
    /// What it was told since the last call.
    fn told(&self) -> Vec<Presence> {
        std::mem::take(&mut self.server.2.lock().unwrap())
    }

    /// The id of its link, as another server sees it.
    async fn link(&self, world: &Arc<World>) -> Uuid {
        writer(world, self).await.1
    }
}

fn here() -> PresenceFact {
    PresenceFact::Is {
        account_id: AccountId::new(),
        conversation_id: ConversationId::new(),
        subject: Subject::VisitorIsHere,
        holds: true,
    }
}

#[tokio::test(start_paused = true)]
async fn presence_reaches_all_others_and_a_question_whom_it_is_for() {
    let (world, [a, b, c]) = servers().await;
    let (link_a, link_b) = (a.link(&world).await, b.link(&world).await);
    settled().await;
    let of_all = [&a, &b, &c].map(RunningServer::told);
    let appeared = |link| Presence::News(PeerNews::Appeared(link));
    assert!(of_all[2].contains(&appeared(link_a)) && of_all[2].contains(&appeared(link_b)));
    assert!(!of_all[0].contains(&appeared(link_a)), "no server is its own peer");

    let fact = here();
    a.bus.present(fact);
    settled().await;
    assert_eq!(
        [&a, &b, &c].map(RunningServer::told),
        [vec![], vec![Presence::Fact(link_a, fact)], vec![Presence::Fact(link_a, fact)]]
    );
    let question = PresenceFact::WhoIsHere { account_id: None, whom: Some(link_b) };
    a.bus.present(question);
    settled().await;
    assert_eq!([&a, &b, &c].map(RunningServer::told), [vec![], vec![Presence::Fact(link_a, question)], vec![]]);
}

#[tokio::test(start_paused = true)]
async fn a_server_is_told_which_facts_it_may_have_missed() {
    let (world, [a, b]) = servers().await;
    let (link_a, link_b) = (a.link(&world).await, b.link(&world).await);
    settled().await;
    let _ = (a.told(), b.told());

    world.lose.store(1, Ordering::Relaxed);
    a.bus.present(here());
    settled().await;
    // It may have been a heartbeat.
    assert_eq!(b.told().first(), Some(&Presence::News(PeerNews::Doubtful(link_a))));

    // The broker is away, and what is enqueued is not sent later: it may not be so by then.
    world.goes_down();
    settled().await;
    a.bus.present(here());
    assert_eq!(b.told().first(), Some(&Presence::News(PeerNews::CutOff)));
    world.comes_back();
    settled().await;
    let told = b.told();
    assert!(told.contains(&Presence::News(PeerNews::Appeared(link_a))), "{told:?}");
    assert!(!told.iter().any(|told| matches!(told, Presence::Fact(..))), "{told:?}");

    a.says_goodbye().await;
    settled().await;
    assert_eq!(b.told(), [Presence::News(PeerNews::Gone(link_a))]);
    let c = RunningServer::starts(&world, 2);
    settled().await;
    assert!(c.told().contains(&Presence::News(PeerNews::Appeared(link_b))));
    let _ = b.told();
    world.cuts(&c);
    settled().await;
    assert!(matches!(b.told()[..], [Presence::News(PeerNews::Gone(_))]), "it fell silent");
}

#[tokio::test(start_paused = true)]
async fn late_and_untracked_messages_say_nothing_about_presence() {
    let (world, [a, b]) = servers().await;
    let (mut line, from, number) = writer(&world, &a).await;
    settled().await;
    let _ = b.told();
    forge(&mut line, from, number, vec![Fact::Presence(here())]).await;
    settled().await;
    assert_eq!(b.told(), [Presence::News(PeerNews::Doubtful(from))], "under a number that was there");

    // More servers than are tracked.
    for _ in 0..1_200 {
        forge(&mut line, Uuid::new_v4(), 1, vec![Fact::Presence(here())]).await;
    }
    tokio::time::sleep(BEAT / 2).await;
    let told = b.told();
    let appeared: Vec<_> = told
        .iter()
        .filter_map(|told| match told {
            Presence::News(PeerNews::Appeared(peer)) => Some(*peer),
            _ => None,
        })
        .collect();
    let facts = told.iter().filter(|told| matches!(told, Presence::Fact(from, _) if appeared.contains(from))).count();
    assert!(facts == appeared.len() && (900..1_000).contains(&facts), "{facts} of {}", appeared.len());
    settled().await;
    let silent = b.told().into_iter().filter(|told| matches!(told, Presence::News(PeerNews::Gone(_)))).count();
    assert_eq!(silent, facts, "what is believed is missed later");
}

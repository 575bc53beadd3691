//! Commands: idempotent, one at a time, rebuilt from the log.

use fact::FactId;
use incident::{Command, Envelope, IncidentRef, Role, Status};
use server::Done;
use testkit::TestServer;

fn declare(title: &str) -> Command {
    Command::Declare {
        title: title.into(),
        severity: 2,
        started_at: None,
        services: vec![],
        private: false,
        external_id: None,
    }
}

fn close() -> Command {
    Command::Close { incident: Some(IncidentRef("INC-1".into())), at: None, text: None }
}

fn envelope(id: FactId, seen_version: Option<u64>, command: Command) -> Envelope {
    Envelope { id, given_at: None, seen_version, command }
}

#[tokio::test]
async fn the_same_envelope_again_gives_the_same_answer() {
    let server = TestServer::start().await;
    let id = server.fresh_id();
    let first = server.app.execute(server.admin, envelope(id, None, declare("Down"))).await.unwrap();
    let head = server.app.store.head().await.unwrap();
    let again = server.app.execute(server.admin, envelope(id, None, declare("Down"))).await.unwrap();
    assert_eq!(again, first);
    assert_eq!(server.app.store.head().await.unwrap(), head);
    // Somebody else's envelope with the same id is another one.
    let grace = server.person("Grace", Role::Responder).await;
    let refused = server.app.execute(grace, envelope(id, None, declare("Down"))).await.unwrap_err();
    assert_eq!(refused.body.code, "id-taken");
}

#[tokio::test]
async fn an_entry_typed_with_two_open_is_kept_and_told_again_the_same() {
    let server = TestServer::start().await;
    for title in ["One", "Two"] {
        server.command(server.admin, declare(title)).await.unwrap();
    }
    let did = Command::Did {
        text: "restarted the api".into(),
        incident: None,
        at: None,
        temporary: false,
        because: None,
    };
    let id = server.fresh_id();
    let Done { fact, incident, choices } =
        server.app.execute(server.admin, envelope(id, None, did.clone())).await.unwrap();
    assert_eq!((fact, incident, choices.len()), (id, None, 2));
    let again = server.app.execute(server.admin, envelope(id, None, did)).await.unwrap();
    assert_eq!((again.fact, again.incident, again.choices), (id, None, choices));
}

#[tokio::test]
async fn two_people_close_at_once() {
    let server = TestServer::start().await;
    let grace = server.person("Grace", Role::Responder).await;
    server.command(server.admin, declare("Down")).await.unwrap();
    let version = server.app.state().incidents.values().next().unwrap().version;
    let (a, b) = tokio::join!(
        server.app.execute(server.admin, envelope(server.fresh_id(), Some(version), close())),
        server.app.execute(grace, envelope(server.fresh_id(), Some(version), close())),
    );
    let refused: Vec<_> = [&a, &b].into_iter().filter_map(|done| done.as_ref().err()).collect();
    assert!(refused.len() <= 1, "{a:?} {b:?}");
    for problem in refused {
        assert_eq!(problem.status, 409, "{problem:?}");
    }
    let state = server.app.state();
    let incident = state.incidents.values().next().unwrap();
    assert_eq!(incident.status, Status::Closed);
    assert_eq!(incident.version, version + 1, "it was closed once");
}

#[tokio::test]
async fn what_memory_holds_is_what_the_log_tells() {
    let server = TestServer::start().await;
    server.person("Grace", Role::Facilitator).await;
    server.source("json", "hooks").await;
    server.command(server.admin, declare("Down")).await.unwrap();
    server.command(server.admin, close()).await.unwrap();
    let before = server.app.state().clone();
    let server = server.restarted().await;
    assert_eq!(*server.app.state(), before);
}

#[tokio::test]
async fn the_first_person_is_made_once() {
    let server = TestServer::start().await;
    let again = server.app.ensure_first_person("Eve").await.unwrap();
    assert_eq!(again, server.admin);
    assert_eq!(server.app.state().people.len(), 1);
}

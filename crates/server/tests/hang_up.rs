//! A client that hangs up in the middle of a command.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Waker};

use incident::{Command, Envelope, IncidentRef};
use testkit::TestServer;

#[tokio::test]
async fn leaves_the_state_in_step_with_the_log() {
    let server = TestServer::start().await;
    let declare = Command::Declare {
        title: "Checkout is down".into(),
        severity: 2,
        started_at: None,
        services: Vec::new(),
        private: false,
        external_id: None,
    };
    let incident = server.command(server.admin, declare).await.unwrap().incident.unwrap();
    let retitle =
        |title: &str| Command::Retitle { incident: IncidentRef(incident.to_string()), title: title.into() };
    // Hang up after every number of steps at which the command waits for something.
    for steps in 0..6 {
        let id = server.fresh_id();
        let command = retitle(&format!("hung up after {steps}"));
        let envelope = Envelope { id, given_at: None, seen_version: None, command };
        {
            let mut given = pin!(server.app.execute(server.admin, envelope));
            for _ in 0..steps {
                if given.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready() {
                    break;
                }
                tokio::task::yield_now().await;
            }
        }
        let next = format!("after {steps}");
        let done = server.command(server.admin, retitle(&next)).await;
        assert!(done.is_ok(), "the next command after {steps} steps: {done:?}");
        assert_eq!(server.app.state().incidents[&incident].title, next);
    }
    let folded = server.app.state().clone();
    let rebuilt = server::App::rebuild(server.app.store.as_ref()).await.unwrap();
    assert_eq!(rebuilt, folded, "what memory holds is what the log says");
}

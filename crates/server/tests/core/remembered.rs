//! What the server remembers of an incident is what a server finds that remembers nothing.

use fact::{Content, EntityId, FactId, Kind, NewFact, SourceId, Span, Viewer};
use incident::{Command, IncidentRef, ResultOutcome, Role};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;
use server::App;
use server::reading::{self, TimelineQuery};
use store::Order;
use testkit::TestServer;

/// One thing that happens; numbers choose among what is there.
#[derive(Debug, Clone)]
enum Step {
    /// Something is recorded, so many minutes late.
    Recorded { what: u8, late: i64, source: usize },
    /// An earlier fact is told anew.
    Edited(usize),
    /// Somebody says or changes something.
    Said { what: u8, of: usize, on: bool },
    /// A fact is redacted.
    Redacted(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let late = prop_oneof![4 => Just(0), 1 => 0_i64..40, 1 => 40_i64..200];
    prop_oneof![
        5 => (0_u8..6, late, 0_usize..2).prop_map(|(what, late, source)| Step::Recorded { what, late, source }),
        1 => any::<usize>().prop_map(Step::Edited),
        6 => (0_u8..11, any::<usize>(), any::<bool>()).prop_map(|(what, of, on)| Step::Said { what, of, on }),
        1 => any::<usize>().prop_map(Step::Redacted),
    ]
}

/// A server, its sources, and the facts recorded so far.
struct Scene {
    server: TestServer,
    sources: Vec<SourceId>,
    incident: EntityId,
    told: Vec<NewFact>,
    readers: Vec<Viewer>,
}

impl Scene {
    /// With so many messages before anything else.
    async fn new(messages: usize) -> Scene {
        let server = TestServer::start().await;
        for name in ["ops", "board"] {
            server.source("ndjson", name).await;
        }
        let sources = ["ops", "board"].map(|name| server.app.state().source_named(name).unwrap().id).to_vec();
        let private = Command::SourcePrivacy {
            source: "board".into(),
            private: true,
            add: vec![server.admin],
            remove: vec![],
        };
        server.command(server.admin, private).await.unwrap();
        let bob = server.person("Bob", Role::Responder).await;
        let declare = Command::Declare {
            title: "Checkout answers 502".into(),
            severity: 2,
            started_at: None,
            services: vec![],
            private: false,
            external_id: None,
        };
        let incident = server.command(server.admin, declare).await.unwrap().incident.unwrap();
        let readers = [server.admin, bob].map(|person| server.app.state().viewer(person)).to_vec();
        let mut scene = Scene { server, sources, incident, told: vec![], readers };
        let batch = (0..messages).map(|_| scene.fact(0, 0, 0)).collect();
        scene.server.app.store.append(batch).await.unwrap();
        scene
    }

    fn fact(&mut self, what: u8, late: i64, source: usize) -> NewFact {
        let id = self.server.fresh_id();
        let at = self.server.now().plus_minutes(-late);
        let kinds = [Kind::MESSAGE, Kind::ALERT, Kind::COMMAND, Kind::CHANGE, Kind::GAP, Kind::MESSAGE];
        let mut content = Content::new(id.to_string(), at, "that fixed it");
        content.live = what < 5;
        content.actor = Some("grace".into());
        match what {
            1 => {
                content.thread = Some("HighErrorRate".into());
                let end = (late % 2 == 0).then_some(at);
                content.span = Some(Span { begin: at.plus_minutes(-late % 3), end });
            }
            2 => drop(content.data.insert("exit_status".into(), json!(0))),
            _ => {}
        }
        NewFact { id, source: self.sources[source], kind: kinds[usize::from(what)].clone(), content }
    }

    fn some(&self, of: usize) -> Option<FactId> {
        let entries: Vec<FactId> = self.server.app.state().entries.keys().copied().collect();
        let all: Vec<FactId> = self.told.iter().map(|fact| fact.id).chain(entries).collect();
        all.get(of.checked_rem(all.len())?).copied()
    }

    /// What is refused changes nothing, which is as good a step as any.
    async fn take(&mut self, step: &Step) {
        // What was read of a large incident stays good for a moment, unless somebody says something.
        let is_recorded = matches!(step, Step::Recorded { .. } | Step::Edited(_));
        self.server.clock.advance_micros(if is_recorded { 7_000_000 } else { 100_000 });
        match *step {
            Step::Recorded { what, late, source } => {
                let fact = self.fact(what, late, source);
                self.told.push(fact.clone());
                self.server.app.store.append(vec![fact]).await.unwrap();
            }
            Step::Edited(of) if !self.told.is_empty() => {
                let mut edit = self.told[of % self.told.len()].clone();
                edit.id = self.server.fresh_id();
                edit.content.revision = u32::try_from(of % 5).unwrap() + 1;
                edit.content.text = "that did not help".into();
                self.server.app.store.append(vec![edit]).await.unwrap();
            }
            Step::Said { what, of, on } => {
                if let Some(command) = self.command(what, of, on).await {
                    let _ = self.server.command(self.server.admin, command).await;
                }
            }
            Step::Redacted(of) if !self.told.is_empty() => {
                let ask = json!({"facts": [self.told[of % self.told.len()].id], "why": "a password"});
                self.server.post(&self.server.ada(), "/api/v1/redactions", &ask).await;
            }
            _ => {}
        }
    }

    async fn command(&self, what: u8, of: usize, on: bool) -> Option<Command> {
        let incident = IncidentRef("INC-1".into());
        let here = Some(incident.clone());
        let fact = self.some(of);
        Some(match what {
            0 => Command::Did {
                text: "restarted db".into(),
                incident: here,
                at: None,
                temporary: on,
                because: None,
            },
            1 => Command::Note { text: "still looking".into(), incident: here, at: None },
            2 => Command::Severity { incident, severity: u8::try_from(of % 5).unwrap() + 1, why: None },
            3 => Command::Star { incident, fact: fact?, on },
            4 => Command::Hide { incident, fact: fact?, on },
            5 => Command::Undo { fact: fact?, why: None },
            6 => {
                let back = i64::try_from(of % 100).unwrap();
                let occurred_at = on.then(|| self.server.now().plus_minutes(-back));
                Command::Amend { fact: fact?, occurred_at, text: Some("no change".into()), why: None }
            }
            7 => Command::Move { fact: fact?, from: here.clone().filter(|_| !on), to: here.filter(|_| on) },
            8 => {
                let all = reading::proposals_of(&self.server.app, &self.readers[0], self.incident).await;
                let first = all.unwrap().into_iter().next()?;
                let (action, result, outcome) = (first.action, first.result, ResultOutcome::Helped);
                Command::Verdict { incident, action, result, outcome, rule: None, confirmed: on }
            }
            9 => {
                let from = Some(self.server.now().plus_minutes(-i64::try_from(of % 200).unwrap()));
                Command::Window { incident, from, until: None }
            }
            _ => Command::Note { text: "of no incident".into(), incident: None, at: None },
        })
    }

    /// Everything that a page shows, as text.
    async fn seen(&self, app: &App, viewer: &Viewer, include_hidden: bool) -> String {
        let query =
            TimelineQuery { order: Order::Descending, limit: 40, include_hidden, ..TimelineQuery::default() };
        let own = vec![Kind::ACTION, Kind::RESULT, Kind::GAP];
        format!(
            "{:#?}\n{:#?}\n{:#?}\n{:#?}\n{:#?}",
            reading::timeline(app, viewer, self.incident, &query).await.unwrap(),
            reading::proposals_of(app, viewer, self.incident).await.unwrap(),
            reading::changes_before(app, viewer, self.incident).await.unwrap(),
            reading::rare_rows(app, viewer, self.incident, own, 500).await.unwrap(),
            reading::brief(app, viewer, self.incident).await.unwrap(),
        )
    }

    async fn check(&self, after: &Step) {
        let app = &self.server.app;
        let state = App::rebuild(&*app.store).await.unwrap();
        for (viewer, include_hidden) in self.readers.iter().zip([false, true]) {
            let forgetful = App::new(
                app.store.clone(),
                app.clock.clone(),
                app.ids.clone(),
                app.config.clone(),
                state.clone(),
            );
            let expected = self.seen(&forgetful, viewer, include_hidden).await;
            let found = self.seen(app, viewer, include_hidden).await;
            let differs = found.lines().zip(expected.lines()).find(|(found, expected)| found != expected);
            assert!(found == expected, "after {after:?}: {differs:?}");
        }
    }
}

/// More messages than are looked through for proposals: then counts are remembered as well.
#[test]
fn what_is_remembered_is_what_is_there() {
    let config = Config { cases: 6, failure_persistence: None, max_shrink_iters: 20, ..Config::default() };
    let drawn = (any::<bool>(), proptest::collection::vec(step(), 1..25));
    let tested = TestRunner::new(config).run(&drawn, |(is_large, steps)| {
        tokio::runtime::Runtime::new().unwrap().block_on(async {
            let mut scene = Scene::new(if is_large { 1_100 } else { 0 }).await;
            for step in &steps {
                scene.take(step).await;
                scene.check(step).await;
            }
        });
        Ok(())
    });
    tested.unwrap();
}

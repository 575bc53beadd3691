//! A made-up state of things with everything that the page can show.

use api::{Firing, HealthState, Now, SourceHealth, SourceView, Unassigned};
use incident::{Mapping, SourceKind, Status};

use super::View;
use crate::web::incident::sample::{at, id, incident_view, people, temporary};
use crate::web::zone::Zone;

fn health(source: &str, kind: SourceKind, state: HealthState, says: &str) -> SourceHealth {
    SourceHealth {
        source: source.into(),
        kind,
        state,
        says: says.into(),
        facts: 1_234,
        last_recorded: (state != HealthState::New).then(|| at("15:09:58")),
        last_occurred: (state != HealthState::New).then(|| at("15:09:57")),
        lag_ms: (state != HealthState::New).then_some(840),
        clock_ahead_ms: (state == HealthState::Silent).then_some(-42_000),
        deliveries: 310,
        refused: u64::from(state == HealthState::Failing) * 3,
        last_error: (state == HealthState::Failing).then(|| "the signature is wrong".into()),
        last_error_at: (state == HealthState::Failing).then(|| at("15:08:00")),
    }
}

pub(crate) fn sources() -> Vec<SourceView> {
    [
        (
            "ci",
            SourceKind::Json,
            HealthState::Failing,
            "The last delivery was refused: the signature is wrong.",
        ),
        ("github", SourceKind::Github, HealthState::New, "Nothing came yet. Send a sample to try it."),
        ("ops-chat", SourceKind::Ndjson, HealthState::Silent, "Nothing came for 12 min; usually every 9 s."),
        ("prod-alerts", SourceKind::Alertmanager, HealthState::Ok, "It records."),
    ]
    .into_iter()
    .map(|(name, kind, state, says)| SourceView {
        source: name.into(),
        kind,
        private: false,
        members: Vec::new(),
        retention_days: (name == "ops-chat").then_some(90),
        mapping: Mapping::default(),
        health: health(name, kind, state, says),
    })
    .collect()
}

pub(crate) fn view() -> View {
    let mut mitigated = incident_view();
    mitigated.incident.incident = "INC-2".into();
    mitigated.incident.title = "Backups of the orders database are late".into();
    mitigated.incident.severity = 3;
    mitigated.incident.status = Status::Mitigated;
    mitigated.incident.mitigated_at = Some(at("15:02:00"));
    mitigated.roles.clear();
    mitigated.next_update_due = Some(at("15:00:00"));
    let by = api::PersonRef { id: people()[1].id, name: people()[1].name.clone() };
    View {
        now: Now {
            at: at("15:10:05"),
            position: 14,
            open: vec![incident_view(), mitigated],
            firing: vec![Firing {
                since: at("14:58:03"),
                fact: id(2),
                source: "prod-alerts".into(),
                text: "HighErrorRate: checkout answers 502 for 38 % of requests".into(),
                thread: None,
            }],
            more_firing: false,
            temporary: vec![temporary()],
            unassigned: vec![Unassigned {
                fact: id(20),
                at: at("15:09:00"),
                by,
                text: "restarted the mailer".into(),
            }],
            sources: sources().into_iter().map(|source| source.health).collect(),
        },
        zone: Zone::named("Europe/Berlin"),
        base_url: "http://127.0.0.1:7700".into(),
        may_respond: true,
        may_add_sources: true,
    }
}

/// Nothing there yet: the page teaches.
pub(crate) fn empty() -> View {
    let mut view = view();
    view.now.open.clear();
    view.now.firing.clear();
    view.now.temporary.clear();
    view.now.unassigned.clear();
    view.now.sources.clear();
    view
}

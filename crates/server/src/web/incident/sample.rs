//! A made-up incident with everything that the pages can show.

use api::{
    Amended, Amendment, Brief, BriefAction, BriefResult, Count, Detection, FactView, Gap, Impact, Incident,
    IncidentView, Loose, Person, PersonRef, Proposal, ProposalState, Question, Revision, RoleHolder, Row,
    SpanState, StatusUpdate, TemporaryMeasure, TemporaryState, Timeline, TimelineFact,
};
use fact::{EntityId, FactId, PersonId, Timestamp};
use incident::{Because, IncidentRole, ResultOutcome, Role, SourceKind, Status, Window};
use serde_json::json;
use uuid::Uuid;

use super::{Stretch, TimelineQuery, View, stretch, tried};
use crate::web::entry::EntryView;
use crate::web::zone::Zone;

/// A time on the day of the story.
pub(crate) fn at(clock: &str) -> Timestamp {
    format!("2026-02-20T{clock}Z").parse().unwrap()
}

pub(crate) fn id(n: u128) -> FactId {
    FactId(Uuid::from_u128(0x019c_7d1c_2bd8_7000_8000_0000_0000_0000 + n))
}

pub(crate) fn people() -> Vec<Person> {
    [("Ada Lovelace", Role::Admin, vec!["ada@ops-chat"]), ("Grace Hopper", Role::Responder, vec![])]
        .into_iter()
        .enumerate()
        .map(|(n, (name, role, handles))| Person {
            id: PersonId(Uuid::from_u128(n as u128 + 1)),
            name: name.into(),
            role,
            handles: handles.into_iter().map(String::from).collect(),
            active: true,
        })
        .collect()
}

fn person(n: usize) -> PersonRef {
    let person = &people()[n];
    PersonRef { id: person.id, name: person.name.clone() }
}

pub(crate) fn row(n: u128, clock: &str, source: &str, kind: &str, actor: Option<&str>, text: &str) -> Row {
    Row {
        fact: TimelineFact {
            id: id(n),
            position: n as u64,
            occurred_at: at(clock),
            recorded_at: at(clock).plus_micros(400_000),
            source: source.into(),
            kind: kind.parse().unwrap(),
            actor: actor.map(String::from),
            text: text.into(),
            thread: None,
            result_of: None,
            redacted: false,
        },
        late: false,
        imported: false,
        source_kind: SourceKind::Ndjson,
        person: None,
        result: None,
        amended: None,
        edits: 0,
        deleted: false,
        starred: false,
        hidden: false,
        undone: false,
        moved_in: false,
        uncertainty_s: None,
        zone: None,
        span: None,
        temporary: None,
        proposals: Vec::new(),
        has_raw: false,
        version: None,
    }
}

pub(crate) fn rows() -> Vec<Row> {
    let mut rows = vec![
        row(1, "13:52:10", "github", "change", Some("ci"), "Deploy of proxy 4.12.0 to production: success"),
        row(
            2,
            "14:58:03",
            "prod-alerts",
            "alert",
            None,
            "HighErrorRate: checkout answers 502 for 38 % of requests",
        ),
        row(3, "14:58:41", "ops-chat", "message", Some("grace"), "checkout is throwing 502s, anybody on it?"),
        row(4, "14:59:20", "ops-chat", "message", Some("ada"), "looking. db2 can't be reached from app3"),
        row(5, "15:01:12", "ops-chat", "gap", None, "the connection to the chat was lost"),
        row(6, "15:04:30", "app3 terminal", "command", Some("ada"), "ufw status verbose  (exit 0)"),
        row(7, "15:06:02", "deadstick", "action", Some("Ada Lovelace"), "opened 5432 to everybody on db2"),
        row(
            8,
            "15:07:15",
            "prod-alerts",
            "alert",
            None,
            "HighErrorRate: checkout answers 502 for 38 % of requests",
        ),
        row(9, "15:07:40", "ops-chat", "message", Some("grace"), "orders go through again"),
        row(
            10,
            "15:08:00",
            "deadstick",
            "question",
            Some("Grace Hopper"),
            "why was the firewall enabled at all?",
        ),
        row(11, "15:08:30", "bridge", "utterance", Some("Linus"), "I ran ufw enable at about quarter to"),
        row(12, "15:08:50", "ops-chat", "message", Some("mallory"), ""),
        row(13, "15:09:00", "deadstick", "state", Some("Ada Lovelace"), "severity 1 to 2"),
        row(14, "15:09:20", "ci", "unknown", None, "{\"weird\":true}"),
    ];
    rows[1].span = Some(SpanState { begin: at("14:58:03"), end: None });
    rows[1].starred = true;
    rows[2].person = Some(person(1));
    rows[4].span = Some(SpanState { begin: at("15:01:12"), end: Some(at("15:03:00")) });
    rows[6].temporary = Some(TemporaryState { because: Some(Because::AgainstPolicy), in_place: true });
    rows[6].proposals = vec![
        proposal(8, "15:07:15", "HighErrorRate resolved", ProposalState::Proposed),
        proposal(9, "15:07:40", "orders go through again", ProposalState::Confirmed),
    ];
    rows[7].span = Some(SpanState { begin: at("14:58:03"), end: Some(at("15:07:15")) });
    rows[8].edits = 1;
    rows[10].late = true;
    rows[10].fact.recorded_at = at("15:20:00");
    rows[10].uncertainty_s = Some(120);
    rows[10].amended = Some(Amended {
        was_at: Some(at("15:18:00")),
        was_text: None,
        history: vec![Amendment {
            fact: id(40),
            by: person(0),
            at: at("15:30:00"),
            why: Some("he said so".into()),
        }],
    });
    rows[11].fact.redacted = true;
    rows[11].fact.kind = fact::Kind::ERASURE;
    rows
}

fn proposal(n: u128, clock: &str, text: &str, state: ProposalState) -> Proposal {
    Proposal {
        action: id(7),
        result: id(n),
        result_at: at(clock),
        result_text: text.into(),
        outcome: ResultOutcome::Helped,
        rule: "alert-resolved".into(),
        reason: "The alert that fired was resolved 1 min 13 s after it.".into(),
        state,
    }
}

pub(crate) fn temporary() -> TemporaryMeasure {
    TemporaryMeasure {
        fact: id(7),
        incident: Some("INC-1".into()),
        at: at("15:06:02"),
        by: person(0),
        text: "opened 5432 to everybody on db2".into(),
        because: Some(Because::AgainstPolicy),
        settled: None,
    }
}

pub(crate) fn incident_view() -> IncidentView {
    IncidentView {
        incident: Incident {
            id: EntityId(Uuid::from_u128(77)),
            incident: "INC-1".into(),
            title: "Checkout answers 502".into(),
            severity: 1,
            status: Status::Open,
            started_at: at("14:58:00"),
            declared_at: at("15:05:00"),
            mitigated_at: None,
            closed_at: None,
            external_id: None,
            url: "http://127.0.0.1:7700/incidents/INC-1".into(),
        },
        version: 9,
        declared_by: person(1),
        window: Window { from: at("13:58:00"), until: None },
        sources: None,
        private: false,
        members: Vec::new(),
        roles: vec![
            RoleHolder { role: IncidentRole::Commander, person: person(0) },
            RoleHolder { role: IncidentRole::Scribe, person: person(1) },
        ],
        services: vec!["checkout".into(), "orders".into()],
        impact: Some(Impact {
            fact: id(41),
            from: Some(at("14:57:00")),
            until: None,
            who: "everybody who pays".into(),
            how_known: Some("the error rate of the proxy".into()),
            evidence: Some(id(2)),
        }),
        detection: Some(Detection {
            fact: id(42),
            at: at("14:58:03"),
            by: "an alert".into(),
            evidence: Some(id(2)),
        }),
        updates: vec![StatusUpdate {
            fact: id(43),
            at: at("15:08:10"),
            by: person(0),
            text: "Orders go through again; watching the error rate.".into(),
            next_due: Some(at("15:38:10")),
        }],
        next_update_due: Some(at("15:38:10")),
        questions: vec![Question {
            fact: id(10),
            at: at("15:08:00"),
            by: person(1),
            text: "why was the firewall enabled at all?".into(),
        }],
        temporary: vec![temporary()],
        same_as: None,
        doubles: Vec::new(),
        read_only: None,
        loose_ends: vec![Loose {
            what: "silent-source".into(),
            text: "bridge told nothing since 20 Feb 2026, 15:08 UTC.".into(),
            fact: None,
        }],
    }
}

pub(crate) fn view() -> View {
    let zone = Zone::named("Europe/Berlin");
    let rows = rows();
    View {
        incident: incident_view(),
        now: at("15:10:05"),
        may_respond: true,
        people: people(),
        tried: tried::tried(&rows[6..7], &rows[6].proposals, &zone),
        before: rows[..1].iter().map(|row| EntryView::new(row, &zone)).collect(),
        gaps: vec![Gap {
            source: "ops-chat".into(),
            from: at("15:01:12"),
            until: Some(at("15:03:00")),
            text: "the connection to the chat was lost".into(),
            fact: id(5),
        }],
        zone,
    }
}

/// The timeline as the page shows it.
pub(crate) fn shown(rows: Vec<Row>, view: &View) -> Stretch {
    let counts = vec![
        Count { source: "ops-chat".into(), kind: fact::Kind::MESSAGE, count: 4 },
        Count { source: "prod-alerts".into(), kind: fact::Kind::ALERT, count: 2 },
    ];
    let timeline = Timeline {
        incident: "INC-1".into(),
        rows,
        next: None,
        previous: Some("2026-02-20T14:58:00.000000Z,2".into()),
        window: view.incident.window,
        counts: counts.clone(),
        total: 6,
        hidden: 1,
        expired: Vec::new(),
        gaps: Vec::new(),
        position: 14,
    };
    stretch(timeline, &counts, &TimelineQuery::default(), view)
}

pub(crate) fn fact_view() -> FactView {
    let revision = |n: u32, text: &str| Revision {
        id: id(u128::from(n) + 60),
        revision: n,
        position: 60 + u64::from(n),
        occurred_at: at("15:07:40"),
        recorded_at: at("15:07:41"),
        actor: Some("grace".into()),
        text: text.into(),
        data: json!({"channel": "ops", "reactions": ["+1"]}).as_object().unwrap().clone(),
        raw: Some(json!({"text": text, "ts": "1771600060.000100"}).to_string()),
    };
    FactView {
        row: rows().remove(8),
        native_id: Some("C01/1771600060.000100".into()),
        revisions: vec![revision(0, "orders go thru"), revision(1, "orders go through again")],
        about: vec![id(7)],
        incidents: vec!["INC-1".into()],
    }
}

pub(crate) fn brief() -> Brief {
    let told = incident_view();
    Brief {
        incident: told.incident,
        at: at("15:10:05"),
        last_update: told.updates.into_iter().next(),
        next_update_due: told.next_update_due,
        roles: told.roles,
        services: told.services,
        tried: vec![BriefAction {
            fact: id(7),
            at: at("15:06:02"),
            by: Some("Ada Lovelace".into()),
            text: "opened 5432 to everybody on db2".into(),
            results: vec![BriefResult {
                fact: id(8),
                outcome: ResultOutcome::Helped,
                text: "HighErrorRate resolved".into(),
                confirmed: false,
            }],
        }],
        temporary: told.temporary,
        questions: told.questions,
        text: "INC-1".into(),
    }
}

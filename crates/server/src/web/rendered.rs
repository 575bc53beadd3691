//! Every page from its sample: well-formed, nothing inline, and safe with hostile text in it.
//!
//! With `DEADSTICK_PAGES` set to a folder the pages are written there, to be looked at.

use askama::Template;

use super::frame::{Frame, Here};
use super::{brief, door, fact, incident, incidents, now, people, refusal, sources};

/// Every page by name.
fn pages() -> Vec<(&'static str, String)> {
    let frame = |page, here| Frame::sample(page, here, "A page");
    let now_frame = frame("now", Here::Now).listening("/live/now", 14);
    let incident_frame = frame("incident", Here::Incidents).listening("/live/incidents/INC-1", 14);
    let (busy, empty) = (now::sample::view(), now::sample::empty());
    let view = incident::sample::view();
    let stretch = incident::sample::shown(incident::sample::rows(), &view);
    let nothing = incident::sample::shown(Vec::new(), &view);
    let problem = crate::Problem::not_found().hint("Look elsewhere.").body;
    let (all, single, short) = (incidents::View::sample(), fact::View::sample(), brief::View::sample());
    let (sources_view, people_view) = (sources::View::sample(), people::View::sample());
    let elsewhere = frame("fact", Here::Elsewhere);
    let mut pages = vec![
        ("now", now::Page { frame: &now_frame, view: &busy }.render()),
        ("now-empty", now::Page { frame: &now_frame, view: &empty }.render()),
        ("incident", incident::Page { frame: &incident_frame, view: &view, stretch: &stretch }.render()),
        (
            "incident-empty",
            incident::Page { frame: &incident_frame, view: &view, stretch: &nothing }.render(),
        ),
        ("incidents", incidents::Page { frame: &frame("incidents", Here::Incidents), view: &all }.render()),
        ("fact", fact::Page { frame: &elsewhere, view: &single }.render()),
        ("brief", brief::Page { frame: &frame("brief", Here::Incidents), view: &short }.render()),
        ("sources", sources::Page { frame: &frame("sources", Here::Sources), view: &sources_view }.render()),
        ("people", people::Page { frame: &frame("people", Here::People), view: &people_view }.render()),
        ("refusal", refusal::Page { frame: &elsewhere, problem: &problem }.render()),
    ];
    use door::Door;
    for (name, at) in [
        ("sign-in", Door::SignIn),
        ("invited", Door::Invited),
        ("dead-link", Door::DeadLink),
        ("not-active", Door::NotActive),
    ] {
        pages.push((name, door::Page { frame: &door::frame(at), door: at }.render()));
    }
    pages.into_iter().map(|(name, page)| (name, page.unwrap())).collect()
}

const VOID: [&str; 8] = ["meta", "link", "input", "br", "img", "hr", "!doctype", "wbr"];

/// The elements of a page, opened and closed in order, ids once each; else where it goes wrong.
fn check_well_formed(html: &str) -> Result<(), String> {
    let mut open: Vec<&str> = Vec::new();
    let mut ids = std::collections::BTreeSet::new();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        let tag = &rest[start + 1..];
        let near = || rest[start..].chars().take(80).collect::<String>();
        let end = tag.find('>').ok_or_else(|| format!("a tag that does not end: {}", near()))?;
        let (tag, after) = (&tag[..end], &tag[end + 1..]);
        if tag.matches('"').count() % 2 != 0 || tag.contains('<') {
            return Err(format!("a quote or bracket too many: {}", near()));
        }
        let name = tag.trim_start_matches('/').split(|c: char| c.is_whitespace()).next().unwrap_or("");
        if tag.starts_with('/') {
            match open.pop() {
                Some(expected) if expected == name => {}
                expected => return Err(format!("{name} closes {expected:?}: {}", near())),
            }
        } else if !VOID.contains(&name) {
            open.push(name);
        }
        if let Some(id) = tag.split(" id=\"").nth(1).and_then(|rest| rest.split('"').next())
            && !ids.insert(id.to_owned())
        {
            return Err(format!("the id {id} twice"));
        }
        rest = after;
    }
    if open.is_empty() { Ok(()) } else { Err(format!("left open: {open:?}")) }
}

#[test]
fn every_page_is_well_formed() {
    for (name, page) in pages() {
        if let Ok(folder) = std::env::var("DEADSTICK_PAGES") {
            std::fs::write(format!("{folder}/{name}.html"), &page).unwrap();
        }
        check_well_formed(&page).unwrap_or_else(|wrong| panic!("{name}: {wrong}"));
    }
}

#[test]
fn the_check_finds_what_is_wrong() {
    for wrong in ["<p>", "<p></b>", "<a href=\"x></a>", "<p id=\"a\"></p><p id=\"a\"></p>", "<p"] {
        assert!(check_well_formed(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn pages_have_landmarks_and_nothing_inline() {
    for (name, page) in pages() {
        let count = |what: &str| page.matches(what).count();
        assert!(page.starts_with("<!doctype html>\n<html lang=\"en\">"), "{name}");
        assert_eq!((count("<main"), count("<h1"), count("<title>")), (1, 1, 1), "{name}");
        assert!(
            !page.contains(" style=\"") && !page.contains("<style") && !page.contains("javascript:"),
            "{name}"
        );
        assert_eq!(count("<script"), 2, "{name}: scripts come from files");
        assert_eq!(
            count("<script src=\"/assets/") + count("<script type=\"module\" src=\"/assets/"),
            2,
            "{name}"
        );
        for event in [" onclick=", " onload=", " onsubmit=", " onerror="] {
            assert!(!page.contains(event), "{name} has {event}");
        }
    }
}

/// Text as an attacker or an unlucky sender may write it.
const HOSTILE: [&str; 7] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "'\"`onmouseover=alert(1) x=",
    "</bdi></li></ol></section><h1>mine</h1>",
    "\u{202e}txt.exe\u{2066} \u{200f}",
    "{{ 7 * 7 }}{% if true %}",
    "<!-- \u{0} --><![CDATA[ & &amp; &lt;",
];

#[test]
fn hostile_text_stays_text() {
    let long = "x".repeat(10_000);
    for text in HOSTILE.into_iter().chain([long.as_str()]) {
        let mut rows = incident::sample::rows();
        for row in &mut rows {
            row.fact.text = text.into();
            row.fact.actor = Some(text.into());
            row.fact.source = text.into();
            row.proposals.iter_mut().for_each(|proposal| proposal.result_text = text.into());
        }
        let mut view = incident::sample::view();
        view.incident.incident.title = text.into();
        view.incident.services = vec![text.into()];
        view.incident.questions[0].text = text.into();
        view.incident.temporary[0].text = text.into();
        view.people[0].name = text.into();
        let stretch = incident::sample::shown(rows.clone(), &view);
        let frame = Frame::sample("incident", Here::Incidents, text);
        let incident_page =
            incident::Page { frame: &frame, view: &view, stretch: &stretch }.render().unwrap();

        let mut now_view = now::sample::view();
        now_view.now.firing[0].text = text.into();
        now_view.now.open[0].incident.title = text.into();
        now_view.now.sources[0].source = text.into();
        now_view.now.unassigned[0].text = text.into();
        let now_page = now::Page { frame: &frame, view: &now_view }.render().unwrap();

        let mut fact_view = fact::View::sample();
        fact_view.fact.row = rows[8].clone();
        fact_view.fact.native_id = Some(text.into());
        fact_view.fact.revisions[0].raw = Some(text.into());
        let fact_page = fact::Page { frame: &frame, view: &fact_view }.render().unwrap();

        let mut sources_view = sources::View::sample();
        sources_view.sources[0].health.last_error = Some(text.into());
        let sources_page = sources::Page { frame: &frame, view: &sources_view }.render().unwrap();

        for page in [incident_page, now_page, fact_page, sources_page] {
            check_well_formed(&page).unwrap_or_else(|wrong| panic!("{text}: {wrong}"));
            assert_eq!(page.matches("<script").count(), 2, "{text}");
            assert_eq!(page.matches("<h1").count(), 1, "{text}");
            assert!(!page.contains("<img src=x"), "{text}");
        }
    }
}

#[test]
fn no_field_for_a_cause() {
    for (name, page) in pages() {
        let page = page.to_lowercase();
        // tidy: foreign word in this file: root cause
        for field in ["name=\"cause\"", "root cause", "name=\"reason\""] {
            assert!(!page.contains(field), "{name} asks for a cause");
        }
    }
}

#[test]
fn the_first_screen_is_small() {
    let view = incident::sample::view();
    let text =
        "a message of ordinary length, as people write them in a chat room, with a link to a host".to_owned();
    let rows = (0..200)
        .map(|n| incident::sample::row(n + 100, "15:00:00", "ops-chat", "message", Some("grace"), &text))
        .collect();
    let stretch = incident::sample::shown(rows, &view);
    let frame = Frame::sample("incident", Here::Incidents, "A page");
    let page = incident::Page { frame: &frame, view: &view, stretch: &stretch }.render().unwrap();
    assert!(page.len() < 200_000, "{} bytes", page.len());
}

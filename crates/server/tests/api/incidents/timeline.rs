use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::scene::Scene;

/// Twenty messages, one a minute, two of them at the same moment.
async fn talk() -> (Scene, String) {
    let scene = Scene::new().await;
    let ops = scene.server.source("ndjson", "ops").await;
    let alerts = scene.server.source("ndjson", "alerts").await;
    for minute in 0..20 {
        let path = if minute % 4 == 0 { &alerts } else { &ops };
        scene.message(path, &format!("15:{:02}:00", minute / 2), &format!("m{minute:02}")).await;
    }
    scene.server.clock.advance_minutes(15);
    let incident = scene.declare("Slow").await;
    (scene, incident)
}

#[tokio::test]
async fn a_line_has_exactly_the_fields_of_the_contract_in_their_order() {
    let scene = Scene::new().await;
    let ops = scene.server.source("ndjson", "ops").await;
    scene.message(&ops, "15:05:00.5", "the db is slow").await;
    scene.server.clock.advance_minutes(10);
    let incident = scene.declare("Slow").await;
    let path = format!("/api/v1/incidents/{incident}/timeline");
    let text = scene.server.get(&scene.ada, &path).await.expect(200).text();
    let facts: Value = serde_json::from_str(&text).unwrap();
    let (id, position) = (facts[0]["id"].as_str().unwrap(), &facts[0]["position"]);
    let expected = format!(
        "[{{\"id\":\"{id}\",\"position\":{position},\"occurred_at\":\"2026-02-20T15:05:00.500000Z\",\
         \"recorded_at\":\"2026-02-20T15:10:00.000000Z\",\"source\":\"ops\",\"kind\":\"message\",\
         \"actor\":\"bob\",\"text\":\"the db is slow\",\"thread\":null,\"result_of\":null,\"redacted\":false}},"
    );
    assert!(text.starts_with(&expected), "{text}");
}

#[tokio::test]
async fn what_was_recorded_before_anybody_declared_is_there_and_nothing_from_long_before() {
    let scene = Scene::new().await;
    let ops = scene.server.source("ndjson", "ops").await;
    scene.message(&ops, "13:59:00", "long before").await;
    scene.server.clock.advance_minutes(90);
    scene.message(&ops, "16:35:00", "just before").await;
    let incident = scene.declare("Slow").await;
    assert_eq!(scene.texts(&incident, "").await, ["just before"]);
}

#[tokio::test]
async fn pages_put_together_are_the_whole_in_both_orders() {
    let (scene, incident) = talk().await;
    let whole = scene.texts(&incident, "").await;
    assert_eq!(whole.len(), 20);
    assert_eq!(whole, (0..20).map(|n| format!("m{n:02}")).collect::<Vec<_>>());
    for order in ["ascending", "descending"] {
        let mut path = format!("/api/v1/incidents/{incident}/timeline?limit=3&order={order}");
        let mut texts = Vec::new();
        loop {
            let reply = scene.server.get(&scene.ada, &path).await.expect(200);
            let page = reply.json();
            assert!(page.as_array().unwrap().len() <= 3);
            texts.extend(
                page.as_array()
                    .unwrap()
                    .iter()
                    .filter(|f| f["source"] != "deadstick")
                    .map(|fact| fact["text"].as_str().unwrap().to_owned()),
            );
            let Some(link) = reply.header("link") else { break };
            let url = link.strip_prefix('<').unwrap().split_once('>').unwrap().0;
            path = url.strip_prefix("http://127.0.0.1:7700").unwrap().to_owned();
        }
        if order == "descending" {
            texts.reverse();
        }
        assert_eq!(texts, whole, "{order}");
    }
}

#[tokio::test]
async fn filters_let_through_what_they_name_only() {
    let (scene, incident) = talk().await;
    assert_eq!(scene.texts(&incident, "sources=alerts").await, ["m00", "m04", "m08", "m12", "m16"]);
    assert_eq!(scene.texts(&incident, "sources=ops,alerts").await.len(), 20);
    assert_eq!(scene.texts(&incident, "kinds=alert").await.len(), 0);
    let path = format!("/api/v1/incidents/{incident}/timeline?sources=ops");
    let facts = scene.get(&path).await;
    assert!(facts.as_array().unwrap().iter().all(|fact| fact["source"] == "ops"));
    let absent = format!("/api/v1/incidents/{incident}/timeline?sources=nosuch");
    assert_eq!(scene.server.get(&scene.ada, &absent).await.status, 404);
}

#[tokio::test]
async fn the_part_around_a_fact_holds_it_and_its_neighbours() {
    let (scene, incident) = talk().await;
    let facts = scene.get(&format!("/api/v1/incidents/{incident}/timeline")).await;
    let id = facts[10]["id"].as_str().unwrap();
    let texts = scene.texts(&incident, &format!("around={id}&limit=4")).await;
    assert_eq!(texts, ["m08", "m09", "m10", "m11"]);
    let full =
        scene.get(&format!("/api/v1/incidents/{incident}/timeline?view=full&around={id}&limit=4")).await;
    assert!(full["previous"].is_string() && full["next"].is_string(), "{full}");
}

#[tokio::test]
async fn counts_tell_sources_and_kinds() {
    let (scene, incident) = talk().await;
    let full = scene.get(&format!("/api/v1/incidents/{incident}/timeline?view=full&sources=ops")).await;
    let count = |source: &str, kind: &str| {
        let counts = full["counts"].as_array().unwrap();
        counts.iter().find(|it| it["source"] == source && it["kind"] == kind).map(|it| it["count"].clone())
    };
    assert_eq!(count("ops", "message"), Some(json!(15)));
    assert_eq!(count("alerts", "message"), Some(json!(5)));
    assert_eq!(full["total"], json!(21));
}

#[tokio::test]
async fn a_fact_in_two_incidents_is_one_fact() {
    let scene = Scene::new().await;
    let ops = scene.server.source("ndjson", "ops").await;
    let id = scene.message(&ops, "15:05:00", "once").await;
    let first = scene.declare("One").await;
    let second = scene.declare("Two").await;
    assert_eq!(scene.texts(&first, "").await, ["once"]);
    assert_eq!(scene.texts(&second, "").await, ["once"]);
    let fact = scene.get(&format!("/api/v1/facts/{id}")).await;
    let incidents: BTreeSet<&str> =
        fact["incidents"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    assert_eq!(incidents, BTreeSet::from([first.as_str(), second.as_str()]));
    let sources = scene.get("/api/v1/sources").await;
    assert_eq!(sources[0]["health"]["facts"], json!(1));
}

#[tokio::test]
async fn hostile_text_comes_back_as_it_was_and_marks_nothing_up() {
    let scene = Scene::new().await;
    let ops = scene.server.source("ndjson", "ops").await;
    let hostile = "<script>alert('1')</script>\u{202e}txt & \"x\" [a](javascript:b) # `c`\u{1b}[31m";
    scene.message(&ops, "15:05:00", hostile).await;
    let incident = scene.declare("<img src=x onerror=alert(1)>").await;
    assert_eq!(scene.texts(&incident, "").await, [hostile]);
    let path = format!("/api/v1/incidents/{incident}/export?format=markdown");
    let markdown = scene.server.get(&scene.ada, &path).await.expect(200).text();
    for raw in ["<script", "<img", "\u{202e}", "\u{1b}", "](javascript", "`c`"] {
        assert!(!markdown.contains(raw), "{raw:?} in {markdown}");
    }
    assert!(markdown.contains("&lt;script&gt;alert\\('1'\\)&lt;/script&gt;U+202Etxt &amp;"), "{markdown}");
}

#[tokio::test]
async fn absurd_queries_are_refused_with_a_reason() {
    let (scene, incident) = talk().await;
    for query in ["limit=-1", "beyond=yesterday", "order=sideways", "kinds=NO+KIND", "nosuch=1", "around=x"] {
        let path = format!("/api/v1/incidents/{incident}/timeline?{query}");
        let reply = scene.server.get(&scene.ada, &path).await.expect(400);
        assert_eq!(reply.header("content-type"), Some("application/problem+json"), "{query}");
        assert_eq!(reply.problem(), "bad-query", "{query}");
    }
    let path =
        format!("/api/v1/incidents/{incident}/timeline?limit=99999999999&beyond=2199-01-01T00:00:00Z,1");
    assert_eq!(scene.server.get(&scene.ada, &path).await.status, 200);
}

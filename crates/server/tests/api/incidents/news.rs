use serde_json::{Value, json};

use crate::scene::Scene;

fn texts(news: &Value) -> Vec<&str> {
    news["rows"].as_array().unwrap().iter().map(|row| row["text"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn tells_what_is_new_once_wherever_it_lies() {
    let scene = Scene::new().await;
    let ops = scene.server.source("ndjson", "ops").await;
    let noise = scene.server.source("ndjson", "noise").await;
    let incident = scene.declare("Slow").await;
    scene.message(&ops, "15:05:00", "read already").await;
    let read = scene.get(&format!("/api/v1/incidents/{incident}/timeline?view=full")).await;
    let news = async |after: &Value, filters: &str| {
        scene.get(&format!("/api/v1/incidents/{incident}/news?after={after}{filters}")).await
    };
    let nothing = news(&read["position"], "").await;
    assert_eq!((&nothing["rows"], &nothing["position"]), (&json!([]), &read["position"]));

    scene.message(&ops, "15:06:00", "new").await;
    scene.message(&noise, "15:02:00", "told late").await;
    let found = news(&read["position"], "").await;
    assert_eq!(texts(&found), ["told late", "new"]);
    assert_eq!(found["more"], false);
    assert_eq!(texts(&news(&read["position"], "&sources=ops").await), ["new"]);
    assert_eq!(texts(&news(&read["position"], "&kinds=alert").await), [""; 0]);
    assert_eq!(news(&found["position"], "").await["rows"], json!([]), "told once");
    let star = json!({"verb": "star", "incident": incident, "fact": found["rows"][0]["id"], "on": true});
    scene.command(star).await;
    assert_eq!(news(&found["position"], "").await["rows"], json!([]), "that somebody starred is no news");
    assert_eq!(texts(&news(&read["position"], "&starred=true").await), ["told late"]);
}

#[tokio::test]
async fn says_that_there_is_more() {
    let scene = Scene::new().await;
    let ops = scene.server.source("ndjson", "ops").await;
    let incident = scene.declare("Slow").await;
    let lines = (0..1_100)
        .map(|n| json!({"native_id": n.to_string(), "occurred_at": "2026-02-20T15:04:00Z", "text": "x"}));
    scene.deliver(&ops, lines.collect()).await;
    let path = format!("/api/v1/incidents/{incident}/news?after=");
    let first = scene.get(&format!("{path}0")).await;
    assert_eq!(first["more"], true);
    let second = scene.get(&format!("{path}{}", first["position"])).await;
    assert_eq!(second["more"], false);
    let counts = [&first, &second].map(|news| texts(news).iter().filter(|text| **text == "x").count());
    assert_eq!(counts.iter().sum::<usize>(), 1_100, "{counts:?}");
}

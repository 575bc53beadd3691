//! What the server writes about itself for machines.

use std::io::{BufRead as _, BufReader, Read as _};

use serde_json::Value;

use crate::harness::{Site, deadstick};

/// Runs a server that logs as JSON, talks to it, and gives what it wrote to stderr.
fn told(site: &Site, talk: impl FnOnce(&Value)) -> String {
    let mut child = deadstick()
        .args(["serve", "--json", "--log-format", "json", "--listen", "127.0.0.1:0", "--data"])
        .arg(site.data())
        .env("HOME", site.path())
        .env("DEADSTICK_LOG", "debug")
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stderr = child.stderr.take().expect("stderr is piped");
    let log = std::thread::spawn(move || {
        let mut text = String::new();
        stderr.read_to_string(&mut text).expect("the log is text");
        text
    });
    let mut line = String::new();
    let stdout = child.stdout.take().expect("stdout is piped");
    BufReader::new(stdout).read_line(&mut line).expect("stdout can be read");
    talk(&serde_json::from_str(&line).expect("one line of JSON"));
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).expect("it can be signalled");
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
    log.join().expect("the log is read to its end")
}

/// The status of an answer, whatever it is.
fn status(request: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> u16 {
    match request {
        Ok(answer) => answer.status().as_u16(),
        Err(ureq::Error::StatusCode(status)) => status,
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn a_line_of_the_log_is_one_object_without_secrets() {
    let site = Site::new();
    let mut secrets = Vec::new();
    let log = told(&site, |ready| {
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let last = |url: &str| url.rsplit('/').next().expect("a part").to_owned();
        let (url, token, login) = (text(&ready["url"]), text(&ready["token"]), text(&ready["login_url"]));
        let added = site.json(&["sources", "add", "ndjson", "irc"]);
        let (delivery, secret) = (text(&added["url"]), text(&added["secret"]));
        let invite = text(&site.json(&["people", "add", "Ben"])["url"]);
        let line = r#"{"occurred_at":"2026-02-20T15:00:00Z","kind":"message","text":"x"}"#;
        assert_eq!(status(ureq::post(&delivery).send(line)), 200);
        let wrong = delivery.replace(&last(&delivery), "a-wrong-secret");
        assert_eq!(status(ureq::post(&wrong).send(line)), 404);
        let bearer = format!("Bearer {token}");
        let read = ureq::get(format!("{url}/api/v1/incidents")).header("authorization", &bearer).call();
        assert_eq!(status(read), 200);
        let asked = ureq::get(format!("{url}/api/v1/incidents?token={token}")).call();
        assert_eq!(status(asked), 401);
        for page in [&login, &invite] {
            // Where they lead to needs a cookie: that the secret was asked for is what counts.
            assert!(status(ureq::get(page).call()) < 500);
        }
        secrets.extend([token, secret, last(&delivery), last(&login), last(&invite)]);
        secrets.push("a-wrong-secret".into());
    });
    let lines: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect();
    for line in &lines {
        assert!(line["timestamp"].as_str().is_some_and(|at| at.ends_with('Z')), "{line}");
        assert!(line["level"].is_string() && line["fields"]["message"].is_string(), "{line}");
    }
    let paths: Vec<&str> = lines.iter().filter_map(|line| line["fields"]["path"].as_str()).collect();
    for path in ["/in/irc/***", "/login/***", "/invite/***", "/api/v1/incidents"] {
        assert!(paths.contains(&path), "{path}: {paths:?}");
    }
    for secret in secrets {
        assert!(secret.len() > 8 && !log.contains(&secret), "{secret}: {log}");
    }
}

//! Windows in, proposals out.

use crate::story::{incident, story};
use incident::{Pair, ResultOutcome, Verdict};
use insight::{Seen, proposals};

/// One line a proposal: action → result, outcome, rule, reason; facts by their line in the story.
fn proposed(text: &str) -> String {
    let facts = story(text);
    let seen: Vec<_> = facts.iter().map(Seen::of).collect();
    let line = |id| facts.iter().position(|fact| fact.fact.id == id).map_or(0, |line| line + 1);
    proposals(&incident(), &seen)
        .iter()
        .map(|it| {
            let (rule, after) = (it.rule.as_str(), it.after_s);
            format!(
                "{} → {} {} [{rule}, {after} s] {}\n",
                line(it.action),
                line(it.result),
                it.outcome,
                it.reason
            )
        })
        .collect()
}

#[test]
fn an_alert_is_resolved_after_an_action() {
    let found = proposed(
        r#"
15:00:00 action  restarted the cache
15:01:00 action  rolled back api
15:02:00 note    waiting
15:03:10 alert   firing 14:50:00..15:03:10 {"labels": {"alertname": "HighErrorRate", "app": "api"}}
"#,
    );
    insta::assert_snapshot!(found, @"2 → 4 helped [alert-resolved, 130 s] alert HighErrorRate resolved 2 min 10 s after, both about api");
}

#[test]
fn the_action_on_the_same_thing_is_preferred_to_a_nearer_one() {
    let found = proposed(
        r#"
15:00:00 change  deployed billing v2
15:01:00 action  restarted the cache
15:04:00 alert   firing 14:50:00..15:04:00 {"labels": {"alertname": "Slow", "service": "billing", "severity": "page"}}
15:05:00 alert   firing 14:50:00..15:05:00 {"labels": {"alertname": "Other", "service": "mail"}}
"#,
    );
    insta::assert_snapshot!(found, @r"
    1 → 3 helped [alert-resolved, 240 s] alert Slow resolved 4 min after, both about billing
    2 → 4 helped [alert-resolved, 240 s] alert Other resolved 4 min after
    ");
}

#[test]
fn nothing_is_proposed_without_ground() {
    let check = |text: &str| assert_eq!(proposed(text), "", "{text}");
    // Too long after, before the alert began, still firing, a failed command, one that only looks.
    check("14:00:00 action restarted api\n15:00:00 alert x 13:50:00..15:00:00 {}");
    check("14:40:00 action restarted api\n15:00:00 alert x 14:50:00..15:00:00 {}");
    check("14:55:00 action restarted api\n15:00:00 alert x 14:50:00.. {}");
    check("14:55:00 command kubectl get pods\n15:00:00 alert x 14:50:00..15:00:00 {}");
    check("14:55:00 command sudo journalctl -u api\n15:00:00 message works again");
    // Talk too long after, before, or of something else.
    check("14:00:00 action restarted api\n14:16:00 message that fixed it");
    check("14:00:00 message that fixed it\n14:01:00 action restarted api");
    check("14:00:00 action restarted api\n14:01:00 message is that fixed?");
    check("14:00:00 join ada\n14:01:00 message works again");
}

#[test]
fn people_say_what_came_of_it() {
    let found = proposed(
        r#"
15:00:00 action    restarted api
15:00:30 message   did that help?
15:01:00 message   no change
15:01:30 utterance still seeing errors
15:05:00 command   kubectl rollout undo deploy/api {"exit_status": 0}
15:07:00 message   not fixed yet
15:09:00 message   that fixed it, thanks
15:10:00 message   works again
"#,
    );
    insta::assert_snapshot!(found, @r"
    1 → 3 no change [said, 60 s] somebody said 1 min after that it changed nothing
    5 → 5 finished [exit-status, 0 s] exit status 0
    5 → 6 no change [said, 120 s] somebody said 2 min after that it changed nothing
    5 → 7 helped [said, 240 s] somebody said 4 min after that it helped
    ");
}

#[test]
fn commands_and_deployments_end_by_themselves() {
    let found = proposed(
        r#"
15:00:00 command ./migrate.sh {"exit_status": 3}
15:01:00 change  deploying api thread=d1 {"state": "in_progress"}
15:03:00 change  deployed api thread=d1 {"state": "success"}
15:04:00 change  deploy of web thread=d2 {"state": "failure"}
15:06:00 alert   x 14:50:00..15:06:00 {"labels": {"alertname": "ApiDown", "app": "api"}}
"#,
    );
    insta::assert_snapshot!(found, @r"
    1 → 1 failed [exit-status, 0 s] exit status 3
    2 → 3 finished [deployment-state, 120 s] the change succeeded 2 min after
    4 → 4 failed [deployment-state, 0 s] the change failed
    2 → 5 helped [alert-resolved, 180 s] alert ApiDown resolved 3 min after, both about api
    ");
}

#[test]
fn a_script_names_the_action() {
    let facts = story("15:00:00 action restarted api\n15:01:00 result measured");
    let mut facts = facts;
    let action = facts[0].fact.id;
    facts[1].fact.content.data.insert("result_of".into(), action.to_string().into());
    let seen: Vec<_> = facts.iter().map(Seen::of).collect();
    let found = proposals(&incident(), &seen);
    assert_eq!((found[0].action, found[0].result, found.len()), (action, facts[1].fact.id, 1));
    insta::assert_snapshot!(found[0].reason, @"names the action, 1 min after");
}

#[test]
fn what_was_judged_hidden_or_taken_back_does_not_come_back() {
    let facts =
        story("15:00:00 action restarted api\n15:01:00 message that fixed it\n15:02:00 message works again");
    let seen: Vec<_> = facts.iter().map(Seen::of).collect();
    let [action, first, second] = [0, 1, 2].map(|n: usize| facts[n].fact.id);
    let pairs = |incident: &incident::Incident| {
        proposals(incident, &seen).iter().map(|it| (it.action, it.result)).collect::<Vec<_>>()
    };
    assert_eq!(pairs(&incident()), [(action, first)]);

    let mut judged = incident();
    let by = judged.declared_by;
    let verdict = |confirmed| Verdict { fact: action, by, outcome: ResultOutcome::Helped, confirmed };
    judged.verdicts.insert(Pair { action, result: first }, verdict(false));
    assert_eq!(pairs(&judged), [(action, second)], "denied: the next one is asked about");
    judged.verdicts.insert(Pair { action, result: first }, verdict(true));
    assert_eq!(pairs(&judged), [], "confirmed: nothing more to ask");

    let mut without = incident();
    without.hidden.insert(first);
    assert_eq!(pairs(&without), [(action, second)]);
    without.undone.insert(action);
    assert_eq!(pairs(&without), []);
}

#[test]
fn a_hundred_thousand_facts_are_looked_at_once() {
    // Every tenth is a command, every tenth an alert that is resolved: the work must not grow with
    // the square. Without a clock, the test is that it ends.
    let mut text = String::new();
    for n in 0..10_000 {
        let (minute, second) = (n / 60 % 60, n % 60);
        let line = match n % 10 {
            0 => format!("15:{minute:02}:{second:02} command restart thing{n}\n"),
            1 => format!("15:{minute:02}:{second:02} alert x 14:50:00..15:{minute:02}:{second:02} {{}}\n"),
            _ => format!("15:{minute:02}:{second:02} message looking at {n}\n"),
        };
        text.push_str(&line);
    }
    let facts = story(&text);
    let seen: Vec<_> = facts.iter().map(Seen::of).collect();
    let tenfold: Vec<_> = std::iter::repeat_n(seen, 10).flatten().collect();
    assert!(!proposals(&incident(), &tenfold).is_empty());
}

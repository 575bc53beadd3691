//! A window in, a brief out.

use crate::story::{at, id, incident, story};
use incident::{IncidentRole, StatusUpdate};
use insight::{Seen, brief, proposals};

#[test]
fn who_joins_late_reads_this() {
    let facts = story(
        r#"
14:20:00 change  deployed checkout 2.4.1
14:59:00 alert   checkout is down thread=a 14:58:00.. {"labels": {"app": "checkout"}}
14:59:30 alert   disk is full thread=b 14:50:00..
15:01:00 join    came by=ada
15:02:00 join    came by=bob
15:04:00 command kubectl rollout undo deploy/checkout by=bob {"exit_status": 0}
15:05:00 command ls {"exit_status": 0}
15:06:00 leave   went by=ada
15:07:00 alert   checkout is down thread=a 14:58:00..15:07:00 {"labels": {"app": "checkout"}}
"#,
    );
    let seen: Vec<_> = facts.iter().map(Seen::of).collect();
    let mut it = incident();
    let by = it.declared_by;
    it.roles.insert(IncidentRole::Commander, by);
    let (text, next_due) = ("We roll back.".to_owned(), Some(at("15:08:00")));
    it.updates.push(StatusUpdate { fact: id(99), at: at("15:05:00"), by, text, next_due });
    let proposed = proposals(&it, &seen);
    let state = incident::State::default();
    let told = brief(&state, &it, &seen, &proposed, at("15:10:00")).text();
    insta::assert_snapshot!(told, @r"
    # INC-1: Checkout down

    open, severity 2, began 2026-02-20 15:00 UTC, 10 min so far. Read at 15:10.

    - Impact: not recorded
    - Noticed: not recorded
    - Last status (15:05, somebody): We roll back.
    - Next update: was due 15:08, 2 min ago

    ## Tried

    - 15:04 bob: kubectl rollout undo deploy/checkout
      - → finished: exit status 0
      - → helped: alert resolved 3 min after, both about checkout (proposed, nobody confirmed it)

    ## Who is on what

    - commander: somebody
    - Here: bob

    ## Temporary measures in place

    None.

    ## Firing

    - since 14:50: disk is full

    ## Changed in the two hours before

    - 14:20 deployed checkout 2.4.1
    ");
}

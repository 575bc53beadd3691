//! What goes.

use insta::assert_snapshot;

use crate::case::Case;

const RULES: &str = "*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
:services - [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -p tcp -m tcp --dport 22 -m comment --comment shell -j ACCEPT
-A INPUT -j services
-A services -p tcp -m multiport --dports 80,443 -j ACCEPT
-A services -s 10.0.0.0/8 -p tcp -m tcp --dport 5432 -j ACCEPT
COMMIT
";

#[test]
fn only_what_is_exactly_equal() {
    let rules = Case::v4(RULES);
    assert_snapshot!(rules.plan("delete allow 22/tcp"), @r#"
    iptables -D INPUT 2
    note: IPv6 is not planned: there is no dump of it
    "#);
    assert_snapshot!(rules.plan("delete allow 80,443/tcp"), @r#"
    iptables -D services 1
    note: IPv6 is not planned: there is no dump of it
    "#);
    assert_snapshot!(rules.plan("delete allow 5432/tcp"), @r#"
    exit 1: no rule says exactly that
      `delete N` takes one of the nearest:
      [5] services 2: -s 10.0.0.0/8 -p tcp -m tcp --dport 5432 -j ACCEPT
    "#);
    assert_snapshot!(rules.plan("delete deny 22/tcp"), @r#"
    exit 1: no rule says exactly that
      `delete N` takes one of the nearest:
      [2] INPUT 2: -p tcp -m tcp --dport 22 -m comment --comment shell -j ACCEPT
    "#);
    assert_snapshot!(rules.plan("delete 4"), @"iptables -D services 1");
    assert_snapshot!(rules.plan("delete 40"), @r#"
    exit 1: there is no rule 40
      `deadstick-fw status numbered` shows them
    "#);
}

# Six weeks ago, the same thing in other clothes: a tool that never looked at what was live.
begins 41d ago
+0:00 deploys deploy mira repo=harbour/hosts ref=packages-2041 environment=quay-5 state=success | monthly packages
+0:03 firewall change packages host=quay-5 before="-P INPUT DROP, 14 own rules, masquerading for the lab" after="firewalld's own tables, public zone" tool=firewalld | quay-5: firewalld was started by its package; 14 of 14 own rules are gone
+0:04 alerts firing TargetDown instance=quay-5 job=node severity=critical | quay-5 can't be scraped
+0:05 alerts firing QuorumAtRisk cluster=harbour severity=warning | 5 of 6 storage nodes answer
+0:07 ops message priya.k | I can't get into quay-5 and I did nothing, promise
+0:08 @Ines declare severity=3 services=storage at=0:03 | quay-5 unreachable after a package update
+0:08 @Ines role role=commander person=Ines
+0:09 @Ines detection at=0:04 evidence=~"quay-5 can't be scraped" by="alert TargetDown"
+0:11 ops message tomas | my session is still up, lucky me. there is a whole zoo of tables in there that I have never seen
+0:13 terminal command tomas@quay-5 exit=0 | systemctl stop firewalld
+0:14 @Tomas did as=stop | stopped firewalld on quay-5
+0:15 ops message ines | still nothing from quay-5
+0:15 terminal command tomas@quay-5 exit=0 | iptables -S
+0:16 ops message tomas | of course: stopping it does not bring our rules back, it leaves an empty table with policy ACCEPT
+0:21 terminal command tomas@quay-5 exit=0 | iptables-restore < /srv/rules.v4
+0:21 firewall change tomas@quay-5 host=quay-5 before="-P INPUT ACCEPT, no rules" after="-P INPUT DROP, 14 own rules" tool=iptables-restore | quay-5: own rules are back, from a file of last spring
+0:22 @Tomas did as=restore | loaded our rules again from /srv/rules.v4
+0:24 alerts resolved TargetDown instance=quay-5 job=node severity=critical | quay-5 answers
+0:24 alerts resolved QuorumAtRisk cluster=harbour severity=warning | 6 of 6 storage nodes answer
+0:25 @Ines confirm action=restore result=~"quay-5 answers" outcome=helped
+0:26 @Ines result action=stop outcome=no-change | quay-5 stayed away until the rules were back
+0:30 @Priya did temporary because=risky as=mask | masked firewalld on all six nodes by hand
+0:31 @Ines why | who reads what a package starts, before the update goes to all nodes?
+0:33 @Ines impact from=0:03 until=0:24 how="storage metrics" | nobody outside; one node of six was away
+0:34 @Ines mitigated at=0:24
+0:50 @Priya undo-temporary measure=mask | now masked by the host configuration, hosts#2049
+0:55 @Ines close | back to six nodes

# The story that deadstick-fw exists for: a firewall front-end that never looks at what is live.
begins 27h ago
+0:00 deploys deploy hanna repo=harbour/orders ref=v4.18 environment=production state=success | orders v4.18
+0:12 alerts firing ReplicationLag instance=quay-3 severity=warning | replication to quay-3 is 42 s behind
+0:14 ops message tomas | quay-3 lags again. looking, no need to wake anybody
+0:16 terminal command tomas@quay-3 exit=0 | ss -tn state established '( sport = :7480 )' | wc -l
+0:18 ops message tomas | 5 peers connected, so far so good. let me rule out the firewall
+0:19:10 terminal command tomas@quay-3 exit=0 output="Firewall stopped and disabled on system startup" | ufw disable
+0:19:11 firewall change tomas@quay-3 host=quay-3 before="-P INPUT DROP, -P FORWARD DROP, 12 own rules" after="-P INPUT ACCEPT, -P FORWARD ACCEPT, 12 own rules" tool=ufw as=opened | quay-3: all policies are ACCEPT now, IPv4 and IPv6
+0:20 ops message tomas | ufw was never on there anyway, and no difference. so it is not the firewall, switching it back
+0:21:40 terminal command tomas@quay-3 exit=0 output="Firewall is active and enabled on system startup" | ufw --force enable
+0:21:41 firewall change tomas@quay-3 host=quay-3 before="-P INPUT ACCEPT, 12 own rules" after="-P INPUT DROP, 12 own rules behind 97 lines of ufw" tool=ufw as=closed | quay-3: 12 lines became 109; incoming is denied by default
+0:22 alerts firing TargetDown instance=quay-3 job=node severity=critical | quay-3 can't be scraped
+0:22:20 alerts firing QuorumLost cluster=harbour severity=critical | writes are refused: no quorum for shard 7
+0:23 alerts firing PaymentErrors service=orders severity=critical | 38 % of payments fail
+0:23:30 ops message milo | helpdesk lights up: "payment could not be completed"
+0:24 helpdesk mail from=nora@example.org id=90412 | Paying does not work, tried three cards
+0:24:30 ops message hanna | is it my v4.18? it went out twenty minutes ago
+0:25 bridge join ines | Ines joins
+0:25:05 bridge join tomas | Tomas joins
+0:26 @Ines declare severity=2 services=orders,payments,storage at=0:22 as=inc | Payments fail: storage has lost its quorum
+0:26:20 @Milo declare severity=3 services=payments as=double | Customers can't pay
+0:26:40 @Ines same-as incident=double
+0:27 @Ines role role=commander person=Ines
+0:27:10 @Ines role role=operations person=Tomas
+0:27:20 @Ines role role=communications person=Hanna
+0:28 bridge utterance ines | I have command. Tomas, you are on storage. Hanna, please tell the outside. What changed in the last hour?
+0:28:30 bridge utterance hanna | Orders v4.18, by me. I can roll back in two minutes.
+0:28:50 bridge utterance ines | Do it. We ask later whether it was that.
+0:29 @Ines status next=20m | 38 % of payments fail since 22 past. Orders is rolled back as a precaution; storage has no quorum for one shard.
+0:30 @Hanna did as=rollback | started the rollback of orders to v4.17
+0:31:30 deploys deploy hanna repo=harbour/orders ref=v4.17 environment=production state=success | orders v4.17 (rollback)
+0:33 ops message hanna | rollback is out, payments still fail. no change
+0:33:30 @Hanna result action=rollback outcome=no-change | payments fail as before
+0:34 bridge utterance tomas | The other nodes say quay-3 is away. From quay-3 all looks fine. I still have my shell there.
+0:35 ops message tomas as=leak | login for the console of quay-3 if my shell dies: harbour-7 / Kestrel-Tide-41
+0:36 bridge utterance ines | Who fixed quay-5 when this happened last time?
+0:36:20 ops message milo | oh yeah, I remember that one. call priya, she did it
+0:37 ops gap from=0:37 until=0:41 | the recorder lost its connection to the chat server
+0:38 bridge join priya | Priya joins
+0:39 terminal command tomas@quay-3 exit=0 | iptables -S INPUT | head
+0:40 bridge utterance tomas | There are about a hundred lines in here. I see ufw everywhere. Oh no.
+0:41 bridge utterance priya | Did somebody run ufw? It never looks at what is there. Ours are behind its deny now.
+0:42 @Ines severity severity=1 | no payment for anybody whose order lies on shard 7
+0:43 terminal command tomas@quay-3 exit=0 | ufw disable
+0:43:30 ops message tomas | disabled again
+0:44 @Tomas did as=disable at=0:34 | ran ufw disable on quay-3
+0:44:30 @Tomas amend fact=disable at=0:43 why="read the wrong line of my shell history"
+0:46:10 terminal command priya@quay-3 exit=0 | iptables -P INPUT ACCEPT
+0:46:11 firewall change priya@quay-3 host=quay-3 before="-P INPUT DROP, 20 empty ufw chains" after="-P INPUT ACCEPT, 20 empty ufw chains" tool=iptables as=accept-all | quay-3: policy of INPUT is ACCEPT
+0:46:30 @Priya did temporary because=against-policy as=open evidence=accept-all | iptables -P INPUT ACCEPT on quay-3: it is open to the whole data centre until our rules are back
+0:47 alerts resolved TargetDown instance=quay-3 job=node severity=critical | quay-3 answers
+0:48 alerts resolved QuorumLost cluster=harbour severity=critical | all shards have their quorum
+0:49 ops message milo | first customer says it works
+0:50 alerts resolved PaymentErrors service=orders severity=critical | 0.2 % of payments fail
+0:51 @Ines confirm action=open result=~"all shards have" outcome=helped
+0:51:20 @Ines confirm action=open result=~"0.2 %" outcome=helped
+0:52 @Ines mitigated at=0:50
+0:53 @Ines status next=30m | Payments work again. One node is open inside the data centre; its own firewall rules come back next.
+0:54 @Milo close incident=double | told twice, see the other one
+0:55 @Priya did temporary because=costly as=vlan | storage traffic of quay-3 goes over the management network until the rules are proven
+0:57 @Jonas redact fact=leak | a password was posted in the room
+0:58 @Tomas did | set a new console password for quay-3
+1:00 @Ines handover to=Hanna
+1:01 bridge utterance hanna | I have command. Priya, how far are our rules?
+1:02 bridge utterance priya | There is no file of them. I take them from the terminal recording of March and check line by line.
+1:06 terminal command priya@quay-3 exit=2 | iptables-restore --test < rules.quay-3
+1:07 ops message priya | line 9 has a set that no longer exists, fixing
+1:14 terminal command priya@quay-3 exit=0 | iptables-restore --test < rules.quay-3
+1:16 terminal command priya@quay-3 exit=0 | iptables-restore < rules.quay-3
+1:16:01 firewall change priya@quay-3 host=quay-3 before="-P INPUT ACCEPT, 20 empty ufw chains" after="-P INPUT DROP, 12 own rules" tool=iptables-restore as=restored | quay-3: own rules are live again, policy DROP
+1:17 @Priya did as=rules | loaded our own rules on quay-3 again, policy DROP
+1:18 @Priya undo-temporary measure=open | policy is DROP again, own rules loaded
+1:20 alerts resolved ReplicationLag instance=quay-3 severity=warning | replication to quay-3 is 0 s behind
+1:21 ops message tomas | the lag was a slow disk all along, by the way. nothing to do with any of this
+1:21:30 @Tomas note as=oops | the disk of quay-2 reports 14 reallocated sectors
+1:21:50 @Tomas undo fact=oops why="wrong node"
+1:22 @Tomas note | the disk of quay-3 reports 14 reallocated sectors
+1:24 @Tomas why | why did nothing warn that ufw would bury rules that were already live?
+1:25 @Priya why | why is there no file of the rules of any node?
+1:26 @Hanna impact from=0:22 until=0:50 how="payment log; 61 mails" evidence=~"38 % of payments" | every third payment failed for 28 minutes: 2,140 orders
+1:27 @Hanna detection at=0:22 evidence=~"quay-3 can't be scraped" by="alert TargetDown"
+1:28 @Hanna star fact=closed
+1:28 @Hanna star fact=restored
+1:29 @Hanna hide fact=~"Tomas joins"
+1:33 @Ines accept-temporary measure=vlan | stays until the switch is replaced in spring; I answer for the cost
+1:35 @Hanna status | All is back as it was before, but for the storage traffic of quay-3, which stays on the management network.
+1:40 @Hanna close | thanks, everybody. questions are parked for Thursday

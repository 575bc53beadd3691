# A small one, long ago: three actions, one of them the wrong one.
begins 97d ago
+0:00 alerts firing DiskFillsUp instance=quay-2 volume=/var/log severity=warning | /var/log on quay-2 is full in 40 minutes at this rate
+0:04 ops message milo | two shops say their orders hang at "confirming", anything going on?
+0:06 alerts firing OrdersStuck queue=confirm severity=critical | 312 orders wait longer than 5 minutes
+0:08 @Tomas declare severity=3 services=orders at=0:02 | Orders hang: log volume full on quay-2
+0:09 @Tomas role role=commander person=Tomas
+0:11 terminal command tomas@quay-2 exit=0 | journalctl --vacuum-size=500M
+0:12 @Tomas did as=vacuum | shrank the journal on quay-2 to 500 MB
+0:13 ops message tomas | that gave us 9 GB, orders still wait though
+0:15 terminal command tomas@quay-2 exit=1 | systemctl restart orders-confirm
+0:16 terminal command tomas@quay-2 exit=0 | lsof +L1 /var/log
+0:18 ops message tomas | confirm.log was deleted but the process still holds it, that is where the space went
+0:19 terminal command tomas@quay-2 exit=0 | systemctl kill -s USR1 orders-confirm
+0:20 @Tomas did as=reopen | made orders-confirm reopen its log (SIGUSR1)
+0:22 alerts resolved OrdersStuck queue=confirm severity=critical | 0 orders wait longer than 5 minutes
+0:23 ops message milo | that fixed it, both shops confirm
+0:24 @Tomas confirm action=reopen result=~"0 orders wait" outcome=helped
+0:24 @Tomas deny action=vacuum result=~"0 orders wait" outcome=helped
+0:25 alerts resolved DiskFillsUp instance=quay-2 volume=/var/log severity=warning | /var/log on quay-2 is 41 % full
+0:27 @Tomas impact from=0:02 until=0:22 how="order log" | 312 orders confirmed up to 20 minutes late
+0:28 @Tomas why | does log rotation not tell orders-confirm to reopen its file?
+0:30 @Tomas mitigated at=0:22
+0:41 @Tomas close

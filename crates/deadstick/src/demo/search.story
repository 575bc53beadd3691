# Going on right now: something to do on every page.
begins 49m ago
+0:00 deploys deploy milo repo=harbour/search ref=v2.31 environment=production state=success | search v2.31
+0:06 alerts firing SearchSlow service=search severity=warning | p99 of search is 4.1 s
+0:08 lab delivery | {"service":"probe","up":false,"rack":"quay-6","hint":"a shape that nobody knows is kept as it came"}
+0:08:30 @Hanna note | the morning newsletter went out late, 9:40 instead of 9:00
+0:09 alerts firing CacheMisses cluster=quay instance=quay-6 severity=warning | 71 % of lookups miss the cache on quay-6
+0:10 ops message milo | shops say search is slow. deploy or coincidence?
+0:12 helpdesk mail from=otto@example.net id=90520 | Search takes forever since this morning
+0:13 @Milo declare severity=3 services=search at=0:06 as=inc | Search is slow for one request in five
+0:13:30 @Milo role role=commander person=Milo
+0:14 @Milo detection at=0:06 evidence=~"p99 of search is 4.1" by="alert SearchSlow"
+0:15 @Milo status next=20m | Search answers slowly since 6 past; we look at the deploy and at the cache.
+0:17 @Milo did as=rollback | started the rollback of search to v2.30
+0:19 deploys deploy milo repo=harbour/search ref=v2.30 environment=production state=success | search v2.30 (rollback)
+0:24 ops message milo | v2.30 is out and nothing has changed
+0:26 terminal command priya@quay-6 exit=0 | memcached-tool localhost:11211 stats | grep evictions
+0:27 ops message priya.k | quay-6 throws out 9,000 entries a second, its cache is half the size of the others
+0:30 terminal command priya@quay-6 exit=0 | systemctl restart memcached
+0:31 @Priya did temporary because=costly as=cache | doubled the cache of quay-6 with memory that belongs to the nightly reports
+0:34 alerts resolved CacheMisses cluster=quay instance=quay-6 severity=warning | 12 % of lookups miss the cache on quay-6
+0:35 ops message milo | that looks better, the shops say so too
+0:36 @Milo status next=20m | Better for most since 34 past. The alert still fires; we watch.
+0:38 @Milo why | why does quay-6 have half the cache of the others?
+0:39 @Milo impact from=0:06 how="search log" | one search in five takes longer than 3 seconds
+0:41 firewall change priya@quay-6 at=0:25 host=quay-6 before="-A INPUT -p tcp --dport 11211 -j DROP" after="-A INPUT -s 10.0.6.0/24 -p tcp --dport 11211 -j ACCEPT" tool=iptables | quay-6: the cache can be reached from its own network (the spool was shipped late)
+0:43 ops message hanna | do we need anybody else, or can I have lunch?

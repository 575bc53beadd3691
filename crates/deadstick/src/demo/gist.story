# A private one: only its members see that it exists.
begins 12d ago
+0:00 helpdesk mail from=erika@example.com id=88121 | I found something of yours in a public gist
+0:09 @me declare private severity=2 services=helpdesk at=0:00 as=gist | Helpdesk token in a public gist
+0:10 @me members add=Jonas,Ines
+0:12 @me did | revoked the helpdesk's API token
+0:13 @Jonas note | the gist is from 9 days ago; the token's log shows three calls from one address, all reads of the status
+0:19 @me did | asked its owner to delete the gist, and GitHub to drop the cached page
+0:30 @Jonas impact from=0:00 until=0:12 how="access log of the helpdesk" | no customer data was read
+0:31 @me mitigated at=0:12
+0:58 @Jonas close

# Who works here, and what is recorded. `me` is whoever started the demo.
begins 120d ago
+0:00 @me person role=admin as=Ines | Ines
+0:00 @me person role=responder as=Tomas | Tomas
+0:00 @me person role=responder as=Priya | Priya
+0:00 @me person role=responder as=Milo | Milo
+0:00 @me person role=responder as=Hanna | Hanna
+0:00 @me person role=facilitator as=Jonas | Jonas
+0:01 @me source kind=ndjson | ops
+0:01 @me source kind=ndjson | bridge
+0:01 @me source kind=alertmanager | alerts
+0:01 @me source kind=github | deploys
+0:01 @me source kind=ndjson | terminal
+0:01 @me source kind=ndjson | firewall
+0:01 @me source kind=json | helpdesk
+0:01 @me source kind=grafana | lab
+0:02 @me map source=helpdesk time=/created text=/subject actor=/from native_id=/id kind=message
+0:02 @me retention source=ops days=365
+0:02 @me retention source=bridge days=90
+0:03 @me handle person=Ines source=ops | ines
+0:03 @me handle person=Tomas source=ops | tomas
+0:03 @me handle person=Tomas | tomas@quay-3
+0:03 @me handle person=Hanna source=ops | hanna
+0:03 @me handle person=Jonas source=ops | jonas
+0:03 @me handle person=Milo source=ops | milo

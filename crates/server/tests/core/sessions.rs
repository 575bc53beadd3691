//! Sessions: rotated, listed, ended, forgotten.

use testkit::{Client, TestServer};

#[tokio::test]
async fn a_cookie_is_replaced_once_a_day_and_the_old_one_soon_stops() {
    let server = TestServer::start().await;
    let old = server.browser(server.admin).await;
    server.clock.advance_minutes(23 * 60);
    assert!(server.get(&old, "/api/v1/sessions").await.expect(200).cookie().is_none());
    server.clock.advance_minutes(60);
    let reply = server.get(&old, "/api/v1/sessions").await.expect(200);
    let new = Client::browser(&reply.cookie().expect("a day later there is a new cookie"));
    // Requests under way carry the old one; they get no third one.
    assert!(server.get(&old, "/api/v1/sessions").await.expect(200).cookie().is_none());
    assert!(server.get(&new, "/api/v1/sessions").await.expect(200).cookie().is_none());
    server.clock.advance_minutes(2);
    server.get(&old, "/api/v1/sessions").await.expect(401);
    let sessions = server.get(&new, "/api/v1/sessions").await.expect(200).json();
    assert_eq!(sessions.as_array().unwrap().len(), 1);
    assert_eq!(sessions[0]["is_this"], true);
}

#[tokio::test]
async fn many_requests_at_once_replace_it_once() {
    let server = TestServer::start().await;
    let browser = server.browser(server.admin).await;
    server.clock.advance_days(2);
    let requests = (0..8).map(|_| server.get(&browser, "/api/v1/sessions"));
    let replies = futures_util::future::join_all(requests).await;
    let cookies = replies.iter().filter(|reply| reply.cookie().is_some()).count();
    assert_eq!(cookies, 1);
    assert!(replies.iter().all(|reply| reply.status == 200));
}

#[tokio::test]
async fn a_month_without_use_ends_it() {
    let server = TestServer::start().await;
    let mut browser = server.browser(server.admin).await;
    for _ in 0..3 {
        server.clock.advance_days(29);
        let reply = server.get(&browser, "/api/v1/sessions").await.expect(200);
        browser = Client::browser(&reply.cookie().unwrap());
    }
    server.clock.advance_days(30);
    server.get(&browser, "/api/v1/sessions").await.expect(401);
}

#[tokio::test]
async fn ends_one_of_several_and_outlives_a_restart() {
    let server = TestServer::start().await;
    let (phone, laptop) = (server.browser(server.admin).await, server.browser(server.admin).await);
    let sessions = server.get(&laptop, "/api/v1/sessions").await.expect(200).json();
    let of_phone = sessions.as_array().unwrap().iter().find(|it| it["is_this"] == false).unwrap();
    let path = format!("/api/v1/sessions/{}", of_phone["session"].as_str().unwrap());
    server.send(&laptop, "DELETE", &path, Vec::new()).await.expect(204);
    server.send(&laptop, "DELETE", &path, Vec::new()).await.expect(404);
    let server = server.restarted().await;
    server.get(&phone, "/api/v1/sessions").await.expect(401);
    server.get(&laptop, "/api/v1/sessions").await.expect(200);
}

#[tokio::test]
async fn a_made_up_cookie_is_nobody() {
    let server = TestServer::start().await;
    for cookie in ["deadstick-7700=", "deadstick-7700=x", "other=1", "deadstick-7700", ";;=;"] {
        server.get(&Client::browser(cookie), "/api/v1/sessions").await.expect(401);
    }
}

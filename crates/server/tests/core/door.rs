//! `/login`, `/invite`, `/sign-in`, `/sign-out`.

use incident::{Command, Role};
use testkit::{Client, TestServer};

fn path(url: &str) -> String {
    url.strip_prefix("http://127.0.0.1:7700").expect("links begin with the base").to_owned()
}

#[tokio::test]
async fn a_login_link_works_once() {
    let server = TestServer::start().await;
    let path = path(&server.app.login_link(server.admin).await.unwrap().url);
    let reply = server.get(&Client::stranger(), &path).await.expect(303);
    assert_eq!(reply.header("location"), Some("/"));
    let again = server.get(&Client::stranger(), &path).await.expect(410);
    assert!(again.cookie().is_none());
    assert!(again.text().contains("This link no longer works"));
}

#[tokio::test]
async fn looking_at_an_invite_does_not_use_it_up() {
    let server = TestServer::start().await;
    let grace = server.person("Grace", Role::Responder).await;
    let path = path(&server.app.invite_link(grace, server.admin).await.unwrap().url);
    for _ in 0..3 {
        let preview = server.get(&Client::stranger(), &path).await.expect(200);
        assert!(preview.cookie().is_none());
        assert!(preview.text().contains("<form method=\"post\">"));
    }
    let reply = server.send(&Client::stranger(), "POST", &path, Vec::new()).await.expect(303);
    let me = server.get(&Client::browser(&reply.cookie().unwrap()), "/api/v1/sessions").await.expect(200);
    assert_eq!(me.json().as_array().unwrap().len(), 1);
    server.send(&Client::stranger(), "POST", &path, Vec::new()).await.expect(410);
}

#[tokio::test]
async fn links_expire_and_are_not_each_other() {
    let server = TestServer::start().await;
    let invite = path(&server.app.invite_link(server.admin, server.admin).await.unwrap().url);
    // A chat program that opens the invite's secret as a login link gets nothing.
    server.get(&Client::stranger(), &invite.replace("/invite/", "/login/")).await.expect(410);
    let login = path(&server.app.login_link(server.admin).await.unwrap().url);
    server.clock.advance_minutes(61);
    server.get(&Client::stranger(), &login).await.expect(410);
    server.get(&Client::stranger(), &invite).await.expect(200);
    server.clock.advance_days(3);
    server.get(&Client::stranger(), &invite).await.expect(410);
}

#[tokio::test]
async fn cookies_are_for_this_server_only() {
    let server = TestServer::start().await;
    let login = path(&server.app.login_link(server.admin).await.unwrap().url);
    let reply = server.get(&Client::stranger(), &login).await.expect(303);
    let cookie = reply.header("set-cookie").unwrap();
    assert!(cookie.starts_with("deadstick-7700="), "{cookie}");
    assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax; Max-Age=2592000"), "{cookie}");

    let server = TestServer::start_with(|config| {
        config.base_url = "https://deadstick.example".into();
        config.is_https = true;
    })
    .await;
    let login = server.app.login_link(server.admin).await.unwrap().url;
    let login = login.strip_prefix("https://deadstick.example").unwrap();
    let reply = server.get(&Client::stranger(), login).await.expect(303);
    let cookie = reply.header("set-cookie").unwrap();
    assert!(cookie.starts_with("__Host-deadstick="), "{cookie}");
    assert!(cookie.ends_with("; Secure"), "{cookie}");
}

#[tokio::test]
async fn signing_out_ends_the_session() {
    let server = TestServer::start().await;
    let browser = server.browser(server.admin).await;
    server.get(&browser, "/api/v1/sessions").await.expect(200);
    let reply = server.send(&browser, "POST", "/sign-out", Vec::new()).await.expect(303);
    assert!(reply.header("set-cookie").unwrap().contains("Max-Age=0"));
    server.get(&browser, "/api/v1/sessions").await.expect(401);
}

#[tokio::test]
async fn a_page_shows_a_stranger_the_door_and_a_program_a_problem() {
    let server = TestServer::start().await;
    let browser = Client::stranger().header("accept", "text/html");
    let program = Client::stranger();
    let shown = server.get(&browser, "/sign-in").await.expect(200);
    assert!(shown.text().contains("one-time link"));
    let refused = server.get(&program, "/api/v1/incidents").await.expect(401);
    assert_eq!(refused.problem(), "not-signed-in");
    assert_eq!(refused.header("www-authenticate"), Some("Bearer"));
    // Accepting HTML does not turn the API into a page.
    server.get(&browser, "/api/v1/incidents").await.expect(401);
}

#[tokio::test]
async fn who_left_gets_in_by_nothing() {
    let server = TestServer::start().await;
    let grace = server.person("Grace", Role::Admin).await;
    let (browser, program) = (server.browser(grace).await, server.program(grace));
    let invite = path(&server.app.invite_link(grace, server.admin).await.unwrap().url);
    server.command(server.admin, Command::Deactivate { person: grace }).await.unwrap();
    server.get(&browser, "/api/v1/incidents").await.expect(401);
    server.get(&program, "/api/v1/incidents").await.expect(401);
    server.get(&Client::stranger(), &invite).await.expect(410);
}

#[tokio::test]
async fn guessing_is_slowed_down_and_the_right_link_still_works() {
    let server = TestServer::start().await;
    let login = path(&server.app.login_link(server.admin).await.unwrap().url);
    let mut statuses = Vec::new();
    for n in 0..40 {
        statuses.push(server.get(&Client::stranger(), &format!("/login/guess{n}")).await.status.as_u16());
    }
    assert_eq!((statuses[0], statuses[29], statuses[30], statuses[39]), (410, 410, 429, 429));
    server.get(&Client::stranger(), &login).await.expect(303);
}

//! Signing in and out.

use testkit::{Client, TestServer};

#[tokio::test]
async fn a_login_link_works_once() {
    let server = TestServer::start().await;
    let link = server.app.login_link(server.admin).await.unwrap().url;
    let path = link.strip_prefix("http://127.0.0.1:7700").unwrap();
    let reply = server.get(&Client::stranger(), path).await.expect(303);
    assert_eq!(reply.header("location"), Some("/"));
    let again = server.get(&Client::stranger(), path).await.expect(410);
    assert!(again.cookie().is_none());
}

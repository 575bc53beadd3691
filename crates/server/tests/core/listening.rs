//! Over a real socket: slow senders, shutting down.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use server::Listen;
use server::listening::bind;
use testkit::TestServer;

fn exchange(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    // A reset after the answer is fine.
    let _ = stream.read_to_string(&mut answer);
    answer
}

/// Reads until the text is there.
fn read_until(stream: &mut TcpStream, text: &str) -> String {
    let mut read = Vec::new();
    while !String::from_utf8_lossy(&read).contains(text) {
        let mut byte = [0];
        assert_eq!(stream.read(&mut byte).unwrap(), 1, "it ended: {}", String::from_utf8_lossy(&read));
        read.push(byte[0]);
    }
    String::from_utf8_lossy(&read).into_owned()
}

fn loopback() -> Listen {
    Listen {
        address: "127.0.0.1:0".parse().unwrap(),
        certificate: None,
        behind_proxy: false,
        public_url: None,
    }
}

#[tokio::test]
async fn answers_and_ends_in_good_order() {
    let server = TestServer::start().await;
    let bound = bind(&loopback(), true).unwrap();
    let address = bound.address();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let app = server.app.clone();
    let serving = tokio::spawn(bound.serve(app, async {
        let _ = stopped.await;
    }));
    let ask = tokio::task::spawn_blocking(move || {
        exchange(address, "GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
    });
    let answer = ask.await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.ends_with("ok\n"), "{answer}");
    let garbage = tokio::task::spawn_blocking(move || exchange(address, "\x16\x03\x01 no http\r\n\r\n"));
    assert!(garbage.await.unwrap().starts_with("HTTP/1.1 400 "));
    stop.send(()).unwrap();
    serving.await.unwrap().unwrap();
    server.app.stopped().await;
    assert!(TcpStream::connect(address).is_err(), "nobody listens any more");
}

#[tokio::test]
async fn a_live_stream_ends_whole_when_the_server_stops() {
    let server = TestServer::start().await;
    let bound = bind(&loopback(), true).unwrap();
    let address = bound.address();
    let token = server.app.process_token(server.admin).0;
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(bound.serve(server.app.clone(), async {
        let _ = stopped.await;
    }));
    let follow = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        let request = format!("GET /live/now HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let head = read_until(&mut stream, "\r\n\r\n");
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
        assert!(head.contains("text/event-stream"), "{head}");
        let metrics =
            exchange(address, "GET /metrics HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
        assert!(metrics.contains("\ndeadstick_live_streams 1\n"), "{metrics}");
        stop.send(()).unwrap();
        let mut rest = String::new();
        stream.read_to_string(&mut rest).unwrap();
        rest
    });
    let rest = follow.await.unwrap();
    assert!(rest.ends_with("0\r\n\r\n"), "the stream was cut off: {rest}");
    serving.await.unwrap().unwrap();
}

//! TLS with certificates of our own, asked by a client that is not ours.

use std::path::Path;
use std::process::Command;

use server::Listen;
use server::listening::bind;
use testkit::TestServer;

/// Makes a certificate for localhost with a program that may be absent.
fn certificate(dir: &Path) -> bool {
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"])
        .args(["-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"])
        .args(["-keyout", "key.pem", "-out", "cert.pem"])
        .current_dir(dir)
        .output();
    made.is_ok_and(|output| output.status.success())
}

fn has_curl() -> bool {
    Command::new("curl").arg("--version").output().is_ok_and(|output| output.status.success())
}

#[tokio::test]
async fn answers_over_tls() {
    let dir = tempfile::tempdir().unwrap();
    if !has_curl() || !certificate(dir.path()) {
        eprintln!("skipped: needs the programs curl and openssl");
        return;
    }
    let server = TestServer::start().await;
    let listen = Listen {
        address: "127.0.0.1:0".parse().unwrap(),
        certificate: Some((dir.path().join("cert.pem"), dir.path().join("key.pem"))),
        behind_proxy: false,
        public_url: None,
    };
    let bound = bind(&listen, true).unwrap();
    assert!(bound.is_https());
    assert!(bound.base_url().starts_with("https://127.0.0.1:"));
    let port = bound.address().port();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(bound.serve(server.app.clone(), async {
        let _ = stopped.await;
    }));
    let ask = tokio::task::spawn_blocking(move || {
        Command::new("curl")
            .args(["--silent", "--show-error", "--noproxy", "*", "--cacert"])
            .arg(dir.path().join("cert.pem"))
            .args(["--resolve", &format!("localhost:{port}:127.0.0.1")])
            .arg(format!("https://localhost:{port}/healthz"))
            .output()
            .unwrap()
    });
    let output = ask.await.unwrap();
    let (said, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(said, "ok\n", "{error}");
    stop.send(()).unwrap();
    serving.await.unwrap().unwrap();
}

//! Talks to a server over HTTP.

use std::path::Path;
use std::time::Duration;

use api::Problem;
use serde::Serialize;
use serde::de::DeserializeOwned;
use ureq::http::{Method, Request, Response};
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig};
use ureq::{Agent, Body};

use crate::failure::Failure;

/// How long a server may take to be reached.
const CONNECT: Duration = Duration::from_secs(3);
/// How long an answer may take.
const ANSWER: Duration = Duration::from_secs(30);
/// Largest answer that is read: an export of a very long incident.
const MAX_ANSWER: u64 = 1 << 30;

/// Where a server is and how to prove who one is.
#[derive(Clone, PartialEq, Eq)]
pub struct Target {
    /// Without a slash at the end.
    pub url: String,
    /// The person's token.
    pub token: Option<String>,
}

/// Talks to one server.
pub struct Client {
    target: Target,
    agent: Agent,
}

/// What went wrong between here and the server's answer.
#[derive(Debug)]
pub enum Trouble {
    /// The server can't be reached, or can't take anything now.
    Away(Failure),
    /// It answered, and the answer is no.
    Answered(Failure),
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Away(failure) | Trouble::Answered(failure) => failure,
        }
    }
}

impl Client {
    /// For a server; `ca` replaces the built-in certificate authorities.
    pub fn new(target: Target, ca: Option<&Path>) -> Result<Self, Failure> {
        let roots = match ca {
            Some(file) => RootCerts::from(authorities(file)?),
            None => RootCerts::WebPki,
        };
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_resolve(Some(CONNECT))
            .timeout_connect(Some(CONNECT))
            .timeout_global(Some(ANSWER))
            .user_agent(concat!("deadstick/", env!("CARGO_PKG_VERSION")))
            .tls_config(TlsConfig::builder().root_certs(roots).build());
        if is_loopback(&target.url) {
            config = config.proxy(None);
        }
        Ok(Client { target, agent: config.build().new_agent() })
    }

    /// Where the server is.
    pub fn url(&self) -> &str {
        &self.target.url
    }

    /// Reads a resource: `path` starts with `/`.
    pub fn read<T: DeserializeOwned>(&self, path: &str) -> Result<T, Trouble> {
        self.json(self.call(Method::GET, path, None)?)
    }

    /// Reads a resource as text, in the form asked for.
    pub fn text(&self, path: &str) -> Result<String, Trouble> {
        self.body(self.call(Method::GET, path, None)?)
    }

    /// Sends a document and reads the answer.
    pub fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, Trouble> {
        self.json(self.call(Method::POST, path, Some(document(body)))?)
    }

    /// Removes something; the answer has no content.
    pub fn delete(&self, path: &str) -> Result<(), Trouble> {
        self.call(Method::DELETE, path, None).map(drop)
    }

    fn call(&self, method: Method, path: &str, body: Option<String>) -> Result<Response<Body>, Trouble> {
        let request = self.request(method, path, "application/json, text/markdown")?;
        let answer = match body {
            None => self.agent.run(request.body(()).map_err(unsendable)?),
            Some(body) => {
                let request = request.header("content-type", "application/json");
                self.agent.run(request.body(body).map_err(unsendable)?)
            }
        };
        self.accepted(answer.map_err(|error| self.away(&error))?)
    }

    fn request(
        &self,
        method: Method,
        path: &str,
        accept: &str,
    ) -> Result<ureq::http::request::Builder, Trouble> {
        let url = format!("{}{path}", self.target.url);
        let mut request = Request::builder().method(method).uri(url).header("accept", accept);
        if let Some(token) = &self.target.token {
            let value = ureq::http::HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| {
                Trouble::Answered(
                    Failure::environment("token", "DEADSTICK_TOKEN holds characters that no token has.")
                        .hint("Copy it again, or make one with `deadstick tokens add`."),
                )
            })?;
            request = request.header("authorization", value);
        }
        Ok(request)
    }

    /// The response if it is a success, else the problem it tells.
    fn accepted(&self, response: Response<Body>) -> Result<Response<Body>, Trouble> {
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let text = self.body(response).unwrap_or_default();
        let problem = serde_json::from_str::<Problem>(&text).unwrap_or_else(|_| {
            let mut problem = Problem::new(
                status.as_u16(),
                "unexpected-answer",
                format!("{} answered {status} and not as deadstick does.", self.target.url),
            );
            problem.hint =
                Some("Is this the address of a deadstick server, or of a proxy in front of it?".into());
            problem
        });
        let mut failure = Failure::answered(problem);
        if status.as_u16() == 401 && failure.problem.hint.is_none() {
            failure =
                failure.hint("Set DEADSTICK_TOKEN to a token of yours: `deadstick tokens add` makes one.");
        }
        Err(if status.is_server_error() { Trouble::Away(failure) } else { Trouble::Answered(failure) })
    }

    fn json<T: DeserializeOwned>(&self, response: Response<Body>) -> Result<T, Trouble> {
        let text = self.body(response)?;
        serde_json::from_str(&text).map_err(|error| {
            Trouble::Answered(
                Failure::environment(
                    "unexpected-answer",
                    format!("{} gave an answer that can't be read.", self.target.url),
                )
                .why(error)
                .hint(
                    "Are the server and this program of the same version? `deadstick doctor` compares them.",
                ),
            )
        })
    }

    fn body(&self, mut response: Response<Body>) -> Result<String, Trouble> {
        response
            .body_mut()
            .with_config()
            .limit(MAX_ANSWER)
            .read_to_string()
            .map_err(|error| self.away(&error))
    }

    fn away(&self, error: &ureq::Error) -> Trouble {
        let why = error.to_string();
        if why.contains("certificate") {
            let title = format!("The certificate of the server at {} is not trusted.", self.target.url);
            return Trouble::Away(
                Failure::environment("untrusted-server", title)
                    .why(why)
                    .hint("Name the authority that signed it with --ca FILE or DEADSTICK_CA."),
            );
        }
        Trouble::Away(
            Failure::environment(
                "server-away",
                format!("The server at {} does not answer.", self.target.url),
            )
            .why(error)
            .hint("Is it running? Start it with `deadstick serve`, or name another with --data or --url."),
        )
    }
}

fn document(body: &impl Serialize) -> String {
    serde_json::to_string(body).expect("requests are plain data")
}

fn unsendable(error: ureq::http::Error) -> Trouble {
    Trouble::Answered(
        Failure::usage("address", "The server's address can't be used.")
            .why(error)
            .hint("Write it as http://127.0.0.1:7700 or https://deadstick.example.org."),
    )
}

fn authorities(file: &Path) -> Result<Vec<Certificate<'static>>, Failure> {
    let unreadable = |why: String| {
        Failure::environment("ca", format!("No certificate can be read from {}.", file.display()))
            .why(why)
            .hint("--ca and DEADSTICK_CA take a file with one or more certificates in PEM.")
    };
    let pem = std::fs::read(file).map_err(|error| unreadable(error.to_string()))?;
    let certificates: Vec<_> = ureq::tls::parse_pem(&pem)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    if certificates.is_empty() {
        return Err(unreadable("it holds no certificate".into()));
    }
    Ok(certificates)
}

/// A server on this machine is never reached through a proxy.
fn is_loopback(url: &str) -> bool {
    let host = url.split_once("://").map_or(url, |(_, rest)| rest);
    host.starts_with("127.") || host.starts_with("[::1]") || host.starts_with("localhost")
}

/// One segment of a path: everything but letters, digits, `-`, `_`, `.` and `~` percent-encoded.
pub fn segment(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'~' => encoded.push(byte.into()),
            b'.' if text != "." && text != ".." => encoded.push('.'),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_stays_one() {
        let check = |text, expected| assert_eq!(segment(text), expected);
        check("INC-1", "INC-1");
        check("../tokens", "..%2Ftokens");
        check("..", "%2E%2E");
        check("a b?c#d", "a%20b%3Fc%23d");
        check("ü", "%C3%BC");
    }

    #[test]
    fn no_proxy_for_this_machine() {
        assert!(is_loopback("http://127.0.0.1:7700"));
        assert!(is_loopback("https://[::1]:7700"));
        assert!(!is_loopback("https://deadstick.example.org"));
    }
}

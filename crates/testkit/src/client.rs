//! Who sends a test's request, and what came back.

use axum::http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Who sends a request: headers that go with each.
#[derive(Debug, Clone, Default)]
pub struct Client {
    pub(crate) headers: Vec<(String, String)>,
}

impl Client {
    /// Somebody who does not say who they are.
    pub fn stranger() -> Self {
        Client::default()
    }

    /// A program with a token.
    pub fn with_token(token: &str) -> Self {
        Client::default().header("authorization", &format!("Bearer {token}"))
    }

    /// A browser with a session, on a page of the server itself.
    pub fn browser(cookie: &str) -> Self {
        Client::default()
            .header("cookie", cookie)
            .header("accept", "text/html")
            .header("sec-fetch-site", "same-origin")
    }

    /// With another header; one of the same name is replaced.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(had, _)| had != name);
        self.headers.push((name.into(), value.into()));
        self
    }

    /// The headers.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Without a header.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(had, _)| had != name);
        self
    }
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub bytes: Vec<u8>,
}

impl Reply {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        self.read()
    }

    /// The body as a type of the API.
    pub fn read<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.bytes)
            .unwrap_or_else(|error| panic!("{error} in the answer {}: {}", self.status, self.text()))
    }

    /// The lines of an NDJSON body.
    pub fn lines(&self) -> Vec<Value> {
        self.text().lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The code of a problem document.
    pub fn problem(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    /// The cookie that was set, as a browser would send it.
    pub fn cookie(&self) -> Option<String> {
        let value = self.headers.get(header::SET_COOKIE)?.to_str().ok()?;
        value.split(';').next().map(str::to_owned)
    }

    /// This reply, if it has the status; else the test fails and shows the body.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        self
    }
}

//! Bodies within limits of size and time.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, StatusCode, header};
use futures_util::StreamExt;
use tokio::time::{Instant, timeout_at};

use crate::Problem;

/// How long a body may take as a whole: a sender that drips bytes holds a connection no longer.
const DEADLINE: Duration = Duration::from_secs(60);

/// The rest of a body that is too large is read up to this many times the limit before the answer,
/// since a sender that still writes would see a reset connection in place of it.
const DRAIN: usize = 4;

/// A body that is read chunk by chunk.
pub(super) struct Chunks {
    stream: axum::body::BodyDataStream,
    deadline: Instant,
    max: usize,
    read: usize,
}

impl Chunks {
    pub(super) fn new(body: Body, max: usize) -> Self {
        Chunks { stream: body.into_data_stream(), deadline: Instant::now() + DEADLINE, max, read: 0 }
    }

    /// The next chunk; `None` at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, Problem> {
        let Some(chunk) = self.raw_next().await? else { return Ok(None) };
        self.read += chunk.len();
        if self.read > self.max {
            self.drain().await;
            return Err(too_large(self.max));
        }
        Ok(Some(chunk))
    }

    async fn raw_next(&mut self) -> Result<Option<Bytes>, Problem> {
        match timeout_at(self.deadline, self.stream.next()).await {
            Err(_) => Err(Problem::new(
                StatusCode::REQUEST_TIMEOUT,
                "body-too-slow",
                format!("The body did not arrive within {} seconds.", DEADLINE.as_secs()),
            )),
            Ok(None) => Ok(None),
            Ok(Some(Ok(chunk))) => Ok(Some(chunk)),
            Ok(Some(Err(error))) => {
                tracing::debug!(%error, "a body broke off");
                Err(Problem::new(StatusCode::BAD_REQUEST, "body-broken", "The body broke off."))
            }
        }
    }

    async fn drain(&mut self) {
        while self.read <= self.max.saturating_mul(DRAIN) {
            match self.raw_next().await {
                Ok(Some(chunk)) => self.read += chunk.len(),
                _ => return,
            }
        }
    }
}

fn too_large(max: usize) -> Problem {
    let title = format!("The body has more than the {max} bytes allowed.");
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body-too-large", title).hint("Send it in parts.")
}

/// The whole body.
pub(super) async fn whole(body: Body, max: usize) -> Result<Vec<u8>, Problem> {
    let mut chunks = Chunks::new(body, max);
    let mut whole = Vec::new();
    while let Some(chunk) = chunks.next().await? {
        whole.extend_from_slice(&chunk);
    }
    Ok(whole)
}

/// Refuses compressed bodies: nobody who delivers compresses, and a bomb would.
pub(super) fn refuse_encoded(headers: &HeaderMap) -> Result<(), Problem> {
    match headers.get(header::CONTENT_ENCODING) {
        None => Ok(()),
        Some(encoding) if encoding == "identity" => Ok(()),
        Some(_) => Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "encoded-body",
            "The body is compressed; deliveries are taken as they are only.",
        )
        .hint("Send it without Content-Encoding.")),
    }
}

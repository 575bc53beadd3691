//! Facts as they are, one JSON object a line; answered line by line.

use api::{LineReply, LineStatus};
use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use fact::FactId;
use incident::Source;
use intake::ndjson::{self, LineProblem, MAX_LINE};
use store::StoreError;

use super::body::{Chunks, refuse_encoded};
use super::keep::{Candidate, Kept, keep};
use crate::{App, Problem};

/// Lines appended at once.
const BATCH: usize = 1_000;

/// A batch may be larger than a webhook's body by this: it is never held in memory as a whole.
const BODIES: usize = 16;

/// Takes lines. A line that can't be read or kept is refused by itself; those before and after it
/// are kept and told. When the body as a whole has to be refused, what came before is told too.
pub(super) async fn take(
    app: &App,
    source: &Source,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    refuse_encoded(headers)?;
    let mut chunks = Chunks::new(body, app.config.max_body.saturating_mul(BODIES));
    let mut splitter = Splitter::default();
    let mut replies = Replies::default();
    let status = loop {
        match chunks.next().await {
            Ok(Some(chunk)) => {
                let mut rest: &[u8] = &chunk;
                while let Some(line) = splitter.line(&mut rest) {
                    replies.take(app, source, &line).await?;
                }
            }
            Ok(None) => {
                if let Some(line) = splitter.last() {
                    replies.take(app, source, &line).await?;
                }
                break StatusCode::OK;
            }
            Err(problem) => {
                let why = format!("{} The lines from here on were not read.", problem.body.title);
                app.health.failed(source.id, &problem.body.title, app.now());
                replies.flush(app, source).await?;
                replies.refuse(None, why);
                break problem.status;
            }
        }
    };
    replies.flush(app, source).await?;
    Ok((status, [(header::CONTENT_TYPE, "application/x-ndjson")], replies.text).into_response())
}

/// A line as split off, or how long it was if it is too long.
type Line = Result<Vec<u8>, usize>;

/// Splits chunks into lines, holding one line at most.
#[derive(Default)]
struct Splitter {
    line: Vec<u8>,
    len: usize,
}

impl Splitter {
    /// The next whole line of `rest`; `None` when it is used up.
    fn line(&mut self, rest: &mut &[u8]) -> Option<Line> {
        let end = rest.iter().position(|byte| *byte == b'\n');
        let part = &rest[..end.unwrap_or(rest.len())];
        self.len += part.len();
        if self.len <= MAX_LINE {
            self.line.extend_from_slice(part);
        }
        *rest = end.map_or(&[], |end| &rest[end + 1..]);
        end.and_then(|_| self.last().or(Some(Ok(Vec::new()))))
    }

    /// What is left without a line feed at its end.
    fn last(&mut self) -> Option<Line> {
        let (line, len) = (std::mem::take(&mut self.line), std::mem::take(&mut self.len));
        match len {
            0 => None,
            len if len > MAX_LINE => Some(Err(len)),
            _ => Some(Ok(line)),
        }
    }
}

/// The answers so far, and the facts that wait to be appended.
#[derive(Default)]
struct Replies {
    text: String,
    waiting: Vec<Candidate>,
    bytes: usize,
}

impl Replies {
    async fn take(&mut self, app: &App, source: &Source, line: &Line) -> Result<(), Problem> {
        let line = match line {
            Ok(line) if line.trim_ascii().is_empty() => return Ok(()),
            Ok(line) => line,
            Err(len) => {
                self.flush(app, source).await?;
                let why = LineProblem::TooLong { len: *len }.to_string();
                app.health.refused(source.id, &why, app.now());
                self.refuse(None, why);
                return Ok(());
            }
        };
        match candidate(source, line) {
            Ok(candidate) => {
                self.waiting.push(candidate);
                self.bytes += line.len();
                if self.waiting.len() >= BATCH || self.bytes >= MAX_LINE {
                    self.flush(app, source).await?;
                }
            }
            Err((id, why)) => {
                self.flush(app, source).await?;
                app.health.refused(source.id, &why, app.now());
                self.refuse(id, why);
            }
        }
        Ok(())
    }

    /// Appends what waits. If the store fails after earlier lines were kept, the sender sends the
    /// whole batch again: ids make that harmless.
    async fn flush(&mut self, app: &App, source: &Source) -> Result<(), StoreError> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let candidates = std::mem::take(&mut self.waiting);
        self.bytes = 0;
        let ids: Vec<FactId> = candidates.iter().map(|candidate| candidate.id).collect();
        let kept = keep(app, source, candidates).await?;
        for (id, kept) in ids.into_iter().zip(kept) {
            let (id, position, status, problem) = match kept {
                Kept::Stored(position) => (id, Some(position), LineStatus::Stored, None),
                Kept::Known(position, id) => (id, Some(position), LineStatus::Known, None),
                Kept::Refused(why) => (id, None, LineStatus::Refused, Some(why)),
            };
            self.reply(&LineReply { id: Some(id.to_string()), position, status, problem });
        }
        Ok(())
    }

    fn refuse(&mut self, id: Option<String>, why: String) {
        self.reply(&LineReply { id, position: None, status: LineStatus::Refused, problem: Some(why) });
    }

    fn reply(&mut self, reply: &LineReply) {
        self.text.push_str(&serde_json::to_string(reply).expect("a reply is JSON"));
        self.text.push('\n');
    }
}

/// Reads a line; else its id, if it has one, and what is wrong with it.
fn candidate(source: &Source, line: &[u8]) -> Result<Candidate, (Option<String>, String)> {
    let read = ndjson::read(line).map_err(|problem| (ndjson::id(line), problem.to_string()))?;
    let is_ours = |name: &str| name == source.name || name == source.id.to_string();
    if read.source.as_deref().is_some_and(|name| !is_ours(name)) {
        let why = format!("this address and token write facts of {} only", source.name);
        return Err((Some(read.id.to_string()), why));
    }
    Ok(Candidate { id: read.id, kind: read.kind, content: read.content })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(chunks: &[&[u8]]) -> Vec<Line> {
        let mut splitter = Splitter::default();
        let mut lines = Vec::new();
        for chunk in chunks {
            let mut rest = *chunk;
            while let Some(line) = splitter.line(&mut rest) {
                lines.push(line);
            }
        }
        lines.extend(splitter.last());
        lines
    }

    #[test]
    fn splits_whatever_the_chunks() {
        let expected = vec![Ok(b"ab".to_vec()), Ok(b"".to_vec()), Ok(b"cd".to_vec())];
        assert_eq!(split(&[b"ab\n\ncd"]), expected);
        assert_eq!(split(&[b"a", b"b", b"\n", b"\nc", b"d\n"]), expected);
        assert_eq!(split(&[]), vec![]);
    }

    #[test]
    fn a_long_line_is_counted_and_not_held() {
        let long = vec![b'x'; 10_000_000];
        let lines = split(&[b"a\n", &long, b"\nb\n"]);
        assert_eq!(lines, vec![Ok(b"a".to_vec()), Err(10_000_000), Ok(b"b".to_vec())]);
    }
}

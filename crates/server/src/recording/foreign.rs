//! The words of other crates for the same things.

use axum::http::HeaderMap;
use incident::SourceKind;
use intake::Format;

/// What a source speaks, as intake calls it.
pub(super) fn format(kind: SourceKind) -> Format {
    match kind {
        SourceKind::Alertmanager => Format::Alertmanager,
        SourceKind::Grafana => Format::Grafana,
        SourceKind::Github => Format::Github,
        SourceKind::Gitlab => Format::Gitlab,
        // The product's own source takes no deliveries, and lines go another way.
        SourceKind::Json | SourceKind::Ndjson | SourceKind::Deadstick => Format::Json,
    }
}

/// Field paths, as intake calls them.
pub(super) fn mapping(mapping: &incident::Mapping) -> intake::Mapping {
    let incident::Mapping { time, text, actor, native_id, thread, status, kind, each } = mapping.clone();
    intake::Mapping { time, text, actor, native_id, thread, status, kind, each }
}

/// The headers as intake reads them.
pub(super) struct HeadersOf<'a>(pub(super) &'a HeaderMap);

impl intake::Headers for HeadersOf<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.to_str().ok()
    }
}

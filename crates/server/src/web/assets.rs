//! Style sheets and scripts, embedded, under a name that changes with their bytes.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest as _, Sha256};

macro_rules! embedded {
    ($($name:literal = [$($path:literal),+ $(,)?]),+ $(,)?) => {
        &[$(($name, concat!($(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../web/", $path))),+))),+]
    };
}

/// Every asset by name; a name may stand for several files, joined.
const FILES: &[(&str, &str)] = embedded![
    "deadstick.css" = [
        "css/tokens.css",
        "css/base.css",
        "css/controls.css",
        "css/panel.css",
        "css/table.css",
        "css/sheet.css",
        "css/now.css",
        "css/incident.css",
        "css/record.css",
        "css/print.css",
    ],
    "icon.svg" = ["icon.svg"],
    "theme.js" = ["js/theme.js"],
    "app.js" = ["js/app.js"],
    "clock.js" = ["js/clock.js"],
    "command.js" = ["js/command.js"],
    "evidence.js" = ["js/evidence.js"],
    "keys.js" = ["js/keys.js"],
    "line.js" = ["js/line.js"],
    "live.js" = ["js/live.js"],
    "parts.js" = ["js/parts.js"],
    "timeline.js" = ["js/timeline.js"],
];

/// The folder's name: the digest of all assets, since the modules import each other by name.
static FOLDER: LazyLock<String> = LazyLock::new(|| {
    let mut hasher = Sha256::new();
    for (name, text) in FILES {
        hasher.update(name.as_bytes());
        hasher.update([0]);
        hasher.update(text.as_bytes());
        hasher.update([0]);
    }
    hasher.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
});

/// Where a page finds an asset.
pub(crate) fn url(name: &str) -> String {
    debug_assert!(FILES.iter().any(|(known, _)| *known == name), "no asset {name}");
    format!("/assets/{}/{name}", *FOLDER)
}

/// The digest in every asset's address: an open page that holds another one is out of date.
pub(crate) fn folder() -> &'static str {
    &FOLDER
}

/// `GET /assets/{folder}/{name}`.
pub(super) async fn asset(Path((folder, name)): Path<(String, String)>) -> Response {
    match FILES.iter().find(|(known, _)| *known == name) {
        Some((_, text)) if folder == *FOLDER => {
            let kind = match name.rsplit('.').next() {
                Some("css") => "text/css; charset=utf-8",
                Some("svg") => "image/svg+xml",
                _ => "text/javascript; charset=utf-8",
            };
            let headers = [
                (header::CONTENT_TYPE, kind),
                (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
                (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            ];
            (headers, *text).into_response()
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn answers_an_asset_by_its_digest_only() {
        let asked = |folder: &str, name: &str| asset(Path((folder.into(), name.into())));
        let found = asked(&FOLDER, "deadstick.css").await;
        assert_eq!(found.status(), StatusCode::OK);
        assert!(found.headers()[header::CACHE_CONTROL].to_str().unwrap().contains("immutable"));
        assert_eq!(asked("0000000000000000", "deadstick.css").await.status(), StatusCode::NOT_FOUND);
        assert_eq!(asked(&FOLDER, "../Cargo.toml").await.status(), StatusCode::NOT_FOUND);
    }

    #[test]
    fn scripts_import_only_what_is_embedded() {
        for (name, text) in FILES.iter().filter(|(name, _)| name.ends_with(".js")) {
            for line in text.lines().filter(|line| line.contains("from \"./")) {
                let wanted = line.split("from \"./").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
                assert!(FILES.iter().any(|(known, _)| *known == wanted), "{name} imports {wanted}");
            }
        }
    }
}

//! The table of endpoints and what is made from it.

use std::path::PathBuf;

use server::api::{document, table};

fn checked_in() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json")
}

/// `UPDATE_DOCS=1 cargo test -p server --test api` writes it anew.
#[test]
fn the_document_is_the_one_checked_in() {
    let made = serde_json::to_string_pretty(&document()).unwrap() + "\n";
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(checked_in(), &made).unwrap();
    }
    let kept = std::fs::read_to_string(checked_in()).unwrap_or_default();
    assert!(made == kept, "docs/openapi.json is not what the table says: UPDATE_DOCS=1 writes it anew");
}

#[test]
fn every_endpoint_has_a_path_and_a_name_of_its_own() {
    let mut names: Vec<_> = table().iter().map(|route| route.name).collect();
    let mut paths: Vec<_> = table().iter().map(|route| (route.path, route.verb)).collect();
    let (all_names, all_paths) = (names.len(), paths.len());
    names.sort_unstable();
    names.dedup();
    paths.sort_unstable();
    paths.dedup();
    assert_eq!((names.len(), paths.len()), (all_names, all_paths));
    assert!(table().iter().all(|route| route.path.starts_with("/api/v1/")));
}

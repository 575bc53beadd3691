//! A spool of any bytes: it opens, and what is appended to it is there when it is opened again.
#![no_main]

use std::fs;

use libfuzzer_sys::fuzz_target;
use spool::{Error, Spool};

fuzz_target!(|input: (Vec<Vec<u8>>, Vec<u8>, Vec<(u16, u8)>)| {
    let (payloads, acknowledged, flips) = input;
    let dir = tempfile::tempdir().expect("a folder");
    let mut written = Vec::new();
    let mut spool = Spool::open(dir.path(), "f").expect("a new spool opens");
    for payload in payloads.into_iter().take(8).filter(|payload| !payload.is_empty()) {
        spool.append(&payload).expect("it is appended");
        written.push(payload);
    }
    drop(spool);
    let path = dir.path().join("f.spool");
    let mut bytes = fs::read(&path).expect("it is there");
    for (at, flip) in flips {
        let at = usize::from(at) % bytes.len().max(1);
        bytes[at] ^= flip;
    }
    fs::write(&path, bytes).expect("it is written");
    fs::write(dir.path().join("f.acknowledged"), acknowledged).expect("it is written");
    let mut spool = match Spool::open(dir.path(), "f") {
        Ok(spool) => spool,
        Err(Error::Version { .. }) => return,
        Err(error) => panic!("{error}"),
    };
    let mut found: Vec<_> =
        spool.pending().expect("it is read").map(|entry| entry.expect("it was good").payload).collect();
    assert!(written.starts_with(&found), "{found:?} of {written:?}");
    spool.append(b"after").expect("it is usable");
    drop(spool);
    found.push(b"after".to_vec());
    let spool = Spool::open(dir.path(), "f").expect("it opens again");
    assert!(spool.damage().is_empty());
    let again: Vec<_> =
        spool.pending().expect("it is read").map(|entry| entry.expect("it was good").payload).collect();
    assert_eq!(again, found);
});

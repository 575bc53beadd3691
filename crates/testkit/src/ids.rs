//! Ids and secrets that are the same in every run.

use std::sync::atomic::{AtomicU64, Ordering};

use server::Ids;

/// Bytes from a seed (SplitMix64): the same in every run, and no secret at all.
#[derive(Debug)]
pub struct SeededIds(AtomicU64);

impl SeededIds {
    /// From a seed.
    pub fn new(seed: u64) -> Self {
        SeededIds(AtomicU64::new(seed))
    }
}

impl Ids for SeededIds {
    fn random(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let state = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::SeqCst);
            let mut word = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            word ^= word >> 31;
            chunk.copy_from_slice(&word.to_be_bytes()[..chunk.len()]);
        }
    }
}

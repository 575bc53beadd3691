//! The Merkle tree of RFC 6962, section 2.1, by position.

use sha2::{Digest as _, Sha256};

use crate::Digest;

/// How many leaves a tile holds. Tile `t` covers positions `256 t + 1` to `256 t + 256`.
pub const TILE: u64 = 256;

/// A tile: an aligned run of [`TILE`] positions, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tile(pub u64);

impl Tile {
    /// The tile in which a position (from 1) lies.
    pub fn of(position: u64) -> Self {
        Tile(position.saturating_sub(1) / TILE)
    }

    /// First position of the tile.
    pub fn first(self) -> u64 {
        self.0 * TILE + 1
    }

    /// Last position of the tile.
    pub fn last(self) -> u64 {
        self.first() + TILE - 1
    }
}

/// SHA-256(0x01 || left || right), an inner node.
pub fn node(left: &Digest, right: &Digest) -> Digest {
    Digest(Sha256::new().chain_update([1u8]).chain_update(left.0).chain_update(right.0).finalize().into())
}

/// The complete subtrees that make up a tree, largest first: all that is needed to append.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Peaks {
    size: u64,
    peaks: Vec<(u32, Digest)>,
}

impl Peaks {
    /// How many leaves there are.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends one leaf; tells the root of its tile if it was the tile's last.
    pub fn push(&mut self, leaf: Digest) -> Option<Digest> {
        self.push_subtree(0, leaf)
    }

    /// Appends a whole tile by its root; the tree must end on a tile's border.
    pub fn push_tile(&mut self, root: Digest) {
        debug_assert_eq!(self.size % TILE, 0, "a tile goes onto a tile's border");
        self.push_subtree(TILE.trailing_zeros(), root);
    }

    fn push_subtree(&mut self, level: u32, digest: Digest) -> Option<Digest> {
        self.size += 1 << level;
        let (mut level, mut digest, mut tile) = (level, digest, None);
        while let Some((top, left)) = self.peaks.last()
            && *top == level
        {
            digest = node(left, &digest);
            level += 1;
            tile = if level == TILE.trailing_zeros() { Some(digest) } else { tile };
            self.peaks.pop();
        }
        self.peaks.push((level, digest));
        tile
    }

    /// The tree's root; of the empty tree SHA-256 of nothing.
    pub fn root(&self) -> Digest {
        let mut peaks = self.peaks.iter().rev().map(|(_, digest)| *digest);
        match peaks.next() {
            Some(last) => peaks.fold(last, |right, left| node(&left, &right)),
            None => Digest(Sha256::digest([]).into()),
        }
    }
}

/// The root over a run of leaves.
pub fn root_of(leaves: impl IntoIterator<Item = Digest>) -> Digest {
    let mut peaks = Peaks::default();
    for leaf in leaves {
        peaks.push(leaf);
    }
    peaks.root()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn leaf(data: &[u8]) -> Digest {
        Digest(Sha256::new().chain_update([0u8]).chain_update(data).finalize().into())
    }

    /// RFC 6962's definition, word for word.
    fn definition(leaves: &[Digest]) -> Digest {
        match leaves {
            [] => Digest(Sha256::digest([]).into()),
            [one] => *one,
            many => {
                let split = many.len().next_power_of_two() / 2;
                node(&definition(&many[..split]), &definition(&many[split..]))
            }
        }
    }

    #[test]
    fn agrees_with_the_known_vectors_of_certificate_transparency() {
        let leaves = [&b""[..], b"\x00", b"\x10", b"\x20\x21", b"\x30\x31", b"\x40\x41\x42\x43"];
        let root = root_of(leaves.iter().map(|data| leaf(data)));
        assert_eq!(root.hex(), "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef");
        assert_eq!(root_of([]).hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }

    proptest! {
        #[test]
        fn is_the_tree_of_the_rfc(count in 0usize..700) {
            let leaves: Vec<_> = (0..count).map(|i| leaf(&i.to_be_bytes())).collect();
            prop_assert_eq!(root_of(leaves.iter().copied()), definition(&leaves));
        }

        #[test]
        fn tells_each_tile_as_it_fills(count in 0usize..1_100) {
            let leaves: Vec<_> = (0..count).map(|i| leaf(&i.to_be_bytes())).collect();
            let mut peaks = Peaks::default();
            let told: Vec<_> = leaves.iter().filter_map(|leaf| peaks.push(*leaf)).collect();
            let tiles: Vec<_> = leaves.chunks_exact(256).map(definition).collect();
            prop_assert_eq!(told, tiles);
        }

        #[test]
        fn is_the_same_built_from_tiles(tiles in 0usize..4, rest in 0usize..256) {
            let leaves: Vec<_> = (0..tiles * 256 + rest).map(|i| leaf(&i.to_be_bytes())).collect();
            let mut peaks = Peaks::default();
            for tile in leaves.chunks_exact(256) {
                peaks.push_tile(root_of(tile.iter().copied()));
            }
            let mut told = None;
            for leaf in &leaves[tiles * 256..] {
                told = told.or(peaks.push(*leaf));
            }
            prop_assert_eq!(told, None);
            prop_assert_eq!(peaks.root(), definition(&leaves));
        }
    }
}

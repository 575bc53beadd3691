//! For tests: clock and id sources, a server of one's own, fake peers.

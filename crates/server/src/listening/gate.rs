//! How many connections may be open: beyond, a new one is closed at once.
//!
//! One address may hold half of them, so that one program gone wild leaves room for everybody
//! else. Behind a proxy all have the proxy's address, and the proxy limits its clients.

use std::collections::HashMap;
use std::future::{Ready, ready};
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum_server::accept::Accept;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// Lets connections in while there is room. Clones share one count.
#[derive(Debug, Clone)]
pub(super) struct Gate(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    most: usize,
    most_of_one: usize,
    open: Mutex<HashMap<IpAddr, usize>>,
    told: Mutex<Option<Instant>>,
}

impl Gate {
    pub(super) fn new(most: usize, behind_proxy: bool) -> Self {
        let most_of_one = if behind_proxy { most } else { most.div_ceil(2) };
        Gate(Arc::new(Shared { most, most_of_one, open: Mutex::default(), told: Mutex::default() }))
    }

    /// Once a minute: who floods connections must not flood the log.
    fn tell(&self, address: IpAddr) {
        let mut told = self.0.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.is_none_or(|at| at.elapsed() > Duration::from_secs(60)) {
            *told = Some(Instant::now());
            tracing::warn!(%address, "too many connections are open: new ones are closed");
        }
    }

    fn enter(&self, address: IpAddr) -> Option<Place> {
        let mut open = self.0.open.lock().unwrap_or_else(PoisonError::into_inner);
        let all: usize = open.values().sum();
        let of_one = open.get(&address).copied().unwrap_or(0);
        if all >= self.0.most || of_one >= self.0.most_of_one {
            return None;
        }
        open.insert(address, of_one + 1);
        Some(Place { gate: self.clone(), address })
    }
}

/// A place that is taken while this lives.
#[derive(Debug)]
struct Place {
    gate: Gate,
    address: IpAddr,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.gate.0.open.lock().unwrap_or_else(PoisonError::into_inner);
        match open.get_mut(&self.address) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(open.remove(&self.address)),
        }
    }
}

impl<S> Accept<TcpStream, S> for Gate {
    type Stream = Connection;
    type Service = S;
    type Future = Ready<io::Result<(Connection, S)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let address = stream.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip());
        let Some(place) = self.enter(address) else {
            self.tell(address);
            return ready(Err(io::Error::new(io::ErrorKind::QuotaExceeded, "too many connections")));
        };
        ready(stream.set_nodelay(true).map(|()| (Connection { stream, _place: place }, service)))
    }
}

/// A connection that has its place.
#[derive(Debug)]
pub(super) struct Connection {
    stream: TcpStream,
    _place: Place,
}

impl AsyncRead for Connection {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_leaves_room_for_others_and_who_goes_makes_room() {
        let gate = Gate::new(4, false);
        let [one, other]: [IpAddr; 2] = ["192.0.2.1", "192.0.2.2"].map(|text| text.parse().unwrap());
        let (first, second) = (gate.enter(one), gate.enter(one));
        assert!(first.is_some() && second.is_some());
        assert!(gate.enter(one).is_none(), "half of all");
        let others = [gate.enter(other), gate.enter(other)];
        assert!(others.iter().all(Option::is_some));
        assert!(gate.enter("192.0.2.3".parse().unwrap()).is_none(), "full");
        drop(first);
        assert!(gate.enter(one).is_some(), "room again");
        drop((second, others));
        assert!(gate.0.open.lock().unwrap().is_empty(), "nothing is remembered");
    }

    #[test]
    fn a_proxy_may_hold_them_all() {
        let gate = Gate::new(4, true);
        let proxy: IpAddr = "192.0.2.1".parse().unwrap();
        let places: Vec<_> = (0..5).map(|_| gate.enter(proxy)).collect();
        assert_eq!(places.iter().flatten().count(), 4);
    }
}

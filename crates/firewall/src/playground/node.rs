//! A node: a thread in a network namespace of its own, which makes connections and holds them.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use nix::sched::{CloneFlags, unshare};
use nix::unistd::{Pid, gettid};

use super::error::PlaygroundError;
use super::service;

/// How long a connection or an answer may take; everything is on one machine.
const PATIENCE: Duration = Duration::from_millis(700);

enum Request {
    Listen(u16, Sender<bool>),
    Reach(SocketAddr, Sender<bool>),
    Hold(SocketAddr, Sender<Option<SocketAddr>>),
    Alive(SocketAddr, Sender<bool>),
}

/// A node. It ends with the process.
pub struct Node {
    /// The thread, by which `ip` finds its network namespace.
    pub thread: Pid,
    requests: Sender<Request>,
}

impl Node {
    /// Begins a namespace with a thread in it.
    pub fn begin() -> Result<Self, PlaygroundError> {
        let (requests, inbox) = channel();
        let (ready, begun) = channel();
        std::thread::spawn(move || {
            let outcome = unshare(CloneFlags::CLONE_NEWNET).map(|()| gettid());
            let is_begun = outcome.is_ok();
            if ready.send(outcome).is_ok() && is_begun {
                serve(&inbox);
            }
        });
        let thread = begun
            .recv()
            .map_err(|_| PlaygroundError::Gone("a node"))?
            .map_err(PlaygroundError::Namespaces)?;
        Ok(Self { thread, requests })
    }

    /// Listens on a port, in this namespace.
    pub fn listen(&self, port: u16) -> Result<bool, PlaygroundError> {
        self.ask(|answer| Request::Listen(port, answer))
    }

    /// Does a new connection work: is it accepted, and is what is sent answered? The answer comes later, so that many can be asked at once.
    pub fn reach(&self, to: SocketAddr) -> Result<Answer, PlaygroundError> {
        self.post(|answer| Request::Reach(to, answer))
    }

    /// Opens a connection and keeps it; its address and port at this end, if it worked.
    pub fn hold(&self, to: SocketAddr) -> Result<Option<SocketAddr>, PlaygroundError> {
        self.ask(|answer| Request::Hold(to, answer))
    }

    /// Does the connection that is kept still answer? The answer comes later, too.
    pub fn alive(&self, to: SocketAddr) -> Result<Answer, PlaygroundError> {
        self.post(|answer| Request::Alive(to, answer))
    }

    fn ask<T>(&self, request: impl FnOnce(Sender<T>) -> Request) -> Result<T, PlaygroundError> {
        let (answer, answered) = channel();
        self.requests.send(request(answer)).map_err(|_| PlaygroundError::Gone("a node"))?;
        answered.recv().map_err(|_| PlaygroundError::Gone("a node"))
    }

    fn post(&self, request: impl FnOnce(Sender<bool>) -> Request) -> Result<Answer, PlaygroundError> {
        let (answer, answered) = channel();
        self.requests.send(request(answer)).map_err(|_| PlaygroundError::Gone("a node"))?;
        Ok(Answer(answered))
    }
}

/// An answer that a node will give.
pub struct Answer(Receiver<bool>);

impl Answer {
    /// Waits for it.
    pub fn wait(self) -> Result<bool, PlaygroundError> {
        self.0.recv().map_err(|_| PlaygroundError::Gone("a node"))
    }
}

fn serve(inbox: &Receiver<Request>) {
    let mut held: BTreeMap<SocketAddr, TcpStream> = BTreeMap::new();
    while let Ok(request) = inbox.recv() {
        // An asker that has gone needs no answer. What may take long gets a thread, which is born into this namespace.
        match request {
            Request::Listen(port, answer) => {
                let _ = answer.send(service::listen(port).is_ok());
            }
            Request::Reach(to, answer) => {
                std::thread::spawn(move || answer.send(open(to).is_some()));
            }
            Request::Hold(to, answer) => {
                let stream = open(to);
                let here = stream.as_ref().and_then(|stream| stream.local_addr().ok());
                held.extend(stream.map(|stream| (to, stream)));
                let _ = answer.send(here);
            }
            Request::Alive(to, answer) => {
                let stream = held.get(&to).and_then(|stream| stream.try_clone().ok());
                std::thread::spawn(move || {
                    answer.send(stream.is_some_and(|mut stream| is_answering(&mut stream)))
                });
            }
        }
    }
}

fn open(to: SocketAddr) -> Option<TcpStream> {
    let mut stream = TcpStream::connect_timeout(&to, PATIENCE).ok()?;
    is_answering(&mut stream).then_some(stream)
}

fn is_answering(stream: &mut TcpStream) -> bool {
    let mut answer = [0];
    let mut exchange = || {
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(b".")?;
        stream.read_exact(&mut answer)
    };
    exchange().is_ok()
}

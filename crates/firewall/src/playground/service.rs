//! What the server and its nodes offer: every service answers what it is sent.

use std::io::{self, Read, Write};
use std::net::{Ipv6Addr, TcpListener};

/// Listens on a port of this thread's network namespace, IPv4 and IPv6, until the process ends.
pub fn listen(port: u16) -> io::Result<()> {
    let listener = TcpListener::bind((Ipv6Addr::UNSPECIFIED, port))?;
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let mut bytes = [0; 64];
                while let Ok(count @ 1..) = stream.read(&mut bytes) {
                    if stream.write_all(&bytes[..count]).is_err() {
                        break;
                    }
                }
            });
        }
    });
    Ok(())
}

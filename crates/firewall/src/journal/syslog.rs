//! The last resort: the system's own log.

use std::os::unix::net::UnixDatagram;
use std::path::Path;

/// Priority user.notice.
const PRIORITY: u8 = 13;

/// Sends a line to the socket of syslog; did that work? Never waits.
pub fn send(socket: &Path, text: &str) -> bool {
    let line: String = text.chars().filter(|c| !c.is_control()).take(1_000).collect();
    let message = format!("<{PRIORITY}>deadstick-fw[{}]: {line}", std::process::id());
    let sent = UnixDatagram::unbound().and_then(|datagram| {
        datagram.set_nonblocking(true)?;
        datagram.send_to(message.as_bytes(), socket)
    });
    sent.is_ok()
}

//! The window through which a person inside looks at the nodes: a socket that answers with what is measured.

use std::io::{self, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};

use super::error::PlaygroundError;
use super::state::Measured;
use super::world::World;

/// Where the socket is, inside.
const PATH: &str = "/run/deadstick-playground.sock";

/// Answers everybody who connects, until the process ends.
pub fn serve(world: World) -> Result<(), PlaygroundError> {
    let listener = UnixListener::bind(PATH)
        .map_err(|error| PlaygroundError::Io("can't make the playground's socket", error))?;
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let answer = match world.measure() {
                Ok(measured) => serde_json::to_vec(&measured).unwrap_or_default(),
                Err(error) => error.to_string().into_bytes(),
            };
            // Whoever asked and left gets nothing.
            let _ = stream.write_all(&answer);
        }
    });
    Ok(())
}

/// Asks the playground that this process is in; `None` outside of one.
pub fn ask() -> Result<Option<Measured>, PlaygroundError> {
    let mut stream = match UnixStream::connect(PATH) {
        Ok(stream) => stream,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(PlaygroundError::Io("the playground does not answer", error)),
    };
    let mut text = String::new();
    stream
        .read_to_string(&mut text)
        .map_err(|error| PlaygroundError::Io("the playground does not answer", error))?;
    match serde_json::from_str(&text) {
        Ok(measured) => Ok(Some(measured)),
        Err(error) => Err(PlaygroundError::Io("the playground answers strangely", error.into())),
    }
}

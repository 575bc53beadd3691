//! A shell in the server, for a person who wants to try things.

use std::process::{Command, ExitStatus};

use super::control;
use super::error::PlaygroundError;
use super::private::make_private;
use super::rules::{SERVICES, Start};
use super::world::World;

/// What a person is told on the way in.
const WELCOME: &str = "\
You are root on the server of a small distributed system, logged in by ssh from `outside`. Nothing here touches your machine.
Four nodes (replica, app, monitor, outside) hold live connections to it; somebody made its rules carefully.

  deadstick-fw status                     what is there: rules, who made them, services, your way in
  deadstick-fw show --explain             every rule in a sentence
  deadstick-fw playground nodes           do the nodes still get what they need?
  deadstick-fw deny 9100/tcp --dry-run    what would it mean?
  ufw enable                              what a helpful colleague did (if ufw is installed)

`exit` ends it, and everything in it.
";

/// Builds the world in this process's fresh namespaces and runs a shell in it.
pub fn run(start: Start, is_legacy: bool) -> Result<ExitStatus, PlaygroundError> {
    make_private()?;
    let world = World::build(start, is_legacy)?;
    let way_in = world.way_in();
    control::serve(world)?;
    let services: Vec<String> = SERVICES.iter().map(|(port, name)| format!("{name} {port}")).collect();
    anstream::eprintln!("{WELCOME}\nServices: {}.\n", services.join(", "));
    let wanted = std::env::var("SHELL").unwrap_or_else(|_| "/bin/bash".to_owned());
    let own = std::env::current_exe().ok().and_then(|path| path.parent().map(std::path::Path::to_owned));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(own.into_iter().chain(std::env::split_paths(&path))).unwrap_or(path);
    let shell = |program: &str| {
        let mut command = Command::new(program);
        command
            .env("PATH", &path)
            .env("DEADSTICK_FW_STATE", "/run/deadstick-fw")
            .env("PS1", "playground:server# ");
        command.envs(way_in.iter().map(|text| ("SSH_CONNECTION", text)));
        if program.ends_with("bash") {
            command.args(["--norc", "-i"]);
        }
        command.status()
    };
    shell(&wanted)
        .or_else(|_| shell("/bin/sh"))
        .map_err(|error| PlaygroundError::Io("can't run a shell", error))
}

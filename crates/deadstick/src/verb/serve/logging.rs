//! The program's own log, on stderr.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use super::settings::LogFormat;

/// Starts it; `DEADSTICK_LOG` says how much (`info`, `debug`, `server=debug`).
pub fn start(format: LogFormat) {
    // Every request is a line for machines; people want to see what is wrong.
    let usual = match format {
        LogFormat::Json => "warn,deadstick=info,server=info",
        LogFormat::Text => "warn,deadstick=info,server=info,deadstick::request=warn",
    };
    let filter = EnvFilter::try_from_env("DEADSTICK_LOG").unwrap_or_else(|_| EnvFilter::new(usual));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second start in one process, as in tests, changes nothing.
    let _ = match format {
        LogFormat::Json => builder.json().try_init(),
        LogFormat::Text => builder.with_ansi(std::io::stderr().is_terminal()).try_init(),
    };
}

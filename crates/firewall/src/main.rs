//! The command `deadstick-fw`.

fn main() -> std::process::ExitCode {
    std::process::ExitCode::SUCCESS
}

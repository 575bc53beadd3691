//! The command `deadstick-fw`.

fn main() -> std::process::ExitCode {
    firewall::cli::main()
}

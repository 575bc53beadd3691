//! Sessions as text: commands, and what they printed, with ids and times made comparable.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use nix::sched::{CloneFlags, unshare};
use regex::{Captures, Regex};

/// Where a script runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Where {
    /// In the namespaces of the test: only what reads files.
    Here,
    /// In a network namespace of its own.
    Namespace,
}

/// Is there such a program?
pub fn is_installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// Runs every `$ ` line of a script and compares what is printed with what stands below it.
///
/// What stands above the first command is a remark. `DUMPS` and `DIR` stand for the dumps beside the scripts and for a folder of the test. Lines of stderr begin
/// with `! `, an empty line of stdout is shown as `~`. `DEADSTICK_UPDATE=1` writes what is printed into the script.
pub fn check(path: &Path, place: Where) {
    // A thread of its own: the namespace goes with it.
    let path = path.to_owned();
    std::thread::spawn(move || run_all(&path, place))
        .join()
        .unwrap_or_else(|error| std::panic::resume_unwind(error));
}

fn run_all(path: &Path, place: Where) {
    if place == Where::Namespace {
        unshare(CloneFlags::CLONE_NEWNET).expect("root can make a network namespace");
    }
    let script = std::fs::read_to_string(path).expect("the script can be read");
    let site = tempfile::tempdir().expect("a temporary directory");
    let mut plain = Plain::new(site.path());
    let mut told = String::new();
    for line in script.lines() {
        if let Some(command) = line.strip_prefix("$ ") {
            told.push_str(&format!("{line}\n{}", plain.text(&run(site.path(), command))));
        } else if !told.contains("\n$ ") {
            told.push_str(&format!("{line}\n"));
        }
    }
    if std::env::var_os("DEADSTICK_UPDATE").is_some() {
        std::fs::write(path, &told).expect("the script can be written");
        return;
    }
    for (number, (expected, told)) in script.lines().zip(told.lines()).enumerate() {
        assert_eq!(told, expected, "{}, line {}; DEADSTICK_UPDATE=1 rewrites it", path.display(), number + 1);
    }
    assert_eq!(script.lines().count(), told.lines().count(), "{}", path.display());
}

fn dumps() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/dumps")
}

fn run(site: &Path, command: &str) -> String {
    let command =
        command.replace("DUMPS", &dumps().to_string_lossy()).replace("DIR", &site.to_string_lossy());
    let words = split(&command);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["write", file, lines @ ..] => {
            let folder = Path::new(file).parent().expect("a file in a folder");
            std::fs::create_dir_all(folder).expect("a folder can be made");
            std::fs::write(file, lines.iter().map(|line| format!("{line}\n")).collect::<String>())
                .expect("a file can be written");
            String::new()
        }
        ["cat", file] => printed(&program("cat").arg(file).output().expect("cat runs")),
        [name @ ("ip" | "iptables" | "ip6tables" | "iptables-legacy" | "nft"), arguments @ ..] => {
            printed(&program(name).args(arguments).output().expect("the program starts"))
        }
        ["deadstick-fw", arguments @ ..] => {
            let mut program = program(env!("CARGO_BIN_EXE_deadstick-fw"));
            program.env("DEADSTICK_FW_STATE", site.join("state"));
            printed(&program.args(arguments).output().expect("the program starts"))
        }
        other => panic!("{other:?} is no command of a script"),
    }
}

/// A program without anything of the surroundings that could steer it.
fn program(name: &str) -> Command {
    let mut command = Command::new(name);
    command.env_clear().env("TZ", "UTC").env("LANG", "C.UTF-8").stdin(Stdio::null());
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    command
}

fn printed(output: &Output) -> String {
    let mut text = String::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        text.push_str(&format!("{}\n", if line.is_empty() { "~" } else { line }));
    }
    for line in String::from_utf8_lossy(&output.stderr).lines() {
        text.push_str(&format!("! {line}\n"));
    }
    match output.status.code() {
        Some(0) => text,
        status => format!("{text}[exit {}]\n", status.expect("an exit status")),
    }
}

/// Words between blanks; single or double quotes keep them.
fn split(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote, mut any) = (Vec::new(), String::new(), None, false);
    for c in line.chars() {
        match (c, quote) {
            (c, Some(open)) if c == open => quote = None,
            ('"' | '\'', None) => (quote, any) = (Some(c), true),
            (' ', None) => {
                if any || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                any = false;
            }
            (c, _) => word.push(c),
        }
    }
    if any || !word.is_empty() {
        words.push(word);
    }
    words
}

/// Makes text comparable: ids are numbered in order of appearance, times named.
struct Plain {
    directory: String,
    ids: Vec<String>,
    rules: Vec<(Regex, &'static str)>,
    id: Regex,
}

impl Plain {
    fn new(site: &Path) -> Self {
        let rule = |pattern: &str, name| (Regex::new(pattern).expect("a pattern"), name);
        Plain {
            directory: site.to_str().expect("a plain path").to_owned(),
            ids: Vec::new(),
            rules: vec![
                rule(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", "<time>"),
                rule(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", "<time>"),
                rule(r"\b[0-9a-f]{64}\b", "<digest>"),
                rule(r#""handle":\d+"#, r#""handle":<n>"#),
                rule(r#""namespace":\[\d+,\d+\]"#, r#""namespace":<namespace>"#),
                rule(r#""boot":"[0-9a-f-]+""#, r#""boot":<boot>"#),
                rule(r"(?:goes back|ends) in \d+ s", "goes back in <n> s"),
                rule(r"process \d+", "process <pid>"),
            ],
            id: Regex::new("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
                .expect("a pattern"),
        }
    }

    fn text(&mut self, text: &str) -> String {
        let dumps = dumps();
        let mut text =
            text.replace(&self.directory, "DIR").replace(dumps.to_str().expect("a plain path"), "DUMPS");
        for (pattern, name) in &self.rules {
            text = pattern.replace_all(&text, *name).into_owned();
        }
        let ids = &mut self.ids;
        let numbered = self.id.replace_all(&text, |found: &Captures<'_>| {
            let id = &found[0];
            let number = ids.iter().position(|known| known == id).unwrap_or_else(|| {
                ids.push(id.to_owned());
                ids.len() - 1
            });
            format!("<id {}>", number + 1)
        });
        numbered.into_owned()
    }
}

//! Sessions as text: commands, and what they printed, with ids and times made comparable.

use std::path::Path;
use std::process::Output;

use regex::{Captures, Regex};

use crate::harness::Site;

/// Runs every `$ ` line of a script and compares what is printed with what stands below it.
///
/// What stands above the first command is a remark. `$ deadstick ...` runs a verb, `$ start`, `$ kill` and `$ stop` the server. Lines of stderr begin
/// with `! `, an empty line of stdout is shown as `~`. `DEADSTICK_UPDATE=1` writes what is printed into the script.
pub fn check(path: &Path) {
    let script = std::fs::read_to_string(path).expect("the script can be read");
    let mut site = Site::new();
    let mut plain = Plain::new(&site);
    let mut told = String::new();
    for line in script.lines() {
        if let Some(command) = line.strip_prefix("$ ") {
            told.push_str(&format!("{line}\n{}", plain.text(&run(&mut site, command))));
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

fn run(site: &mut Site, command: &str) -> String {
    let words = split(command);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["start"] => site.start(),
        ["kill"] => site.kill(),
        ["stop"] => assert_eq!(site.stop(), Some(0)),
        ["deadstick", arguments @ ..] => return printed(&site.run(arguments)),
        other => panic!("{other:?} is no command of a script"),
    }
    String::new()
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

/// Words between blanks; double quotes keep them.
fn split(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted, mut any) = (Vec::new(), String::new(), false, false);
    for c in line.chars() {
        match c {
            '"' => (quoted, any) = (!quoted, true),
            ' ' if !quoted => {
                if any || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                any = false;
            }
            c => word.push(c),
        }
    }
    if any || !word.is_empty() {
        words.push(word);
    }
    words
}

/// Makes text comparable: ids are numbered in order of appearance, times and secrets named.
struct Plain {
    directory: String,
    ids: Vec<String>,
    rules: Vec<(Regex, &'static str)>,
    id: Regex,
}

impl Plain {
    fn new(site: &Site) -> Self {
        let rule = |pattern: &str, name| (Regex::new(pattern).expect("a pattern"), name);
        Plain {
            directory: site.path().to_str().expect("a plain path").to_owned(),
            ids: Vec::new(),
            rules: vec![
                rule(r"http://127\.0\.0\.1:[0-9]+", "<url>"),
                rule(r"ds_[A-Za-z0-9_-]{20,}", "<token>"),
                rule(r"/(in/[a-z]+|login|invite)/[A-Za-z0-9_-]{20,}", "/$1/<secret>"),
                rule(r#""secret":"[^"]+""#, r#""secret":"<secret>""#),
                rule(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", "<time>"),
                rule(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", "<time>"),
                rule(r"\d{4}-\d\d-\d\d \d\d:\d\d", "<minute>"),
                rule(r"\d{4}-\d\d-\d\d UTC", "<day>"),
                rule(r"\b\d\d:\d\d(:\d\d)?\b", "<clock>"),
                rule(r"\b\d+ s ago\b", "<just now>"),
                rule(r"\b[0-9a-f]{64}\b", "<root>"),
                rule(r"\d+ MB free", "<n> MB free"),
                rule(r"\b\d+ ms\b", "<n> ms"),
                rule(r"user \d+ only", "user <uid> only"),
                // Widths of columns change with what is in them.
                rule(r"(\S) {2,}", "$1  "),
                rule(r"process \d+", "process <pid>"),
            ],
            id: Regex::new("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
                .expect("a pattern"),
        }
    }

    fn text(&mut self, text: &str) -> String {
        let mut text = text.replace(&self.directory, "<dir>");
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

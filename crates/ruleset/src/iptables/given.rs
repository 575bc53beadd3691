//! What a rule gives, sorted by the module to which it belongs: the words of a rule before they mean anything.

use super::matches;
use super::protocol::protocol_number;
use super::targets;
use super::words::{Word, push_text, push_word, split};

/// A module that a rule calls: a match (`-m NAME`) or its target (`-j NAME`, `-g CHAIN`).
#[derive(Clone, Debug)]
pub(super) struct Module {
    /// Its name: the number of a word, or of the protocol that brings it.
    pub name: ModuleName,
    /// What it is.
    pub kind: ModuleKind,
}

/// Where the name of a module stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ModuleName {
    /// In this word.
    Word(usize),
    /// Nowhere: the options of a protocol may be given without `-m`.
    Protocol(&'static str),
}

/// What a module is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ModuleKind {
    /// `-m`.
    Match,
    /// `-j`.
    Target,
    /// `-g`.
    Goto,
}

/// An option with its values.
#[derive(Clone, Debug)]
pub(super) struct Setting {
    /// The word of the option itself.
    pub word: usize,
    /// Was there a `!` before it, or before its value?
    pub is_negated: bool,
    /// First and one past the last word of its values.
    pub values: (usize, usize),
    /// The module that it belongs to, by number; `None` for what every rule has (`-s`, `-p`, ...).
    pub module: Option<usize>,
}

/// A rule's words, options and modules. One serves many rules, so that reading a large dump allocates little.
#[derive(Debug, Default)]
pub(super) struct Given<'a> {
    /// All words.
    pub words: Vec<Word<'a>>,
    /// In the order in which they were called.
    pub modules: Vec<Module>,
    /// In order.
    pub settings: Vec<Setting>,
    /// Packets and bytes of `-c`.
    pub counters: Option<(u64, u64)>,
}

/// The options that every rule has, in their short form.
fn common(word: &str) -> Option<&'static str> {
    Some(match word {
        "-s" | "--source" | "--src" => "-s",
        "-d" | "--destination" | "--dst" => "-d",
        "-i" | "--in-interface" => "-i",
        "-o" | "--out-interface" => "-o",
        "-p" | "--protocol" | "--proto" => "-p",
        "-f" | "--fragments" | "--fragment" => "-f",
        "-m" | "--match" => "-m",
        "-j" | "--jump" => "-j",
        "-g" | "--goto" => "-g",
        "-c" | "--set-counters" => "-c",
        "-4" | "--ipv4" => "-4",
        "-6" | "--ipv6" => "-6",
        _ => return None,
    })
}

/// Options whose value may be any text, even one that looks like an option.
fn takes_any_text(option: &str) -> bool {
    matches!(
        option,
        "--comment"
            | "--log-prefix"
            | "--nflog-prefix"
            | "--ulog-prefix"
            | "--string"
            | "--hex-string"
            | "--helper"
    )
}

impl<'a> Given<'a> {
    /// Reads the text of a rule. `None`: it isn't one.
    pub fn read(&mut self, text: &'a str) -> Option<()> {
        split(text, &mut self.words);
        self.modules.clear();
        self.settings.clear();
        self.counters = None;
        let mut at = 0;
        let mut current = None;
        while at < self.words.len() {
            let mut is_negated = false;
            if self.words[at].is_not() {
                is_negated = true;
                at += 1;
            }
            let option = at;
            if !self.words.get(option)?.is_option() {
                return None;
            }
            at += 1;
            // Before 1.4.3 the sign of the negation stood between the option and its value.
            if self.words.get(at).is_some_and(Word::is_not) && !is_negated {
                is_negated = true;
                at += 1;
            }
            match common(&self.words[option].text) {
                Some("-m" | "-j" | "-g") if is_negated => return None,
                Some("-m") => {
                    current = Some(self.call(at, ModuleKind::Match)?);
                    at += 1;
                }
                Some("-j") => {
                    current = Some(self.call(at, ModuleKind::Target)?);
                    at += 1;
                }
                Some("-g") => {
                    current = Some(self.call(at, ModuleKind::Goto)?);
                    at += 1;
                }
                Some("-c") => {
                    let number = |at: usize| self.words.get(at)?.text.parse().ok();
                    self.counters = Some((number(at)?, number(at + 1)?));
                    at += 2;
                }
                Some("-4" | "-6") => {}
                Some("-f") => {
                    self.settings.push(Setting { word: option, is_negated, values: (at, at), module: None })
                }
                Some(_) => {
                    self.words.get(at)?;
                    let values = (at, at + 1);
                    self.settings.push(Setting { word: option, is_negated, values, module: None });
                    at += 1;
                }
                None => {
                    let end = self.values_end(option, at);
                    // Whose it is may hang on a `-p` that comes later; so the number is settled below.
                    let values = (at, end);
                    self.settings.push(Setting {
                        word: option,
                        is_negated,
                        values,
                        module: Some(current.unwrap_or(usize::MAX)),
                    });
                    at = end;
                }
            }
        }
        let targets = self.modules.iter().filter(|module| module.kind != ModuleKind::Match).count();
        if targets > 1 {
            return None;
        }
        self.settle_owners()
    }

    /// A module's name as text.
    pub fn name(&self, module: &Module) -> &str {
        match module.name {
            ModuleName::Word(word) => &self.words[word].text,
            ModuleName::Protocol(name) => name,
        }
    }

    /// The value of the first `-p`, if it names a protocol (0 is "all"), and whether it is negated.
    pub fn protocol(&self) -> Option<(u8, bool)> {
        let setting = self.settings.iter().find(|setting| {
            setting.module.is_none() && common(&self.words[setting.word].text) == Some("-p")
        })?;
        Some((protocol_number(&self.words[setting.values.0].text)?, setting.is_negated))
    }

    /// What every rule has, in its short form, with the value.
    pub fn common(&self) -> impl Iterator<Item = (&'static str, bool, &str)> {
        self.settings.iter().filter(|setting| setting.module.is_none()).filter_map(|setting| {
            let value = self.words[setting.values.0..setting.values.1].first();
            let option = common(&self.words[setting.word].text)?;
            Some((option, setting.is_negated, value.map_or("", |word| &word.text)))
        })
    }

    /// The options of a module.
    pub fn of(&self, module: usize) -> Options<'_, 'a> {
        Options { given: self, module }
    }

    fn call(&mut self, at: usize, kind: ModuleKind) -> Option<usize> {
        self.words.get(at)?;
        self.modules.push(Module { name: ModuleName::Word(at), kind });
        Some(self.modules.len() - 1)
    }

    /// Where the values of an option end.
    fn values_end(&self, option: usize, at: usize) -> usize {
        let name = self.words[option].text.as_ref();
        let left = self.words.len() - at;
        if takes_any_text(name) {
            return at + left.min(1);
        }
        if matches!(name, "--match-set" | "--add-set" | "--del-set" | "--map-set") {
            // The name of a set may hold anything, spaces too, and is printed as it is.
            let rest = &self.words[(at + 1).min(self.words.len())..];
            if let Some(length) = rest.iter().position(|word| is_directions(&word.text)) {
                return at + length + 2;
            }
        }
        let is_next = |word: &Word<'_>| word.is_option() || word.is_not();
        let length = self.words[at..].iter().position(is_next);
        length.map_or(self.words.len(), |length| at + length)
    }

    /// Gives every option to a module that knows it: the one called last, else any other one, else the protocol's own.
    fn settle_owners(&mut self) -> Option<()> {
        for number in 0..self.settings.len() {
            let Some(current) = self.settings[number].module else { continue };
            let option = self.words[self.settings[number].word].text.as_ref();
            let knows = |module: &Module| match module.kind {
                ModuleKind::Match => matches::knows(self.name(module), option),
                ModuleKind::Target => targets::knows(self.name(module), option),
                ModuleKind::Goto => false,
            };
            if self.modules.get(current).is_some_and(knows) {
                continue;
            }
            if let Some(other) = self.modules.iter().rposition(knows) {
                self.settings[number].module = Some(other);
                continue;
            }
            let implied = match self.protocol() {
                Some((protocol, false)) => matches::of_protocol(protocol),
                _ => None,
            };
            if let Some(name) = implied.filter(|name| matches::knows(name, option)) {
                self.modules.push(Module { name: ModuleName::Protocol(name), kind: ModuleKind::Match });
                self.settings[number].module = Some(self.modules.len() - 1);
            } else if current == usize::MAX {
                return None;
            }
        }
        Some(())
    }
}

/// `src`, `dst,src`, ...
pub(super) fn is_directions(text: &str) -> bool {
    text.split(',').all(|part| matches!(part, "src" | "dst"))
}

/// The options of one module.
#[derive(Clone, Copy, Debug)]
pub(super) struct Options<'r, 'a> {
    given: &'r Given<'a>,
    module: usize,
}

/// One option: its name, its sign, its values.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<'r, 'a> {
    /// With its dashes.
    pub name: &'r str,
    /// Was it negated?
    pub negated: bool,
    /// Its values.
    pub values: &'r [Word<'a>],
}

impl<'r, 'a> Entry<'r, 'a> {
    /// Its only value.
    pub fn value(&self) -> Option<&'r str> {
        match self.values {
            [only] => Some(&only.text),
            _ => None,
        }
    }

    /// Has it no value and no negation?
    pub fn is_flag(&self) -> bool {
        self.values.is_empty() && !self.negated
    }
}

impl<'r, 'a> Options<'r, 'a> {
    /// All of them.
    pub fn iter(self) -> impl Iterator<Item = Entry<'r, 'a>> {
        let given = self.given;
        given.settings.iter().filter(move |setting| setting.module == Some(self.module)).map(|setting| {
            Entry {
                name: &given.words[setting.word].text,
                negated: setting.is_negated,
                values: &given.words[setting.values.0..setting.values.1],
            }
        })
    }

    /// All of them, with one blank between words.
    pub fn text(self) -> String {
        let mut out = String::new();
        for option in self.iter() {
            if option.negated {
                out.push_str(" !");
            }
            out.push(' ');
            out.push_str(option.name);
            for value in option.values {
                out.push(' ');
                if takes_any_text(option.name) {
                    push_text(&mut out, &value.text);
                } else {
                    push_word(&mut out, value);
                }
            }
        }
        if !out.is_empty() {
            out.remove(0);
        }
        out
    }
}

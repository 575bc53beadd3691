//! From words to an [`Edit`]: what stands before the clauses.

use super::clauses::Clauses;
use super::{
    Ask, At, Direction, Edit, EditError, Habit, Log, Options, Profiles, Services, Verb, Wanted, address,
};

const RULE: &str = "a port such as 22/tcp, a service, an application, or `from`/`to`";

/// Reads a command, the verb being the first word: `allow 22/tcp`, `delete 3`, `default deny incoming`.
pub fn parse(words: &[String], services: &Services, profiles: &Profiles) -> Result<Edit, EditError> {
    let mut notes = Vec::new();
    let ask = Reader { words: words.to_vec(), at: 0, dropped: 0 }.ask(services, profiles, &mut notes)?;
    Ok(Edit { ask, options: Options::default(), command: words.to_vec(), notes })
}

/// Words, and where we are.
pub(super) struct Reader {
    words: Vec<String>,
    at: usize,
    /// Words of a comment, which were taken out before `at`.
    dropped: usize,
}

impl Reader {
    pub(super) fn peek(&self) -> Option<&str> {
        self.words.get(self.at).map(String::as_str)
    }

    pub(super) fn next(&mut self) -> Option<String> {
        let word = self.words.get(self.at).cloned();
        self.at += usize::from(word.is_some());
        word
    }

    /// The word that must follow.
    pub(super) fn expect(&mut self, expected: &'static str) -> Result<String, EditError> {
        self.next().ok_or_else(|| self.missing(expected))
    }

    pub(super) fn missing(&self, expected: &'static str) -> EditError {
        let after = self.words[..self.at].last().cloned().unwrap_or_else(|| "deadstick-fw".to_owned());
        EditError::Missing { after, expected }
    }

    /// The word that was read last does not belong there.
    pub(super) fn unexpected(&self, expected: &'static str) -> EditError {
        let word = self.words[..self.at].last().cloned().unwrap_or_default();
        EditError::Unexpected { word, place: self.at + self.dropped, expected }
    }

    pub(super) fn remaining(&self) -> usize {
        self.words.len() - self.at
    }

    fn takes(&mut self, word: &str) -> bool {
        let does = self.peek() == Some(word);
        self.at += usize::from(does);
        does
    }

    fn ask(
        mut self,
        services: &Services,
        profiles: &Profiles,
        notes: &mut Vec<String>,
    ) -> Result<Ask, EditError> {
        match self.peek().map(str::to_ascii_lowercase).as_deref() {
            Some("enable") => return Ok(Ask::Habit(Habit::Enable)),
            Some("disable") => return Ok(Ask::Habit(Habit::Disable)),
            Some("reload") => return Ok(Ask::Habit(Habit::Reload)),
            Some("reset") => return Ok(Ask::Habit(Habit::Reset)),
            Some("default") => {
                self.at += 1;
                return self.default();
            }
            _ => {}
        }
        let is_routed = self.takes("route");
        if !is_routed {
            self.takes("rule");
        }
        if self.takes("delete") {
            if let Some(word) = self.peek()
                && !word.is_empty()
                && word.trim_start_matches('-').bytes().all(|byte| byte.is_ascii_digit())
            {
                let number = self.number()?;
                return match self.next() {
                    Some(_) => Err(self.unexpected("nothing more")),
                    None => Ok(Ask::DeleteNumber(number)),
                };
            }
            return Ok(Ask::Delete(self.rule(is_routed, At::Natural, services, profiles, notes)?));
        }
        let at = if self.takes("insert") {
            At::Number(self.number()?)
        } else if self.takes("prepend") {
            At::First
        } else {
            At::Natural
        };
        Ok(Ask::Rule(self.rule(is_routed, at, services, profiles, notes)?))
    }

    fn number(&mut self) -> Result<usize, EditError> {
        let word = self.expect("the number of a rule")?;
        word.parse().ok().filter(|number| *number > 0).ok_or(EditError::Number(word))
    }

    /// `default deny incoming`
    fn default(mut self) -> Result<Ask, EditError> {
        let verb = match self.expect("allow, deny or reject")?.to_ascii_lowercase().as_str() {
            "allow" => Verb::Allow,
            "deny" => Verb::Deny,
            "reject" => Verb::Reject,
            _ => return Err(self.unexpected("allow, deny or reject")),
        };
        let direction = match self.next().map(|word| word.to_ascii_lowercase()).as_deref() {
            None | Some("incoming" | "input") => Direction::In,
            Some("outgoing" | "output") => Direction::Out,
            Some("routed" | "forward") => Direction::Routed,
            Some(_) => return Err(self.unexpected("incoming, outgoing or routed")),
        };
        match self.next() {
            Some(_) => Err(self.unexpected("nothing more")),
            None => Ok(Ask::Default(verb, direction)),
        }
    }

    /// From the verb on.
    fn rule(
        mut self,
        is_routed: bool,
        at: At,
        services: &Services,
        profiles: &Profiles,
        notes: &mut Vec<String>,
    ) -> Result<Wanted, EditError> {
        let verb = match self.expect("allow, deny, reject or limit")?.as_str() {
            "allow" => Verb::Allow,
            "deny" => Verb::Deny,
            "reject" => Verb::Reject,
            "limit" => Verb::Limit,
            _ => return Err(self.unexpected("allow, deny, reject or limit, in small letters")),
        };
        let comment = self.comment()?;
        let mut wanted = Wanted {
            verb,
            direction: if is_routed { Direction::Routed } else { Direction::In },
            at,
            in_interface: None,
            out_interface: None,
            log: Log::None,
            source: None,
            destination: None,
            lanes: Vec::new(),
            families: Vec::new(),
            comment,
        };
        let mut has_interface = self.direction(&mut wanted)?;
        wanted.log = match self.peek().map(str::to_ascii_lowercase).as_deref() {
            Some("log") => Log::New,
            Some("log-all") => Log::All,
            _ => Log::None,
        };
        self.at += usize::from(wanted.log != Log::None);
        if is_routed && has_interface {
            // The second interface of a route may stand after `log` as well.
            has_interface |= self.direction(&mut wanted)?;
        }
        Clauses::read(self, has_interface, services, profiles, notes)?.complete(wanted)
    }

    /// `in`, `out`, `in on eth0`, for a route also both. Was there an interface?
    fn direction(&mut self, wanted: &mut Wanted) -> Result<bool, EditError> {
        let mut has_interface = false;
        while let Some(word @ ("in" | "out")) = self.peek().map(str::to_ascii_lowercase).as_deref() {
            let is_in = word == "in";
            self.at += 1;
            let is_routed = wanted.direction == Direction::Routed;
            if !self.takes("on") {
                if is_routed || has_interface {
                    return Err(self.missing("`on INTERFACE`"));
                }
                wanted.direction = if is_in { Direction::In } else { Direction::Out };
                return Ok(false);
            }
            let name = address::interface(&self.expect("the name of an interface")?)?;
            let place = if is_in { &mut wanted.in_interface } else { &mut wanted.out_interface };
            if place.replace(name).is_some() {
                return Err(EditError::Repeated(if is_in { "in on" } else { "out on" }.to_owned()));
            }
            has_interface = true;
            if !is_routed {
                wanted.direction = if is_in { Direction::In } else { Direction::Out };
                return Ok(true);
            }
        }
        Ok(has_interface)
    }

    /// Takes `comment TEXT` out, wherever it stands.
    fn comment(&mut self) -> Result<Option<String>, EditError> {
        let Some(offset) = self.words[self.at..].iter().position(|word| word == "comment") else {
            return Ok(None);
        };
        let place = self.at + offset;
        if place + 1 == self.words.len() {
            self.at = self.words.len();
            return Err(self.missing("the text of the comment"));
        }
        let comment = self.words.remove(place + 1);
        self.words.remove(place);
        if offset == 0 {
            self.dropped = 2;
        }
        if comment.contains('\'') {
            return Err(EditError::Comment("the character `'`"));
        }
        if comment.chars().any(char::is_control) {
            return Err(EditError::Comment("line feeds and other control characters"));
        }
        if comment.len() > 255 {
            return Err(EditError::Comment("more than 255 bytes, as the kernel keeps it"));
        }
        Ok(Some(comment))
    }

    /// Is there nothing more to read?
    pub(super) fn nothing(&self) -> EditError {
        self.missing(RULE)
    }
}

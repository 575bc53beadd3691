//! One run of the program: where its server is, who speaks, how it prints.

use fact::Timestamp;
use incident::{Command, Envelope};

use crate::cli::Globals;
use crate::client::{Client, Target, Trouble};
use crate::environment::{self, Environment};
use crate::failure::Failure;
use crate::home::Home;
use crate::output::{Moments, Output};
use crate::queue::Queue;
use crate::time_input::{self, FORMS, Lean};

/// What every verb works with.
pub struct Session {
    /// The options of all verbs.
    pub globals: Globals,
    /// What the surroundings say.
    pub environment: Environment,
    /// How to print.
    pub out: Output,
}

/// What became of a command that must not be lost.
pub enum Given {
    /// The server took it.
    Done(api::Done),
    /// It waits on disk until the server is back.
    Queued(fact::FactId),
}

impl Session {
    /// For one run.
    pub fn new(globals: &Globals) -> Self {
        Session {
            globals: globals.clone(),
            environment: Environment::of_process(),
            out: Output { json: globals.json },
        }
    }

    /// Times as this person reads them.
    pub fn moments(&self) -> Moments {
        Moments::new(environment::now())
    }

    /// The data directory that was named, by option or environment.
    pub fn named_home(&self) -> Option<Home> {
        self.globals.data.clone().or_else(|| self.environment.data.clone()).map(Home::new)
    }

    /// The data directory, named or not.
    pub fn home(&self) -> Home {
        self.named_home().unwrap_or_else(|| Home::new(self.environment.default_data()))
    }

    /// The server's address, if one was named.
    fn named_url(&self) -> Option<String> {
        let url = self.globals.url.clone().or_else(|| self.environment.url.clone())?;
        Some(url.trim_end_matches('/').to_owned())
    }

    /// Where the server is: an option counts more than the environment, a directory on which a
    /// server runs more than an address.
    fn target(&self) -> Result<Target, Failure> {
        let addressed = |url: String| Target { url, token: self.environment.token.clone() };
        if self.globals.data.is_none()
            && let Some(url) = &self.globals.url
        {
            return Ok(addressed(url.trim_end_matches('/').to_owned()));
        }
        if let Some(target) =
            self.home().running().filter(|_| self.named_home().is_some() || self.named_url().is_none())
        {
            return Ok(target);
        }
        if let Some(url) = self.named_url() {
            return Ok(addressed(url));
        }
        Err(Failure::environment(
            "server-away",
            format!("No server runs on {}.", self.home().path().display()),
        )
        .hint("Start one with `deadstick serve`, or name one with --data DIR or --url URL."))
    }

    fn unchecked_client(&self) -> Result<Client, Failure> {
        let ca = self.globals.ca.as_deref().or(self.environment.ca.as_deref());
        Client::new(self.target()?, ca)
    }

    /// The server, after what was queued for it was sent.
    pub fn client(&self) -> Result<Client, Failure> {
        let client = self.unchecked_client()?;
        let queue = self.queue();
        if !queue.is_empty()? {
            match queue.send(&client) {
                Ok(sent) => sent.tell(self.out),
                // What can't be written yet must not keep anybody from reading.
                Err(failure) => {
                    self.out.remark(&format!("Queued commands still wait: {}", failure.problem.title))
                }
            }
        }
        Ok(client)
    }

    /// The server as it is, without sending anything.
    pub fn bare_client(&self) -> Result<Client, Failure> {
        self.unchecked_client()
    }

    /// Commands that wait for this server.
    pub fn queue(&self) -> Queue {
        // Beside the server's data where that can be written; else, as when its disk is full, at home.
        let at_home = |name: &str| {
            let name: String =
                name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
            self.environment.state().join("queue").join(name)
        };
        let beside = |home: &Home| home.path().join("queue");
        match (self.named_home(), self.named_url()) {
            (Some(home), None) => Queue::at([beside(&home), at_home(&home.path().to_string_lossy())]),
            (home, Some(url)) => Queue::at(home.as_ref().map(beside).into_iter().chain([at_home(&url)])),
            (None, None) => Queue::at([beside(&self.home()), at_home("local")]),
        }
    }

    /// Gives a command to the server.
    pub fn give(&self, command: Command) -> Result<api::Done, Failure> {
        let envelope = Envelope { id: environment::fresh_id(), given_at: None, seen_version: None, command };
        Ok(self.client()?.post("/api/v1/commands", &envelope)?)
    }

    /// Gives a command to the server, or keeps it on disk while the server is away.
    pub fn give_or_queue(&self, command: Command) -> Result<Given, Failure> {
        let mut envelope =
            Envelope { id: environment::fresh_id(), given_at: None, seen_version: None, command };
        let given_at = environment::timestamp();
        let trouble = match self.unchecked_client() {
            Ok(client) => match self.send_in_order(&client, &envelope) {
                Ok(done) => return Ok(Given::Done(done)),
                Err(Trouble::Answered(failure)) => return Err(failure),
                Err(Trouble::Away(failure)) => failure,
            },
            Err(failure) if failure.problem.code == "server-away" => failure,
            Err(failure) => return Err(failure),
        };
        envelope.given_at = Some(given_at);
        self.queue().append(&envelope)?;
        let why = trouble.problem.detail.as_deref().unwrap_or(&trouble.problem.title);
        self.out.remark(&format!(
            "The server can't take it now ({why}).\nQueued on disk with its time; sent with the next verb once the server is back, or by `deadstick send`."
        ));
        Ok(Given::Queued(envelope.id))
    }

    /// What was queued earlier goes first.
    fn send_in_order(&self, client: &Client, envelope: &Envelope) -> Result<api::Done, Trouble> {
        let queue = self.queue();
        if !queue.is_empty().map_err(Trouble::Answered)? {
            let sent = queue.send(client).map_err(Trouble::Away)?;
            sent.tell(self.out);
        }
        client.post("/api/v1/commands", envelope)
    }

    /// A time as typed; tells how it was understood.
    pub fn time(&self, text: &str, lean: Lean) -> Result<Timestamp, Failure> {
        let now = environment::now();
        let at = time_input::parse(text, &now, lean)
            .map_err(|error| Failure::usage("not-a-time", error.to_string()).hint(FORMS))?;
        let moments = Moments::new(now);
        self.out.remark(&format!("time: {} ({})", moments.full(at), moments.relative(at)));
        Ok(at)
    }

    /// When something happened, if told.
    pub fn past(&self, text: Option<&str>) -> Result<Option<Timestamp>, Failure> {
        text.map(|text| self.time(text, Lean::Past)).transpose()
    }

    /// When something is due, if told.
    pub fn due(&self, text: Option<&str>) -> Result<Option<Timestamp>, Failure> {
        text.map(|text| self.time(text, Lean::Future)).transpose()
    }
}

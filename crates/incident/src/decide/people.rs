//! Commands about people.

use fact::{EntityId, Kind, PersonId};

use super::desk::{Desk, Draft};
use super::{Decided, conflict, invalid, texts};
use crate::{Command, Event, Handle, Refused, Role};

impl Desk<'_, '_> {
    pub(super) fn person_command(&mut self, command: &Command) -> Result<Decided, Refused> {
        match command {
            Command::AddPerson { name, role } => self.add_person(name, *role),
            Command::PersonRole { person, role } => self.person_role(*person, *role),
            Command::AddHandle { person, handle, source } => {
                self.add_handle(*person, handle, source.as_deref())
            }
            Command::JoinPeople { into, other } => self.join_people(*into, *other),
            Command::Deactivate { person } => self.deactivate(*person),
            _ => unreachable!("decide sends commands about people only"),
        }
    }

    fn add_person(&mut self, name: &str, role: Role) -> Result<Decided, Refused> {
        let name = texts::line("name", name)?;
        if let Some(person) = self.state.person_named(&name) {
            return Err(conflict("name-taken", format!("there is a {} already", person.name)));
        }
        let role = if self.state.people.is_empty() { Role::Admin } else { role };
        let line = format!("added {name} as {role}");
        self.about_person(PersonId(self.envelope.id.0), Event::PersonAdded { name, role }, line)
    }

    fn person_role(&mut self, person: PersonId, role: Role) -> Result<Decided, Refused> {
        let person = self.person(person)?;
        if person.role == role {
            return Ok(self.so_already(person.entity(), None));
        }
        self.not_the_last_admin(person.id)?;
        let line = format!("{} is {role} now", person.name);
        self.about_person(person.id, Event::PersonRoleSet { role }, line)
    }

    fn add_handle(
        &mut self,
        person: PersonId,
        handle: &str,
        source: Option<&str>,
    ) -> Result<Decided, Refused> {
        let person = self.person(person)?;
        let handle = texts::line("handle", handle)?;
        let source = source.map(|name| self.seen_source(name).map(|source| source.id)).transpose()?;
        let wanted = Handle { source, text: handle.clone() };
        let holder = self.state.people.values().find(|person| person.handles.contains(&wanted));
        if let Some(holder) = holder.and_then(|holder| self.state.person(holder.id)) {
            if holder.id == person.id {
                return Ok(self.so_already(person.entity(), None));
            }
            let message = format!("`{handle}` is {}'s handle", holder.name);
            return Err(conflict("handle-taken", message).hint("join the two, if they are one person"));
        }
        let line = format!("{} is called `{handle}`", person.name);
        self.about_person(person.id, Event::HandleAdded { handle, source }, line)
    }

    fn join_people(&mut self, into: PersonId, other: PersonId) -> Result<Decided, Refused> {
        let into = self.person(into)?;
        // One who left can still turn out to be somebody.
        let other = self.state.person(other).map_or_else(|| self.person(other), Ok)?;
        if into.id == other.id {
            return Err(invalid("same-person", format!("{} is one person already", into.name)));
        }
        if into.role != Role::Admin {
            self.not_the_last_admin(other.id)?;
        }
        let line = format!("{} and {} are one person", into.name, other.name);
        self.about_person(other.id, Event::JoinedInto { person: into.id }, line)
    }

    fn deactivate(&mut self, person: PersonId) -> Result<Decided, Refused> {
        let Some(person) = self.state.person(person) else {
            return Err(self.person(person).err().unwrap_or_else(|| invalid("no-such-person", "nobody")));
        };
        if !person.active {
            return Ok(self.so_already(person.entity(), None));
        }
        self.not_the_last_admin(person.id)?;
        let line = format!("{} left", person.name);
        self.about_person(person.id, Event::Deactivated, line)
    }

    /// Refuses what would leave nobody who can add people.
    fn not_the_last_admin(&self, person: PersonId) -> Result<(), Refused> {
        let mut admins = self
            .state
            .people
            .values()
            .filter(|it| it.joined_into.is_none() && it.active && it.role == Role::Admin);
        match (admins.next(), admins.next()) {
            (Some(only), None) if only.id == person => {
                Err(conflict("last-admin", format!("{} is the only admin", only.name))
                    .hint("make somebody else one first"))
            }
            _ => Ok(()),
        }
    }

    fn about_person(&mut self, person: PersonId, event: Event, line: String) -> Result<Decided, Refused> {
        let draft = Draft::new(Kind::STATE, self.time(None)?, line);
        self.write(EntityId::from(person), event, draft)?;
        Ok(self.done(None))
    }
}

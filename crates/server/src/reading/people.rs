//! People.

use api::Person;
use fact::Viewer;

use crate::App;

/// Everybody, by name; those who were joined into another are left out.
pub fn people(app: &App, viewer: &Viewer) -> Vec<Person> {
    let state = app.state();
    let mut people: Vec<Person> = state
        .people
        .values()
        .filter(|person| person.joined_into.is_none())
        .map(|person| Person {
            id: person.id,
            name: person.name.clone(),
            role: person.role,
            handles: person
                .handles
                .iter()
                .filter_map(|handle| match handle.source {
                    None => Some(handle.text.clone()),
                    Some(source) if viewer.sees_source(source) => {
                        Some(format!("{}@{}", handle.text, state.sources.get(&source)?.name))
                    }
                    Some(_) => None,
                })
                .collect(),
            active: person.active,
        })
        .collect();
    people.sort_by(|a, b| a.name.to_lowercase().cmp(&b.name.to_lowercase()).then(a.id.cmp(&b.id)));
    people
}

//! The worked example of `serve --demo`: stories, told through the same doors as real facts.
//!
//! People speak by `POST /api/v1/commands`, sources deliver to their own addresses. Only the clock
//! is put back, so that everything was recorded when it happened.

mod clock;
mod deliver;
mod say;
mod story;
mod teller;

use fact::Timestamp;
use server::{Clock, Shared};

pub use clock::DemoClock;
use story::Story;
use teller::Teller;

use crate::failure::Failure;

/// In the order in which they happened.
const STORIES: [(&str, &str); 6] = [
    ("setup", include_str!("setup.story")),
    ("log-volume", include_str!("log-volume.story")),
    ("firewalld", include_str!("firewalld.story")),
    ("gist", include_str!("gist.story")),
    ("ufw", include_str!("ufw.story")),
    ("search", include_str!("search.story")),
];

/// What to look at.
const SAID: &str = "\
INC-3 is the story of a firewall front-end that never looks at what is live: chat, bridge,
terminal, alerts, deploys and firewall changes on one timeline, an hour and forty minutes.
INC-2 was the same in other clothes, six weeks before. INC-5 goes on right now.";

/// Fills an empty log with the worked example; tells what to look at.
pub async fn fill(app: &Shared, clock: &DemoClock, url: &str, user: &str) -> Result<String, Failure> {
    let now = clock.now();
    let stories = STORIES.map(|(name, text)| (name, Story::read(text).expect("a test reads every story")));
    clock.set(now.plus_micros(-1_000_000 * stories[0].1.begins_ago));
    let me = app.ensure_first_person(user).await.map_err(|problem| Failure::answered(*problem.body))?;
    let mut teller = Teller::new(app.clone(), clock.clone(), url, me)?;
    let told = tokio::task::spawn_blocking(move || tell(&mut teller, &stories, now)).await;
    clock.release();
    told.map_err(|error| {
        Failure::environment("demo", "The worked example was not told to its end.").why(error)
    })??;
    Ok(SAID.into())
}

fn tell(teller: &mut Teller, stories: &[(&str, Story)], now: Timestamp) -> Result<(), Failure> {
    for (name, story) in stories {
        teller.begin(now.plus_micros(-1_000_000 * story.begins_ago));
        for line in &story.lines {
            teller.tell(line).map_err(|failure| {
                let why = failure.problem.detail.clone().unwrap_or_default();
                let what = format!("{}.story, line {}: {} {why}", name, line.number, failure.problem.title);
                Failure::environment("demo", "The worked example can't be told.").why(what)
            })?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_story_can_be_read_and_goes_forward() {
        for (name, text) in STORIES {
            let story = Story::read(text).unwrap_or_else(|error| panic!("{name}: {error}"));
            let times: Vec<_> = story.lines.iter().map(|line| line.at).collect();
            assert!(times.is_sorted(), "{name} goes back in time");
            assert!(times.last().copied().unwrap_or(0) < story.begins_ago, "{name} ends in the future");
        }
    }
}

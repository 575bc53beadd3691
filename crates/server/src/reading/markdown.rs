//! An incident as one Markdown document.

use std::fmt::Write as _;

use api::{IncidentView, Row};
use fact::{EntityId, Timestamp, Viewer};
use incident::ResultOutcome;

use super::row::Lens;
use super::timeline::entries;
use super::{brief, changes_before, incident_view};
use crate::{App, Problem};

/// The incident as Markdown; recorded text is escaped, so that it can neither format nor run.
pub async fn markdown(app: &App, viewer: &Viewer, incident: EntityId) -> Result<String, Problem> {
    let view = incident_view(app, viewer, incident).await?;
    let brief = brief(app, viewer, incident).await?;
    let changes = changes_before(app, viewer, incident).await?;
    let entries = entries(app, viewer, incident).await?;
    let rows: Vec<Row> = {
        let state = app.state();
        let mut lens = Lens::new(&state, viewer, Some(incident));
        entries.iter().map(|entry| lens.row(entry)).filter(|row| !row.hidden && !row.undone).collect()
    };

    let mut text = String::new();
    head(&mut text, &view);
    section(&mut text, "How it stood", &view.updates, |update| {
        format!("{} {}: {}", at(update.at), escaped(&update.by.name), escaped(&update.text))
    });
    section(&mut text, "What was tried, and what came of it", &brief.tried, |action| {
        let mut line = format!(
            "{} {}: {}",
            at(action.at),
            escaped(action.by.as_deref().unwrap_or("somebody")),
            escaped(&action.text)
        );
        for result in action.results.iter().filter(|result| result.confirmed) {
            let _ = write!(line, "\n  - {}: {}", words(result.outcome), escaped(&result.text));
        }
        line
    });
    section(&mut text, "Temporary measures", &view.temporary, |measure| {
        let end = match &measure.settled {
            None => "**still in place**".to_owned(),
            Some(end) => {
                let how = if end.accepted { "accepted" } else { "undone" };
                format!("{how} {} by {}: {}", at(end.at), escaped(&end.by.name), escaped(&end.text))
            }
        };
        format!("{} {}: {} ({end})", at(measure.at), escaped(&measure.by.name), escaped(&measure.text))
    });
    section(&mut text, "Parked questions", &view.questions, |question| {
        format!("{} {}: {}", at(question.at), escaped(&question.by.name), escaped(&question.text))
    });
    section(&mut text, "Changes in the two hours before", &changes, line);
    section(&mut text, "Loose ends", &view.loose_ends, |loose| escaped(&loose.text));
    section(&mut text, "Timeline", &rows, line);
    Ok(text)
}

fn head(text: &mut String, view: &IncidentView) {
    let incident = &view.incident;
    let _ = writeln!(text, "# {}: {}\n", incident.incident, escaped(&incident.title));
    let mut field = |name: &str, value: String| {
        let _ = writeln!(text, "- {name}: {value}");
    };
    field("Severity", incident.severity.to_string());
    field("Status", incident.status.to_string());
    field("Started", at(incident.started_at));
    field("Declared", format!("{} by {}", at(incident.declared_at), escaped(&view.declared_by.name)));
    if let Some(mitigated) = incident.mitigated_at {
        field("Mitigated", at(mitigated));
    }
    if let Some(closed) = incident.closed_at {
        field("Closed", at(closed));
    }
    if let Some(id) = &incident.external_id {
        field("Known elsewhere as", escaped(id));
    }
    if !view.services.is_empty() {
        let services: Vec<String> = view.services.iter().map(|service| escaped(service)).collect();
        field("Services", services.join(", "));
    }
    for role in &view.roles {
        field(&format!("{:?}", role.role), escaped(&role.person.name));
    }
    if let Some(impact) = &view.impact {
        let known = impact.how_known.as_ref().map(|how| format!(" ({})", escaped(how))).unwrap_or_default();
        let until = impact.until.map_or("open end".into(), at);
        let from = impact.from.map_or("unknown".into(), at);
        field("Impact", format!("{}{known}, {from} until {until}", escaped(&impact.who)));
    }
    if let Some(detection) = &view.detection {
        field("Noticed", format!("{} by {}", at(detection.at), escaped(&detection.by)));
    }
    if let Some(other) = &view.same_as {
        field("The same as", other.clone());
    }
}

fn section<T>(text: &mut String, title: &str, items: &[T], line: impl Fn(&T) -> String) {
    if items.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n## {title}\n");
    for item in items {
        let _ = writeln!(text, "- {}", line(item));
    }
}

fn line(row: &Row) -> String {
    let fact = &row.fact;
    let who = row.person.as_ref().map(|person| person.name.as_str()).or(fact.actor.as_deref());
    let who = who.map(|who| format!(" {}:", escaped(who))).unwrap_or_default();
    let mut line = format!("{} {} {}{who} ", at(fact.occurred_at), escaped(&fact.source), fact.kind);
    match fact.redacted {
        true => line.push_str("*removed for good*"),
        false => line.push_str(&escaped(&fact.text)),
    }
    if let Some(amended) = &row.amended {
        let was_at = amended.was_at.map(|was| format!("told as {}", at(was)));
        let was_text = amended.was_text.as_ref().map(|was| format!("told as \"{}\"", escaped(was)));
        let told: Vec<String> = was_at.into_iter().chain(was_text).collect();
        let _ = write!(line, " *(amended; {})*", told.join(", "));
    }
    if row.starred {
        line.push_str(" ★");
    }
    line
}

fn words(outcome: ResultOutcome) -> &'static str {
    match outcome {
        ResultOutcome::Helped => "helped",
        ResultOutcome::NoChange => "no change",
        ResultOutcome::Worse => "worse",
        ResultOutcome::Finished => "finished",
        ResultOutcome::Failed => "failed",
    }
}

/// To the second, in UTC; lines sort by it.
fn at(at: Timestamp) -> String {
    at.to_jiff().strftime("%Y-%m-%d %H:%M:%SZ").to_string()
}

/// Text that is only text: no markup, no HTML, no line breaks, nothing that turns the direction of
/// what follows, no control characters.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 8);
    for letter in text.chars() {
        match letter {
            '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' | '\u{85}' => escaped.push(' '),
            // Directional formatting (Unicode, UAX #9) is shown, not obeyed.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}' => {
                let _ = write!(escaped, "U+{:04X}", u32::from(letter));
            }
            _ if letter.is_control() => {
                let _ = write!(escaped, "U+{:04X}", u32::from(letter));
            }
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '#' | '!' | '|' | '~' | '@'
            | ':' => {
                escaped.push('\\');
                escaped.push(letter);
            }
            _ => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(escaped(text), expected, "{text:?}");
    }

    #[test]
    fn text_is_only_text() {
        check("restarted db-1", "restarted db-1");
        check("<script>alert(1)</script>", "&lt;script&gt;alert\\(1\\)&lt;/script&gt;");
        check("[x](javascript:alert(1))", "\\[x\\]\\(javascript\\:alert\\(1\\)\\)");
        check("![x](http://e/x)", "\\!\\[x\\]\\(http\\://e/x\\)");
        check("a\n# b\r\n- c", "a \\# b  - c");
        check("**bold** `code` a|b ~~c~~", "\\*\\*bold\\*\\* \\`code\\` a\\|b \\~\\~c\\~\\~");
        check("safe\u{202e}txt.exe\u{2066}", "safeU+202Etxt.exeU+2066");
        check("a\u{0}b\u{1b}[31m", "aU+0000bU+001B\\[31m");
        check("&lt; is <", "&amp;lt; is &lt;");
        check("https://example.org", "https\\://example.org");
    }
}

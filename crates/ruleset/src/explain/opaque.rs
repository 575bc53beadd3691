//! Conditions that rules alone can't decide, in words as far as there are words for them.

/// A condition as the end of a sentence: `only while the limit of 3/min is not used up`.
pub(super) fn text(expression: &str, negated: bool) -> String {
    if negated {
        return format!("only if `{expression}` does not hold");
    }
    let mut words = expression.split(' ');
    let module = match (words.next(), words.next()) {
        (Some("-m"), Some(module)) => module,
        _ => return format!("only if `{expression}` holds"),
    };
    let value = |option: &str| value(expression, option);
    let known = match module {
        "limit" => value("--limit").map(|rate| {
            let burst = value("--limit-burst").map_or(String::new(), |burst| format!(" ({burst} at once)"));
            format!("only while the limit of {}{burst} is not used up", rate_in_words(rate))
        }),
        "hashlimit" => hashlimit(expression),
        "recent" => recent(expression),
        "connlimit" => connlimit(expression),
        "statistic" => value("--probability").map(|chance| format!("only by chance ({chance} of them)")),
        "string" => {
            value("--string").map(|text| format!("only if it contains \"{}\"", text.trim_matches('"')))
        }
        "time" => Some(format!("only at certain times ({})", expression.trim_start_matches("-m time "))),
        "quota" => value("--quota").map(|bytes| format!("only until {bytes} bytes have passed")),
        "set" => {
            Some(format!("only if its entry in a set allows it ({})", expression.trim_start_matches("-m ")))
        }
        _ => None,
    };
    known.unwrap_or_else(|| format!("only if `{expression}` holds, which can't be told from the rule"))
}

/// The value of an option, if it isn't negated.
fn value<'a>(expression: &'a str, option: &str) -> Option<&'a str> {
    let start = expression.find(&format!(" {option} "))?;
    if expression[..start].ends_with(" !") {
        return None;
    }
    let rest = &expression[start + option.len() + 2..];
    if let Some(quoted) = rest.strip_prefix('"') {
        return quoted.split('"').next();
    }
    rest.split(' ').next()
}

/// `3/min` as `3 a minute`.
fn rate_in_words(rate: &str) -> String {
    let Some((number, unit)) = rate.split_once('/') else { return rate.to_owned() };
    let unit = match unit {
        "s" | "sec" | "second" => "second",
        "m" | "min" | "minute" => "minute",
        "h" | "hour" => "hour",
        "d" | "day" => "day",
        other => return format!("{number}/{other}"),
    };
    format!("{number} a {unit}")
}

fn hashlimit(expression: &str) -> Option<String> {
    let part = |part: &str| match part {
        "srcip" => "source address".to_owned(),
        "dstip" => "destination address".to_owned(),
        "srcport" => "source port".to_owned(),
        "dstport" => "destination port".to_owned(),
        other => other.to_owned(),
    };
    let each = value(expression, "--hashlimit-mode").map_or(String::new(), |mode| {
        format!(" for each {}", mode.split(',').map(part).collect::<Vec<_>>().join(" with "))
    });
    if let Some(rate) = value(expression, "--hashlimit-upto") {
        return Some(format!("only while the limit of {}{each} is not used up", rate_in_words(rate)));
    }
    let rate = value(expression, "--hashlimit-above")?;
    Some(format!("only above {}{each}", rate_in_words(rate)))
}

fn recent(expression: &str) -> Option<String> {
    let padded = format!("{expression} ");
    let has =
        |option: &str| padded.contains(&format!(" {option} ")) && !padded.contains(&format!(" ! {option} "));
    let list = value(expression, "--name").unwrap_or("DEFAULT");
    if has("--set") {
        return Some(format!("and its address is remembered in the list {list}"));
    }
    let verb = if has("--rcheck") || has("--update") { "only if its address was seen" } else { return None };
    let times = value(expression, "--hitcount").map_or(String::new(), |count| format!(" {count} times"));
    let within =
        value(expression, "--seconds").map_or(String::new(), |seconds| format!(" within {seconds} seconds"));
    Some(format!("{verb}{times}{within} (list {list})"))
}

fn connlimit(expression: &str) -> Option<String> {
    if let Some(count) = value(expression, "--connlimit-above") {
        return Some(format!("only if its address has more than {count} connections"));
    }
    let count = value(expression, "--connlimit-upto")?;
    Some(format!("only while its address has no more than {count} connections"))
}

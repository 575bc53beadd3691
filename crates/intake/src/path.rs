//! Field paths: RFC 6901 pointers (`/event/data/0/title`) or dotted (`event.data.0.title`).

use serde_json::Value;

/// The steps of a path: names of fields and indexes of elements. None for the whole document,
/// written as an empty text, `.` or `$`.
pub fn steps(path: &str) -> Vec<String> {
    let path = path.trim();
    if let Some(pointer) = path.strip_prefix('/') {
        return pointer.split('/').map(|step| step.replace("~1", "/").replace("~0", "~")).collect();
    }
    let dotted = path.strip_prefix('$').unwrap_or(path);
    dotted.split('.').filter(|step| !step.is_empty()).map(str::to_owned).collect()
}

/// What lies at a path.
pub fn at<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    steps(path).iter().try_fold(value, |value, step| match value {
        Value::Object(map) => map.get(step),
        Value::Array(items) => items.get(step.parse::<usize>().ok()?),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn finds_by_pointer_and_by_dots() {
        let value = json!({"a": {"b": [10, {"c.d": 1, "e/f~": 2}]}, "": 3});
        let check =
            |path: &str, expected: Option<Value>| assert_eq!(at(&value, path), expected.as_ref(), "{path}");
        check("a.b.0", Some(json!(10)));
        check("$.a.b.0", Some(json!(10)));
        check("/a/b/0", Some(json!(10)));
        check("/a/b/1/c.d", Some(json!(1)));
        check("/a/b/1/e~1f~0", Some(json!(2)));
        check("/", Some(json!(3)));
        check("", Some(value.clone()));
        check(".", Some(value.clone()));
        check("a.b.2", None);
        check("a.b.x", None);
        check("a.b.0.x", None);
    }
}

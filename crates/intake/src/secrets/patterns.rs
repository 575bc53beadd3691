//! What secrets look like.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Captures, Regex};

/// A pattern: the group `secret` is replaced, or where there is none the whole match.
struct Pattern {
    kind: &'static str,
    regex: Regex,
    /// Whether a match is one after all.
    is_secret: fn(&Captures<'_>, &str) -> bool,
}

/// What stands in place of a secret.
pub fn mark(kind: &str) -> String {
    format!("[secret removed: {kind}]")
}

const MARK: &str = "[secret";

/// Tokens that are known by their shape alone.
const SHAPES: &[(&str, &str)] = &[
    (
        "private key",
        r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----(?s:.*?)-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----",
    ),
    // Cut off before its end.
    ("private key", r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----[A-Za-z0-9+/=\s\\]*(?:-{1,5}[A-Z ]*)?"),
    ("jwt", r"\beyJ[A-Za-z0-9_-]{6,}\.eyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]*"),
    ("deadstick token", r"\bds_[A-Za-z0-9_-]{20,}"),
    ("deadstick token", r"/(?:login|invite)/(?<secret>[A-Za-z0-9_-]{20,})"),
    ("deadstick token", r"/in/[^/\s]{1,64}/(?<secret>[A-Za-z0-9_-]{22})"),
    ("github token", r"\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{22,})"),
    ("gitlab token", r"\bgl(?:pat|ptt|dt|rt|rtr|cbt|ft|imt|agent|oas|soat|ffct)-[A-Za-z0-9_.-]{20,}"),
    ("slack token", r"\bxox[a-z](?:\.[a-z]+)?-[A-Za-z0-9-]{10,}|\bxapp-[0-9]-[A-Za-z0-9-]{10,}"),
    ("slack token", r"hooks\.slack\.com/(?:services|workflows|triggers)/(?<secret>[A-Za-z0-9/_-]{16,})"),
    ("aws key", r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b"),
    ("api key", r"\bAIza[A-Za-z0-9_-]{35}"),
    ("api key", r"\b[sr]k_(?:live|test)_[A-Za-z0-9]{16,}"),
    ("api key", r"\bsk-[A-Za-z0-9_-]{20,}"),
    ("api key", r"\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}"),
    (
        "api key",
        r"\b(?:npm_[A-Za-z0-9]{36}|pypi-[A-Za-z0-9_-]{50,}|dop_v1_[a-f0-9]{64}|glsa_[A-Za-z0-9_]{32,})",
    ),
    ("api key", r"\bhv[sbr]\.[A-Za-z0-9_-]{24,}"),
];

/// Secrets that are known by what stands before them.
const PLACES: &[(&str, &str)] = &[
    (
        "authorization",
        r#"(?i)\bauthorization\\*["']?\s*[:=]\s*\\*["']?(?:bearer|basic|token|digest|apikey|negotiate)\s+(?<secret>[^\s"'\\,]+)"#,
    ),
    ("cookie", r#"(?i)\b(?:set-)?cookie\\*["']?:\s*\\*["']?(?<secret>[^\s"'\\][^\r\n"'\\]*)"#),
    ("password", r#"(?i)\b[a-z][a-z0-9+.-]{0,30}://[^\s/:@"'<>]{0,256}:(?<secret>[^\s/@"'<>]{1,256})@"#),
    (
        "password",
        r"\bcurl\b[^\n|;]{0,512}?\s(?:-u|--user|--proxy-user)[ =]?\s*['\x22]?[^\s:'\x22]+:(?<secret>[^\s'\x22]+)",
    ),
    ("password", r"\bmysql(?:dump|admin)?\b[^\n|;]{0,512}?\s-p(?<secret>[^\s]+)"),
    ("password", r"\bsshpass\s+-p\s*['\x22]?(?<secret>[^\s'\x22]+)"),
];

/// The last word of names whose value is a secret. One group a kind of value.
const NAMES: &str = r"pass(?:word|wd|phrase)|[_.-]pass|pwd|secret|token|api[_.-]?key|access[_.-]?key(?:[_.-]?id)?|private[_.-]?key|secret[_.-]?key|auth[_.-]?key|signing[_.-]?key|encryption[_.-]?key|credential";

static PATTERNS: LazyLock<Vec<Pattern>> = LazyLock::new(|| {
    let regex = |text: &str| Regex::new(text).expect("the patterns are tested");
    let plain = |(kind, text): &(&'static str, &str)| Pattern {
        kind,
        regex: regex(text),
        is_secret: |_, secret| !secret.starts_with(MARK),
    };
    let mut patterns: Vec<Pattern> = SHAPES.iter().chain(PLACES).map(plain).collect();
    patterns.push(Pattern {
        kind: "bearer token",
        regex: regex(r"(?i)\bbearer\s+(?<secret>[A-Za-z0-9._~+/=-]{16,})"),
        is_secret: |_, secret| secret.bytes().any(|byte| byte.is_ascii_digit()),
    });
    patterns.push(Pattern {
        kind: "",
        regex: regex(&format!(
            r#"(?i)(?<option>--?(?:[a-z]+-)*)?(?<name>{NAMES})\\*["']?(?<sign>\s*(?:=>|[=:]{{1,2}})\s*|[ ])(?:\\*"(?<double>(?:[^"\\]|\\[^"])+)|\\*'(?<single>[^'\\]+)|(?<bare>[^\s"'\\,;&<>(){{}}\[\]|:=][^\s"'\\,;&<>(){{}}|]*))"#
        )),
        is_secret: is_named_secret,
    });
    patterns
});

/// What every text with a secret has in it: one pass in place of thirty for all the others.
static SUSPECT: LazyLock<Regex> = LazyLock::new(|| {
    let shapes = "PRIVATE KEY|eyJ|ds_|/login/|/invite/|/in/|gh[pousr]_|github_pat_|gl[a-z]+-|xox|xapp-|hooks\\.slack\
        |A(?:KIA|SIA|BIA|CCA)|AIza|[sr]k_|sk-|SG\\.|npm_|pypi-|dop_v1_|glsa_|hv[sbr]\\.";
    let places = r#"(?i:authorization|cookie|bearer|://[^\s/@:]*:[^\s/@]+@)|curl|mysql|sshpass"#;
    Regex::new(&format!("{shapes}|{places}|(?i:{NAMES})")).expect("the pattern is tested")
});

/// Whether there may be a secret in a text; surely none if not.
pub fn is_suspect(text: &str) -> bool {
    SUSPECT.is_match(text)
}

/// The text without secrets, and how many there were.
pub fn remove_from_text(text: &str) -> (Cow<'_, str>, usize) {
    if !is_suspect(text) {
        return (Cow::Borrowed(text), 0);
    }
    without_prefilter(text)
}

/// As [`remove_from_text`], the slow way.
pub fn without_prefilter(text: &str) -> (Cow<'_, str>, usize) {
    let (mut text, mut count) = (Cow::Borrowed(text), 0);
    for pattern in PATTERNS.iter() {
        if let Some((cleaned, found)) = pattern.remove(&text) {
            text = Cow::Owned(cleaned);
            count += found;
        }
    }
    (text, count)
}

impl Pattern {
    fn remove(&self, text: &str) -> Option<(String, usize)> {
        let (mut cleaned, mut copied, mut count) = (String::new(), 0, 0);
        for found in self.regex.captures_iter(text) {
            let groups = ["secret", "double", "single", "bare"];
            let secret = groups.iter().find_map(|group| found.name(group)).or_else(|| found.get(0));
            let Some(secret) = secret.filter(|secret| (self.is_secret)(&found, secret.as_str())) else {
                continue;
            };
            let kind = found.name("name").map_or(self.kind, |name| kind_of(name.as_str()));
            cleaned.push_str(&text[copied..secret.start()]);
            cleaned.push_str(&mark(kind));
            copied = secret.end();
            count += 1;
        }
        cleaned.push_str(&text[copied..]);
        (count > 0).then_some((cleaned, count))
    }
}

/// `name=value` and `name: value`; `--name value` only as an option of a command.
fn is_named_secret(found: &Captures<'_>, value: &str) -> bool {
    let sign = found.name("sign").map_or("", |sign| sign.as_str()).trim();
    let is_option = found.name("option").is_some();
    let is_quoted = found.name("bare").is_none();
    let name = found.name("name").map_or("", |name| name.as_str());
    if sign.is_empty() && (!is_option || value.starts_with('-')) {
        return false;
    }
    // In prose a colon may follow the word itself: "token: expired".
    let is_prose = sign == ":" && !is_quoted && !name.to_ascii_lowercase().contains("pass");
    is_valued(name, value) && (!is_prose || looks_random(value))
}

/// The kind of the secret that a field of this name with this value holds, if it holds one.
pub fn secret_by_key(key: &str, value: &str) -> Option<&'static str> {
    static KEY: LazyLock<Regex> = LazyLock::new(|| {
        let names = NAMES.replace("[_.-]pass", "(?:^|[_.-])pass");
        Regex::new(&format!("(?i)(?:{names}|authorization|cookie)$")).expect("the pattern is tested")
    });
    let name = KEY.find(key)?.as_str();
    is_valued(name, value).then(|| kind_of(name))
}

fn kind_of(name: &str) -> &'static str {
    let name = name.to_ascii_lowercase();
    let kinds = ["password", "token", "authorization", "cookie", "credential", "secret", "key"];
    match kinds.into_iter().find(|kind| name.contains(kind)) {
        Some(kind) => kind,
        None => "password",
    }
}

/// Words that stand where a secret would, and are none.
const HARMLESS: [&str; 28] = [
    "true",
    "false",
    "null",
    "nil",
    "none",
    "undefined",
    "yes",
    "no",
    "ok",
    "on",
    "off",
    "unset",
    "empty",
    "missing",
    "invalid",
    "expired",
    "required",
    "incorrect",
    "wrong",
    "changed",
    "reset",
    "rotated",
    "revoked",
    "redacted",
    "hidden",
    "is",
    "was",
    "not",
];

/// Whether a value can be a secret at all.
fn is_valued(name: &str, value: &str) -> bool {
    let value = value.trim();
    let is_masked = value.chars().all(|letter| "*•x.-_<>$".contains(letter));
    let is_path = name.eq_ignore_ascii_case("pwd") && value.starts_with('/');
    let is_count = value.len() < 6
        && value.bytes().all(|byte| byte.is_ascii_digit())
        && !name.to_ascii_lowercase().contains("pass");
    let is_variable = value.starts_with("$") || value.starts_with("{{") || value.starts_with("%(");
    let is_harmless = HARMLESS.iter().any(|word| value.trim_end_matches('.').eq_ignore_ascii_case(word));
    !(value.is_empty()
        || is_masked
        || is_path
        || is_count
        || is_variable
        || is_harmless
        || value.starts_with(MARK))
}

/// Whether it looks more like a key than like a word.
fn looks_random(value: &str) -> bool {
    value.len() >= 8 && value.bytes().any(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(remove_from_text(text).0, expected);
        // The pre-filter lets nothing through.
        assert_eq!(without_prefilter(text).0, expected);
    }

    fn check_unchanged(text: &str) {
        check(text, text);
    }

    #[test]
    fn removes_tokens_by_their_shape() {
        check("id AKIAIOSFODNN7EXAMPLE.", "id [secret removed: aws key].");
        check(&format!("a ghp_{} b", "x1".repeat(18)), "a [secret removed: github token] b");
        check(&format!("github_pat_{}", "x1_".repeat(9)), "[secret removed: github token]");
        check(&format!("glpat-{}", "x1".repeat(10)), "[secret removed: gitlab token]");
        check("xoxb-123456789012-abcdef", "[secret removed: slack token]");
        check(
            "https://hooks.slack.com/services/T0000/B0000/abcdefgh1234",
            "https://hooks.slack.com/services/[secret removed: slack token]",
        );
        check("eyJhbGciOiJ.eyJzdWIiOiI.c2ln-_x rest", "[secret removed: jwt] rest");
        check("ds_0123456789abcdefghij-_", "[secret removed: deadstick token]");
        check(
            "POST http://h:7700/in/prod-am/0123456789abcdefghij-_ 202",
            "POST http://h:7700/in/prod-am/[secret removed: deadstick token] 202",
        );
        check("/login/0123456789abcdefghij-_x", "/login/[secret removed: deadstick token]");
    }

    #[test]
    fn removes_private_keys_whole_or_cut() {
        let key = "-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc+/=\n-----END RSA PRIVATE KEY-----";
        check(&format!("a\n{key}\nb"), "a\n[secret removed: private key]\nb");
        check(&format!("a {}", &key[..50]), "a [secret removed: private key]");
        check(&key.replace('\n', "\\n"), "[secret removed: private key]");
        check_unchanged("-----BEGIN PUBLIC KEY-----\nMIIE\n-----END PUBLIC KEY-----");
    }

    #[test]
    fn removes_what_headers_carry() {
        check(
            "curl -H 'Authorization: Basic YWRtaW46aHVudGVyMg==' http://h",
            "curl -H 'Authorization: Basic [secret removed: authorization]' http://h",
        );
        check("authorization: Token abc", "authorization: Token [secret removed: authorization]");
        check("sent bearer 0123456789abcdef.xyz", "sent bearer [secret removed: bearer token]");
        check_unchanged("basic authentication and bearer authentication-schemes");
        check("Cookie: sid=1; b=2\nHost: h", "Cookie: [secret removed: cookie]\nHost: h");
        check("X-Api-Key: abcd1234efgh", "X-Api-Key: [secret removed: key]");
    }

    #[test]
    fn removes_passwords_from_addresses_and_commands() {
        check(
            "postgres://app:hunter2@db:5432/app?x=1",
            "postgres://app:[secret removed: password]@db:5432/app?x=1",
        );
        check("redis://:hunter2@cache", "redis://:[secret removed: password]@cache");
        check_unchanged("https://example.org:8080/users/@bob and a@b.example");
        check("curl -s -u ada:hunter2 http://h", "curl -s -u ada:[secret removed: password] http://h");
        check_unchanged("docker run -u 1000:1000 image");
        check("mysql -u root -phunter2 db", "mysql -u root -p[secret removed: password] db");
        check("sshpass -p 'hunter2' ssh h", "sshpass -p '[secret removed: password]' ssh h");
        check("login --password hunter2 --user a", "login --password [secret removed: password] --user a");
        check("vault --client-secret s3 x", "vault --client-secret [secret removed: secret] x");
    }

    #[test]
    fn removes_values_by_their_names() {
        check("password=hunter2", "password=[secret removed: password]");
        check("DB_PASSWORD='correct horse'", "DB_PASSWORD='[secret removed: password]'");
        check("db_pass=s3", "db_pass=[secret removed: password]");
        check("password: hunter2,", "password: [secret removed: password],");
        check(
            "export AWS_SECRET_ACCESS_KEY=wJalr/XUtn+x",
            "export AWS_SECRET_ACCESS_KEY=[secret removed: key]",
        );
        check("?a=1&access_token=abc123&b=2", "?a=1&access_token=[secret removed: token]&b=2");
        check(r#"{"password":"a b\\c", "n":1}"#, r#"{"password":"[secret removed: password]", "n":1}"#);
        check(r#"{\"token\":\"abc\"}"#, r#"{\"token\":\"[secret removed: token]\"}"#);
        check("api_key => 'abc'", "api_key => '[secret removed: key]'");
    }

    #[test]
    fn leaves_what_people_need_to_read() {
        for text in [
            "token: expired",
            "the secret: nobody rotated it",
            "password: required",
            "password reset for ada",
            "max_tokens=4096 tokens: 12345678",
            "token=512",
            "PWD=/srv/app",
            "password=$DB_PASSWORD",
            "password=********",
            "kubectl get secret db-credentials -o yaml",
            "secret_name=db password_age=30",
            "tests: pass: 5, fail: 2",
            "the token bucket is empty",
            "password=[secret removed: password]",
            "Authorization: Bearer [secret removed: jwt]",
            "--token --verbose",
        ] {
            check_unchanged(text);
        }
    }

    #[test]
    fn knows_fields_by_their_names() {
        for key in
            ["password", "DB_PASSWORD", "pass", "dbPassword", "client_secret", "api-key", "Authorization"]
        {
            assert!(secret_by_key(key, "hunter2").is_some(), "{key}");
        }
        for key in ["passenger", "compass", "secret_name", "tokens", "key", "ssh_key", ""] {
            assert_eq!(secret_by_key(key, "hunter2"), None, "{key}");
        }
        assert_eq!(secret_by_key("token", ""), None);
        assert_eq!(secret_by_key("token", "12"), None);
        assert_eq!(secret_by_key("password", "1234"), Some("password"));
    }
}

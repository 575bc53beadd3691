//! Whether a request that changes something comes from a page of our own.
//!
//! Only asked where a cookie proves who it is: a bearer token is never sent by a browser by itself.

use axum::http::{HeaderMap, Method, header};

/// Whether the request may carry a cookie's authority.
///
/// Reading always may. For the rest, `Sec-Fetch-Site` decides where the browser sends it, else
/// `Origin`; a request with neither is refused.
pub(crate) fn is_own(method: &Method, headers: &HeaderMap, base_url: &str) -> bool {
    if method.is_safe() {
        return true;
    }
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin" || site == "none";
    }
    let Some(origin) = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok()) else {
        return false;
    };
    if origin.eq_ignore_ascii_case(base_url) {
        return true;
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let authority = origin.split_once("://").map(|(_, authority)| authority);
    matches!((authority, host), (Some(authority), Some(host)) if authority.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(method: &str, headers: &[(&'static str, &str)], expected: bool) {
        let mut map = HeaderMap::new();
        map.insert("host", "10.0.0.1:7700".parse().unwrap());
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        let method = method.parse().unwrap();
        assert_eq!(is_own(&method, &map, "https://deadstick.example"), expected, "{method} {headers:?}");
    }

    #[test]
    fn the_matrix() {
        check("GET", &[], true);
        check("GET", &[("sec-fetch-site", "cross-site")], true);
        check("POST", &[], false);
        check("DELETE", &[], false);
        check("POST", &[("sec-fetch-site", "same-origin")], true);
        check("POST", &[("sec-fetch-site", "none")], true);
        check("POST", &[("sec-fetch-site", "same-site")], false);
        check("POST", &[("sec-fetch-site", "cross-site")], false);
        check("POST", &[("sec-fetch-site", "cross-site"), ("origin", "https://deadstick.example")], false);
        check("POST", &[("origin", "https://deadstick.example")], true);
        check("POST", &[("origin", "http://10.0.0.1:7700")], true);
        check("POST", &[("origin", "http://10.0.0.1:7701")], false);
        check("POST", &[("origin", "https://deadstick.example.evil.example")], false);
        check("POST", &[("origin", "null")], false);
    }
}

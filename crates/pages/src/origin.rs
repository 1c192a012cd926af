//! Whether a form was sent from one of our own pages.
//!
//! Whoever can send a form knows the token in its path, so a foreign page gains nothing by it; that it is
//! refused all the same keeps a leaked link from being used unseen by the browser of its owner.

use axum::http::{HeaderMap, header};

/// What browsers say of where a request began (Fetch Metadata, section 2.4).
const FETCH_SITE: &str = "sec-fetch-site";

/// Where a form may come from besides the host that it is sent to.
#[derive(Clone, Debug)]
pub(crate) struct Home(Option<String>);

impl Home {
    /// The origin of what browsers call the server.
    pub(crate) fn new(public_url: &str) -> Self {
        Self(authority(public_url))
    }

    /// False if the browser says that the form is from elsewhere. Programs that are no browser say nothing,
    /// which is fine: nobody else's cookies or links are with them.
    ///
    /// Our pages send no referrer, so browsers send `Origin: null` with their forms (Fetch, section 3.2);
    /// `Sec-Fetch-Site` tells such a form from one in a foreign frame where it is sent at all.
    pub(crate) fn sent(&self, headers: &HeaderMap) -> bool {
        self.site_is_ours(headers) && self.origin_is_ours(headers)
    }

    fn site_is_ours(&self, headers: &HeaderMap) -> bool {
        headers.get_all(FETCH_SITE).iter().all(|site| site == "same-origin" || site == "none")
    }

    fn origin_is_ours(&self, headers: &HeaderMap) -> bool {
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        headers.get_all(header::ORIGIN).iter().all(|origin| {
            let Ok(origin) = origin.to_str() else { return false };
            if origin == "null" {
                return true;
            }
            let Some(from) = authority(origin) else { return false };
            self.0.as_ref() == Some(&from) || host.is_some_and(|host| host.eq_ignore_ascii_case(&from))
        })
    }
}

/// Host and port of a URL in lower case, without the port that its scheme implies.
fn authority(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let authority = rest.get(..end)?.to_ascii_lowercase();
    let implied = match scheme.to_ascii_lowercase().as_str() {
        "https" => ":443",
        "http" => ":80",
        _ => return None,
    };
    let bare = authority.strip_suffix(implied).unwrap_or(&authority);
    (!bare.is_empty()).then(|| bare.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(headers: &[(&'static str, &str)]) -> bool {
        let mut map = HeaderMap::new();
        map.insert(header::HOST, "127.0.0.1:3000".parse().unwrap());
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        Home::new("https://auth.example.com:443/").sent(&map)
    }

    #[test]
    fn our_own_pages_and_programs_may_send() {
        for headers in [
            &[][..],
            &[("origin", "null")],
            &[("origin", "null"), ("sec-fetch-site", "same-origin")],
            &[("sec-fetch-site", "none")],
            &[("origin", "https://auth.example.com")],
            &[("origin", "https://AUTH.example.com"), ("sec-fetch-site", "same-origin")],
            &[("origin", "http://127.0.0.1:3000")],
        ] {
            assert!(sent(headers), "{headers:?}");
        }
    }

    #[test]
    fn others_may_not() {
        for headers in [
            &[("origin", "https://evil.example")][..],
            &[("origin", "https://auth.example.com.evil.example")],
            &[("origin", "https://evil.example/auth.example.com")],
            &[("origin", "https://auth.example.com:444")],
            &[("origin", "http://127.0.0.1")],
            &[("origin", "http://127.0.0.1:3001")],
            &[("origin", "")],
            &[("origin", "auth.example.com")],
            &[("origin", "file://auth.example.com")],
            &[("origin", "https://")],
            &[("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "")],
            &[("origin", "null"), ("sec-fetch-site", "cross-site")],
            &[("origin", "https://auth.example.com"), ("sec-fetch-site", "cross-site")],
            &[("origin", "https://auth.example.com"), ("origin", "https://evil.example")],
        ] {
            assert!(!sent(headers), "{headers:?}");
        }
    }

    #[test]
    fn a_public_url_without_a_host_lets_nobody_in() {
        for url in ["", "auth.example.com", "https://", "https:///x"] {
            assert!(Home::new(url).0.is_none(), "{url}");
        }
    }
}

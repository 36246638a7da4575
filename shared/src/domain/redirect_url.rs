//! Where a drive's vendor sends the browser back to after a person's consent.

use std::net::IpAddr;

use url::{Host, Url};

use super::{Error, Result};

/// A redirect URL: at most this many bytes.
const BYTES_MAX: usize = 2_048;
/// A redirect URL, byte for byte as the client gave it: it is compared, never normalised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedirectUrl(String);

impl RedirectUrl {
    /// Reads an absolute URL without a fragment or user: `https`, `http` on loopback, or a
    /// private-use scheme (RFC 8252 §7). If `allowed` is not empty, it must be one of them.
    pub fn parse(field: &str, text: &str, allowed: &[String]) -> Result<Self> {
        let invalid = |rule| Err(Error::invalid(field, rule));
        if text.len() > BYTES_MAX {
            return invalid("must be at most 2,048 bytes");
        }
        // The parser would drop or rewrite these, and the vendor would see another URL.
        if !text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'\\')
        {
            return invalid("must be ASCII without spaces and backslashes");
        }
        let Ok(url) = Url::parse(text) else {
            return invalid("must be an absolute URL");
        };
        if text.contains('#') {
            return invalid("must have no fragment");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return invalid("must have no user name or password");
        }
        let fits = match url.scheme() {
            "https" => url.has_host(),
            "http" => is_loopback(url.host().as_ref()),
            // A reversed domain name has a period. A scheme without one is nobody's, or one that
            // browsers act on themselves (RFC 8252 §7.1, §8.4).
            scheme => scheme.contains('.'),
        };
        if !fits {
            return invalid("must be https, http on this machine, or an app's own scheme");
        }
        if !allowed.is_empty() && !allowed.iter().any(|one| one == text) {
            return invalid("is not one of this service's redirect URLs");
        }
        Ok(Self(text.to_owned()))
    }

    /// The URL as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_loopback(host: Option<&Host<&str>>) -> bool {
    match host {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(ip)) => IpAddr::V4(*ip).is_loopback(),
        Some(Host::Ipv6(ip)) => IpAddr::V6(*ip).is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_app_can_own_is_taken_as_it_is() {
        for good in [
            "https://app.example.com/oauth/dropbox",
            "https://app.example.com/cb?x=1",
            "http://127.0.0.1:8123/cb",
            "http://localhost/cb",
            "http://[::1]:5/cb",
            "com.example.desktop:/oauth",
            "com.example.desktop://oauth/cb",
        ] {
            let url = RedirectUrl::parse("redirectURL", good, &[]);
            assert_eq!(url.unwrap().as_str(), good);
        }
    }

    #[test]
    fn what_leads_elsewhere_is_refused() {
        for bad in [
            "",
            "/cb",
            "app.example.com/cb",
            "https:",
            "https://",
            "http://app.example.com/cb",
            "http://127.0.0.1.evil.example/cb",
            "http://localhost.evil.example/cb",
            "https://app.example.com/cb#x",
            "https://app.example.com/cb#",
            "https://ok.example.com@evil.example/cb",
            "https://app.example.com/ cb",
            "https://app.example.com\\@evil.example",
            "https://app.example.com/c\u{e9}",
            "javascript:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "desktop:/cb",
            "ftp://app.example.com/",
        ] {
            assert!(
                RedirectUrl::parse("redirectURL", bad, &[]).is_err(),
                "{bad:?}"
            );
        }
        let long = format!("https://app.example.com/{}", "a".repeat(2_048));
        assert!(RedirectUrl::parse("redirectURL", &long, &[]).is_err());
    }

    #[test]
    fn a_list_is_compared_byte_for_byte() {
        let allowed = ["https://app.example.com/cb".to_owned()];
        assert!(RedirectUrl::parse("redirectURL", &allowed[0], &allowed).is_ok());
        for near in [
            "https://app.example.com/cb/",
            "https://APP.example.com/cb",
            "https://app.example.com/cb?x",
            "https://app.example.com/cb/../cb",
            "https://app.example.com.evil.example/cb",
            "https://app.example.com:443/cb",
            "http://127.0.0.1/cb",
        ] {
            assert!(
                RedirectUrl::parse("redirectURL", near, &allowed).is_err(),
                "{near}"
            );
        }
    }
}

//! The endpoint URL that a user gives for a storage account.

use std::net::{Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use super::{EgressPolicy, Refused};
use crate::domain::{Error, Result};

/// Far beyond any endpoint: a DNS name has at most 253 characters.
const MAX_BYTES: usize = 2048;

/// Top-level names that a private network resolves for itself and the public DNS does not.
const PRIVATE_ZONES: &[&str] = &[
    // home.arpa (RFC 8375) and the reverse zones; no host is named below `arpa`.
    "arpa",
    // RFC 6762, appendix G.
    "corp",
    "home",
    "internal",
    "intranet",
    "lan",
    "private",
    // Multicast DNS. RFC 6762.
    "local",
    // The suffix that resolvers are commonly shipped with.
    "localdomain",
    // RFC 6761.
    "localhost",
];

/// An endpoint that may be dialled: scheme, host and port, written anew from the parsed URL so that
/// no later parser can read it differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceUrl {
    text: String,
    host: String,
}

impl ServiceUrl {
    /// Reads the URL given in `field`.
    pub fn parse(field: &str, text: &str, policy: &EgressPolicy) -> Result<Self> {
        Self::judge(text, policy).map_err(|refused| Error::invalid(field, refused.rule()))
    }

    /// Scheme, host and the port unless it is the scheme's own, without a slash at the end.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The host in lower case.
    pub fn host(&self) -> &str {
        &self.host
    }

    pub(super) fn judge(text: &str, policy: &EgressPolicy) -> Result<Self, Refused> {
        if text.len() > MAX_BYTES {
            return Err(Refused::TooLong);
        }
        // The URL standard drops tabs and line breaks, takes `\` for `/`, decodes percent signs in
        // hosts and maps look-alikes such as fullwidth digits. None of it belongs in an endpoint;
        // an international name has its `xn--` form.
        if text
            .bytes()
            .any(|byte| !byte.is_ascii_graphic() || matches!(byte, b'\\' | b'%'))
        {
            return Err(Refused::Characters);
        }
        let authority = authority(text)?;
        let url = Url::parse(text).map_err(|_| Refused::Form)?;
        let host = url.host().ok_or(Refused::Form)?;

        let local = policy.allow_loopback && is_loopback(&host) && is_spelled_out(authority, &host);
        if !local {
            if url.scheme() != "https" {
                return Err(Refused::Scheme);
            }
            match host {
                Host::Domain(name) if is_public_name(name) => {}
                Host::Domain(_) => return Err(Refused::HostName),
                Host::Ipv4(_) | Host::Ipv6(_) => return Err(Refused::IpAddress),
            }
            if !url
                .port_or_known_default()
                .is_some_and(|port| policy.ports.contains(&port))
            {
                return Err(Refused::Port);
            }
        }
        Ok(Self {
            text: url.origin().ascii_serialization(),
            host: host.to_string(),
        })
    }
}

/// The authority of a text that has nothing but a scheme and an authority.
///
/// The raw text is looked at because the URL standard forgives too much: missing and additional
/// slashes, an empty user name, an empty query, dots as a path.
fn authority(text: &str) -> Result<&str, Refused> {
    let (scheme, rest) = text.split_once("://").ok_or(Refused::Form)?;
    if !["https", "http"]
        .iter()
        .any(|known| scheme.eq_ignore_ascii_case(known))
    {
        return Err(Refused::Scheme);
    }
    let authority = rest.strip_suffix('/').unwrap_or(rest);
    if authority.contains('@') {
        return Err(Refused::UserInfo);
    }
    if authority.contains(['/', '?', '#']) {
        return Err(Refused::Form);
    }
    Ok(authority)
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(ip) => *ip == Ipv4Addr::LOCALHOST,
        Host::Ipv6(ip) => *ip == Ipv6Addr::LOCALHOST,
    }
}

/// Whether the host stands in the authority as it is dialled, not as `127.1` or `0x7f000001`.
fn is_spelled_out(authority: &str, host: &Host<&str>) -> bool {
    authority
        .to_ascii_lowercase()
        .strip_prefix(&host.to_string())
        .is_some_and(|port| port.is_empty() || port.starts_with(':'))
}

/// Whether `name` is a host name (RFC 1123) that the public DNS can resolve.
fn is_public_name(name: &str) -> bool {
    let Some((_, zone)) = name.rsplit_once('.') else {
        return false;
    };
    name.len() <= 253 && name.split('.').all(is_label) && !PRIVATE_ZONES.contains(&zone)
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::ServiceUrl;
    use crate::domain::ErrorKind;
    use crate::net::vectors::{HOSTS, URLS};
    use crate::net::{EgressPolicy, Refused};

    fn judge(text: &str) -> Result<String, Refused> {
        let url = ServiceUrl::judge(text, &EgressPolicy::default())?;
        Ok(url.as_str().to_owned())
    }

    fn judge_locally(text: &str) -> Result<String, Refused> {
        let policy = EgressPolicy {
            allow_loopback: true,
            ..EgressPolicy::default()
        };
        let url = ServiceUrl::judge(text, &policy)?;
        Ok(url.as_str().to_owned())
    }

    #[test]
    fn no_forbidden_host_passes_on_any_port() {
        for (name, host) in HOSTS {
            assert!(judge(&format!("https://{host}")).is_err(), "{name}");
            for port in [22, 80, 443, 2375, 6379, 8443, 9000, 9001, 9443] {
                assert!(
                    judge(&format!("https://{host}:{port}")).is_err(),
                    "{name} on {port}"
                );
                assert!(
                    judge(&format!("http://{host}:{port}/")).is_err(),
                    "{name} on {port}"
                );
            }
        }
    }

    #[test]
    fn no_forbidden_url_passes() {
        for (name, url) in URLS {
            assert!(judge(url).is_err(), "{name}");
        }
    }

    #[test]
    fn endpoints_of_storage_services_pass_and_are_written_anew() {
        for (text, expected) in [
            (
                "https://s3.eu-central-1.amazonaws.com",
                "https://s3.eu-central-1.amazonaws.com",
            ),
            (
                "https://acct.blob.core.windows.net/",
                "https://acct.blob.core.windows.net",
            ),
            ("https://s3.wasabisys.com:443/", "https://s3.wasabisys.com"),
            (
                "https://minio.example.com:9000",
                "https://minio.example.com:9000",
            ),
            (
                "HTTPS://S3.Example.COM:8443/",
                "https://s3.example.com:8443",
            ),
            (
                "https://xn--bcher-kva.example:9443",
                "https://xn--bcher-kva.example:9443",
            ),
            ("https://4.example.com:", "https://4.example.com"),
        ] {
            assert_eq!(judge(text).as_deref(), Ok(expected), "{text}");
            assert_eq!(judge_locally(text).as_deref(), Ok(expected), "{text}");
        }
        let url = ServiceUrl::parse(
            "serviceUrl",
            "https://S3.example.com",
            &EgressPolicy::default(),
        );
        assert_eq!(url.expect("a public name").host(), "s3.example.com");
    }

    #[test]
    fn each_rule_is_named() {
        for (text, refused) in [
            (
                format!("https://{}.example.com", "a".repeat(2048)),
                Refused::TooLong,
            ),
            ("https://exa\tmple.com".to_owned(), Refused::Characters),
            ("https://good.example/path".to_owned(), Refused::Form),
            ("https://user@good.example".to_owned(), Refused::UserInfo),
            ("http://good.example".to_owned(), Refused::Scheme),
            ("https://2130706433".to_owned(), Refused::IpAddress),
            ("https://[::ffff:7f00:1]".to_owned(), Refused::IpAddress),
            ("https://minio".to_owned(), Refused::HostName),
            ("https://good.example:22".to_owned(), Refused::Port),
        ] {
            assert_eq!(judge(&text), Err(refused), "{text}");
        }
    }

    #[test]
    fn a_url_may_have_2048_bytes() {
        let text = format!("https://{}", "a".repeat(2048 - "https://".len()));
        assert_eq!(judge(&text), Err(Refused::HostName));
        assert_eq!(judge(&format!("{text}a")), Err(Refused::TooLong));
    }

    #[test]
    fn a_name_may_have_253_characters_in_labels_of_63() {
        let label = "a".repeat(63);
        let longest = format!("{label}.{label}.{label}.{}", "a".repeat(61));
        assert_eq!(longest.len(), 253);
        assert!(judge(&format!("https://{longest}")).is_ok());
        assert_eq!(
            judge(&format!("https://a{longest}")),
            Err(Refused::HostName)
        );
        let longer = format!("{label}.{label}.{}.{}", "a".repeat(62), "a".repeat(63));
        assert_eq!(judge(&format!("https://{longer}")), Err(Refused::HostName));
    }

    #[test]
    fn a_port_passes_only_if_the_policy_has_it() {
        let policy = EgressPolicy {
            ports: vec![9000],
            allow_loopback: false,
        };
        assert!(ServiceUrl::judge("https://good.example:9000", &policy).is_ok());
        assert_eq!(
            ServiceUrl::judge("https://good.example", &policy),
            Err(Refused::Port)
        );
    }

    #[test]
    fn a_refusal_names_the_field_and_the_rule_but_not_the_value() {
        let error = ServiceUrl::parse(
            "serviceUrl",
            "https://user:secret@good.example",
            &EgressPolicy::default(),
        )
        .expect_err("a password in the URL");
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert_eq!(
            error.public(),
            "serviceUrl: must not contain a user name or a password"
        );
        for (name, host) in HOSTS.iter().filter(|(_, host)| host.len() > 2) {
            let text = format!("https://{host}");
            let error = ServiceUrl::parse("serviceUrl", &text, &EgressPolicy::default())
                .expect_err("a forbidden host");
            assert!(!format!("{error:?}").contains(host), "{name}");
        }
    }

    #[test]
    fn loopback_opens_only_when_allowed_and_only_by_its_plain_names() {
        for (text, expected) in [
            ("http://127.0.0.1:4566", "http://127.0.0.1:4566"),
            ("http://[::1]:22/", "http://[::1]:22"),
            ("http://localhost", "http://localhost"),
            ("http://LocalHost:8080", "http://localhost:8080"),
            ("https://localhost:1234", "https://localhost:1234"),
        ] {
            assert_eq!(judge_locally(text).as_deref(), Ok(expected), "{text}");
            assert!(judge(text).is_err(), "{text}");
        }
        let plain = [
            "127.0.0.1",
            "127.0.0.1:9001",
            "localhost",
            "LOCALHOST",
            "[::1]",
        ];
        for (name, host) in HOSTS.iter().filter(|(_, host)| !plain.contains(host)) {
            for scheme in ["http", "https"] {
                assert!(
                    judge_locally(&format!("{scheme}://{host}")).is_err(),
                    "{name}"
                );
                assert!(
                    judge_locally(&format!("{scheme}://{host}:9000")).is_err(),
                    "{name}"
                );
            }
        }
        assert_eq!(judge_locally("http://good.example"), Err(Refused::Scheme));
        assert_eq!(judge_locally("ftp://127.0.0.1"), Err(Refused::Scheme));
    }
}

//! Where an account's logs go. The desktop agent forwards them from the user's own network, so
//! private addresses and names that do not resolve here are valid, and this service never
//! contacts them.

use std::net::IpAddr;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::ids::{AccountId, LogSettingId};
use super::text::parse_opaque;
use super::{Error, Result};

/// Tokens and addresses: at most this many bytes.
const TEXT_BYTES_MAX: usize = 100;
/// Ports as sent: at most this many characters.
const PORT_CHARS_MAX: usize = 10;

/// Who receives the logs. The numbers are the contract's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub enum LogProvider {
    /// A Splunk HTTP Event Collector.
    Splunk,
}

impl LogProvider {
    /// Reads a provider from the request's `field`.
    pub fn parse(field: &str, number: u32) -> Result<Self> {
        Self::try_from(number).map_err(|_| Error::invalid(field, "must be 1 (Splunk)"))
    }
}

impl From<LogProvider> for u32 {
    fn from(provider: LogProvider) -> Self {
        match provider {
            LogProvider::Splunk => 1,
        }
    }
}

impl TryFrom<u32> for LogProvider {
    type Error = &'static str;

    fn try_from(number: u32) -> Result<Self, Self::Error> {
        if number == 1 {
            Ok(Self::Splunk)
        } else {
            Err("no such log provider")
        }
    }
}

/// An account's log setting.
#[derive(Debug, Clone)]
pub struct LogSetting {
    /// Identifies the setting.
    pub id: LogSettingId,
    /// The Amove account whose logs it forwards.
    pub account_id: AccountId,
    /// Where to and with what.
    pub target: LogTarget,
}

/// Where logs go, and with what permission.
#[derive(Debug, Clone)]
pub struct LogTarget {
    /// The collector's token, without its scheme.
    pub token: SecretString,
    /// A host name or an IP address, without scheme, brackets or port.
    pub server_address: String,
    /// 1 to 65,535.
    pub service_port: u16,
    /// Logs are forwarded.
    pub active: bool,
    /// Who receives them.
    pub provider: LogProvider,
}

/// Reads a collector's token: at most 100 bytes of printable ASCII. The `Splunk ` that stands
/// before it in an `Authorization` header may be pasted along and does not count.
pub fn parse_token(field: &str, text: &SecretString) -> Result<SecretString> {
    let text = text.expose_secret().trim_start();
    let token = match text.split_at_checked("Splunk ".len()) {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("Splunk ") => token,
        _ => text,
    };
    let token = parse_opaque(field, token.trim(), TEXT_BYTES_MAX)?;
    if !token.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(Error::invalid(
            field,
            "must be printable ASCII without spaces",
        ));
    }
    Ok(token.into())
}

/// Reads a host name or IP address of at most 100 bytes; a pasted `http(s)://` and a trailing
/// slash are dropped and do not count.
pub fn parse_server_address(field: &str, text: &str) -> Result<String> {
    let text = text.trim();
    let host = match text.split_once("://") {
        Some((scheme, rest))
            if ["http", "https"]
                .iter()
                .any(|known| scheme.eq_ignore_ascii_case(known)) =>
        {
            rest
        }
        _ => text,
    };
    let host = host.strip_suffix('/').unwrap_or(host);
    if host.len() > TEXT_BYTES_MAX {
        return Err(Error::invalid(field, "must be at most 100 bytes"));
    }
    let unbracketed = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    if let Ok(address) = unbracketed.unwrap_or(host).parse::<IpAddr>()
        && (unbracketed.is_none() || address.is_ipv6())
    {
        return Ok(address.to_string());
    }
    host_name(host).ok_or_else(|| Error::invalid(field, "must be a host name or an IP address"))
}

/// A name of RFC 1123 labels, as A-labels in lower case. A last label of digits only is refused: it
/// is a misspelt IPv4 address.
fn host_name(text: &str) -> Option<String> {
    if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return None;
    }
    let name = idna::domain_to_ascii_strict(text.strip_suffix('.').unwrap_or(text)).ok()?;
    let last = name.rsplit('.').next().unwrap_or_default();
    let numeric = last.bytes().all(|b| b.is_ascii_digit()) || last.starts_with("0x");
    (!numeric && name.len() <= TEXT_BYTES_MAX).then_some(name)
}

/// Reads a port: decimal digits, 1 to 65,535, at most 10 characters.
pub fn parse_service_port(field: &str, text: &str) -> Result<u16> {
    let digits = text.len() <= PORT_CHARS_MAX && text.bytes().all(|b| b.is_ascii_digit());
    match text.parse::<u16>() {
        Ok(port) if digits && port > 0 => Ok(port),
        _ => Err(Error::invalid(field, "must be a port from 1 to 65535")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_paste_is_normalised() {
        for (pasted, address) in [
            ("splunk.example.com", "splunk.example.com"),
            ("https://Splunk.Example.com/", "splunk.example.com"),
            ("HTTP://10.0.0.5", "10.0.0.5"),
            ("splunk", "splunk"),
            ("[fd00::1]", "fd00::1"),
            ("FD00::1", "fd00::1"),
            ("bücher.example", "xn--bcher-kva.example"),
        ] {
            assert_eq!(
                parse_server_address("serverAddress", pasted).unwrap(),
                address
            );
        }
        for (pasted, token) in [
            ("abc-123", "abc-123"),
            ("Splunk abc-123", "abc-123"),
            ("splunk  abc", "abc"),
        ] {
            let read = parse_token("token", &pasted.to_owned().into()).unwrap();
            assert_eq!(read.expose_secret(), token);
        }
    }

    #[test]
    fn what_is_no_address_token_or_port_is_refused() {
        for bad in [
            "",
            "/",
            "https://",
            "a b",
            "a/b",
            "host:8088",
            "ftp://host",
            "user@host",
            "host?x",
            "256.1.1.1",
            "1.2.3",
            "-a.example",
            "a..b",
            "[10.0.0.1]",
            "[::1",
            "a\r\nb",
            "0x7f.0x1",
            &"a".repeat(101),
        ] {
            assert!(
                parse_server_address("serverAddress", bad).is_err(),
                "{bad:?}"
            );
        }
        for bad in ["", "Splunk ", "a b", "a\r\nX: y", "é", &"a".repeat(101)] {
            assert!(
                parse_token("token", &bad.to_owned().into()).is_err(),
                "{bad:?}"
            );
        }
        for bad in [
            "",
            "0",
            "65536",
            "-1",
            "+1",
            " 1",
            "1 ",
            "8088x",
            "00000000001",
            "١",
        ] {
            assert!(parse_service_port("servicePort", bad).is_err(), "{bad:?}");
        }
        assert_eq!(
            parse_service_port("servicePort", "0000008088").unwrap(),
            8088
        );
        assert_eq!(parse_service_port("servicePort", "65535").unwrap(), 65535);
    }
}

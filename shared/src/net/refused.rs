//! The reason for which a destination is refused.

use std::error::Error as StdError;
use std::fmt;

/// The rule that a destination breaks. It never carries the destination itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The URL is longer than any endpoint needs.
    TooLong,
    /// The URL contains characters that parsers disagree about.
    Characters,
    /// The text is not a URL, or one with more than scheme, host and port.
    Form,
    /// The URL contains a user name or a password.
    UserInfo,
    /// The scheme is not https.
    Scheme,
    /// The host is an IP address, in whatever spelling.
    IpAddress,
    /// The host is not a name of the public DNS.
    HostName,
    /// The port is not a permitted one.
    Port,
    /// The name resolves to an address that is not public.
    Resolved,
}

impl Refused {
    /// The rule, in words that a user may read.
    pub fn rule(self) -> &'static str {
        match self {
            Self::TooLong => "must be at most 2048 bytes",
            Self::Characters => {
                "must be ASCII without spaces, control characters, backslashes and percent signs"
            }
            Self::Form => "must be a URL of the form https://host or https://host:port",
            Self::UserInfo => "must not contain a user name or a password",
            Self::Scheme => "must begin with https://",
            Self::IpAddress => "must name the host; an IP address is not accepted",
            Self::HostName => "must have a public DNS name as its host",
            Self::Port => "must use a permitted port",
            Self::Resolved => "must have a host that resolves to public addresses only",
        }
    }

    /// The refusal that lies somewhere under `error`, if it is one.
    pub fn find(error: &(dyn StdError + 'static)) -> Option<Self> {
        std::iter::successors(Some(error), |&error| error.source())
            .find_map(|error| error.downcast_ref().copied())
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "refused destination: {}", self.rule())
    }
}

impl StdError for Refused {}

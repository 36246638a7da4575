//! Name resolution for the outbound client.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use aws_smithy_runtime_api::client::dns::{DnsFuture, ResolveDns, ResolveDnsError};

use super::{EgressPolicy, Refused, is_public};

/// A function that answers for names.
pub(super) type Answers = dyn Fn(&str) -> Vec<IpAddr> + Send + Sync;

/// Who answers for a name.
#[derive(Clone)]
pub(super) enum Lookup {
    /// The system's resolver.
    System,
    /// A function that is given.
    Given(Arc<Answers>),
}

impl fmt::Debug for Lookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::System => "System",
            Self::Given(_) => "Given",
        })
    }
}

/// Hands out the addresses of a name if all of them may be dialled.
///
/// The connection is made to the very addresses returned here, so a name that answers differently
/// the next time gains nothing. One forbidden address condemns the name: a name with a public and a
/// private answer is either an attack or not meant for us.
#[derive(Clone, Debug)]
pub(super) struct GuardedResolver {
    policy: Arc<EgressPolicy>,
    lookup: Lookup,
}

impl GuardedResolver {
    pub(super) fn new(policy: Arc<EgressPolicy>, lookup: Lookup) -> Self {
        Self { policy, lookup }
    }

    async fn resolve(&self, name: &str) -> Result<Vec<IpAddr>, ResolveDnsError> {
        let answers = match &self.lookup {
            Lookup::Given(lookup) => lookup(name),
            Lookup::System => tokio::net::lookup_host((name, 0))
                .await
                .map_err(ResolveDnsError::new)?
                .map(|address| address.ip())
                .collect(),
        };
        if answers.iter().all(|&ip| self.may_dial(name, ip)) {
            Ok(answers)
        } else {
            Err(ResolveDnsError::new(Refused::Resolved))
        }
    }

    /// Loopback opens for `localhost` alone: no other name has a reason to lead there.
    fn may_dial(&self, name: &str, ip: IpAddr) -> bool {
        let is_loopback = ip == Ipv4Addr::LOCALHOST || ip == Ipv6Addr::LOCALHOST;
        is_public(ip)
            || (self.policy.allow_loopback && is_loopback && name.eq_ignore_ascii_case("localhost"))
    }
}

impl ResolveDns for GuardedResolver {
    fn resolve_dns<'a>(&'a self, name: &'a str) -> DnsFuture<'a> {
        DnsFuture::new(self.resolve(name))
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use aws_smithy_runtime_api::client::dns::ResolveDns;

    use super::{GuardedResolver, Lookup};
    use crate::net::{EgressPolicy, Refused};

    const PUBLIC: &str = "93.184.215.14";
    const PUBLIC_V6: &str = "2606:2800:21f:cb07::1";

    fn ips(texts: &[&str]) -> Vec<IpAddr> {
        texts
            .iter()
            .map(|text| text.parse().expect("an address"))
            .collect()
    }

    fn resolver(
        allow_loopback: bool,
        lookup: impl Fn(&str) -> Vec<IpAddr> + Send + Sync + 'static,
    ) -> GuardedResolver {
        let policy = EgressPolicy {
            allow_loopback,
            ..EgressPolicy::default()
        };
        GuardedResolver::new(Arc::new(policy), Lookup::Given(Arc::new(lookup)))
    }

    async fn judge(
        allow_loopback: bool,
        name: &str,
        answers: &[&str],
    ) -> Result<Vec<IpAddr>, Option<Refused>> {
        let answers = ips(answers);
        resolver(allow_loopback, move |_| answers.clone())
            .resolve_dns(name)
            .await
            .map_err(|error| Refused::find(&error))
    }

    #[tokio::test]
    async fn public_answers_are_handed_out_as_they_are() {
        for answers in [&[PUBLIC][..], &[PUBLIC_V6], &[PUBLIC, PUBLIC_V6]] {
            assert_eq!(
                judge(false, "good.example", answers).await,
                Ok(ips(answers))
            );
        }
    }

    #[tokio::test]
    async fn one_forbidden_answer_condemns_the_name() {
        for (case, name, answers) in [
            (
                "name that spells its address",
                "127.0.0.1.nip.io",
                &["127.0.0.1"][..],
            ),
            ("AAAA only", "v6.evil.example", &["::1"]),
            (
                "alias of localhost",
                "alias.evil.example",
                &["127.0.0.1", "::1"],
            ),
            (
                "public A, private AAAA",
                "mixed.evil.example",
                &[PUBLIC, "fd00:ec2::254"],
            ),
            (
                "private A, public AAAA",
                "mixed.evil.example",
                &["10.0.0.1", PUBLIC_V6],
            ),
            (
                "private last of many",
                "mixed.evil.example",
                &[PUBLIC, PUBLIC, PUBLIC_V6, "0.0.0.0"],
            ),
            ("metadata", "metadata.evil.example", &["169.254.169.254"]),
            ("mapped", "mapped.evil.example", &["::ffff:127.0.0.1"]),
            ("NAT64", "nat64.evil.example", &["64:ff9b::a9fe:a9fe"]),
        ] {
            let judged = judge(false, name, answers).await;
            assert_eq!(judged, Err(Some(Refused::Resolved)), "{case}");
        }
    }

    #[tokio::test]
    async fn a_name_that_changes_its_meaning_never_yields_a_forbidden_address() {
        let calls = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&calls);
        let rebinding = resolver(false, move |_| {
            let odd = counter.fetch_add(1, Ordering::Relaxed) % 2 == 1;
            ips(&[if odd { "127.0.0.1" } else { PUBLIC }])
        });
        for attempt in 0..1000 {
            let judged = rebinding.resolve_dns("rebind.evil.example").await;
            assert_eq!(
                judged.ok(),
                (attempt % 2 == 0).then(|| ips(&[PUBLIC])),
                "{attempt}"
            );
        }
        // A second question to the resolver would be the gap between check and use.
        assert_eq!(calls.load(Ordering::Relaxed), 1000);
    }

    #[tokio::test]
    async fn allowing_loopback_opens_localhost_and_nothing_else() {
        let local = ips(&["127.0.0.1", "::1"]);
        assert_eq!(
            judge(true, "localhost", &["127.0.0.1", "::1"]).await,
            Ok(local)
        );
        for (allowed, name, answer) in [
            (false, "localhost", "127.0.0.1"),
            (true, "localhost", "127.0.0.2"),
            (true, "localhost", "10.0.0.1"),
            (true, "evil.example", "127.0.0.1"),
            (true, "evil.example", "::1"),
            (true, "localhost.evil.example", "127.0.0.1"),
        ] {
            let judged = judge(allowed, name, &[answer]).await;
            assert_eq!(judged, Err(Some(Refused::Resolved)), "{name} {answer}");
        }
    }

    #[tokio::test]
    async fn the_answers_of_the_system_are_judged_alike() {
        let policy = Arc::new(EgressPolicy::default());
        let resolver = GuardedResolver::new(policy, Lookup::System);
        let error = resolver
            .resolve_dns("localhost")
            .await
            .expect_err("loopback");
        assert_eq!(Refused::find(&error), Some(Refused::Resolved));
    }
}

//! Connection bookkeeping: which of an Amove account's connections are free and which are paid.
//!
//! Nothing of this is stored. The subscriptions in the order of their creation are free up to the
//! plan's maximum and paid beyond it, so deleting a free one makes the oldest paid one free without
//! a write, and free = min(connections, maximum) holds by construction.

use jiff::Timestamp;

use super::ids::CloudAccountId;

/// The one connection that a cloud account holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subscription {
    /// When the cloud account was connected; the older, the sooner free.
    pub created: Timestamp,
    /// The cloud account that holds it.
    pub cloud_account_id: CloudAccountId,
}

/// An Amove account's connections, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connections {
    /// Within the plan's maximum.
    pub free: Vec<Subscription>,
    /// Beyond it.
    pub paid: Vec<Subscription>,
}

impl Connections {
    /// Divides `subscriptions` by the plan's maximum of free ones.
    pub fn divide(mut subscriptions: Vec<Subscription>, free_max: usize) -> Self {
        subscriptions.sort_unstable();
        let paid = subscriptions.split_off(free_max.min(subscriptions.len()));
        Self {
            free: subscriptions,
            paid,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deleting_a_free_one_frees_the_oldest_paid_one() {
        let subscription = |second| {
            let created = Timestamp::from_second(second).unwrap();
            Subscription {
                created,
                cloud_account_id: CloudAccountId::new(created),
            }
        };
        let all: Vec<_> = (1..=5).map(subscription).collect();
        let before = Connections::divide(all.iter().rev().copied().collect(), 3);
        assert_eq!(
            (before.free.as_slice(), before.paid.as_slice()),
            (&all[..3], &all[3..])
        );

        let after = Connections::divide(all[1..].to_vec(), 3);
        assert_eq!(
            (after.free.as_slice(), after.paid.as_slice()),
            (&all[1..4], &all[4..])
        );
        assert_eq!(Connections::divide(Vec::new(), 3).free, []);
    }
}

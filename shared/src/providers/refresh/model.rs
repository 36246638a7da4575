//! Every schedule of the refresh protocol, searched: three processes that may stall or die between
//! any two steps, one that disconnects the account, leases that may end at any moment, and a vendor
//! whose refresh tokens die of their use. What the model's steps do is what `mod.rs`,
//! `database/refreshes.rs` and `database/cloud_accounts.rs` do.

use std::collections::{HashSet, VecDeque};

/// On what condition received tokens are saved.
#[derive(Clone, Copy, PartialEq, Eq)]
enum SaveIf {
    /// The stored tokens are still those that were spent.
    VersionIs,
    /// The lease is still ours: what the protocol must not do.
    LeaseIsOurs,
}

const PROCESSES: usize = 3;

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum At {
    /// Has read the record, and found this token there.
    Idle,
    /// Holds, or held, a lease and is about to send this token.
    Sending {
        token: u8,
        unfinished: bool,
    },
    /// The vendor has acted and the answer is on its way: the new token, or a refusal.
    Answered {
        sent: u8,
        answer: Option<u8>,
        unfinished: bool,
    },
    Done,
    Dead,
}

/// The process that disconnects the account, if there is one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Deleter {
    /// Has read the record, with this token.
    Read(u8),
    /// Has deleted the record on the condition that this is its token, and is about to end it.
    Deleted(u8),
    Over,
}

/// The record, the vendor, the processes.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct World {
    stored: u8,
    lease: Option<usize>,
    /// Who took the last lease, over or not.
    leader: Option<usize>,
    journal: bool,
    active: bool,
    deleted: bool,
    /// The one refresh token that the vendor takes.
    live: Option<u8>,
    deleter: Deleter,
    processes: [At; PROCESSES],
}

impl World {
    fn start(deleter: Deleter) -> Self {
        Self {
            stored: 0,
            lease: None,
            leader: None,
            journal: false,
            active: true,
            deleted: false,
            live: Some(0),
            deleter,
            processes: [At::Idle; PROCESSES],
        }
    }

    /// Every world that one step leads to.
    fn next(&self, save_if: SaveIf) -> Vec<Self> {
        let mut worlds = Vec::new();
        if self.lease.is_some() {
            worlds.push(Self {
                lease: None,
                ..self.clone()
            });
        }
        worlds.extend(self.deleted_on());
        for process in 0..PROCESSES {
            let at = self.processes[process];
            if matches!(at, At::Done | At::Dead) {
                continue;
            }
            let step = |change: &dyn Fn(&mut Self) -> At| {
                let mut world = self.clone();
                world.processes[process] = change(&mut world);
                world
            };
            worlds.push(step(&|_| At::Dead));
            match at {
                // Whoever comes after the account was renewed or flagged has nothing to do.
                At::Idle if !self.active || self.deleted || self.stored > 0 => {
                    worlds.push(step(&|_| At::Done));
                }
                At::Idle if self.lease.is_none() => worlds.push(step(&|world| {
                    let unfinished = world.journal;
                    world.lease = Some(process);
                    world.leader = Some(process);
                    world.journal = true;
                    At::Sending {
                        token: world.stored,
                        unfinished,
                    }
                })),
                At::Idle | At::Done | At::Dead => {}
                At::Sending { token, unfinished } => worlds.push(step(&|world| {
                    let answer = (world.live == Some(token)).then_some(token + 1);
                    world.live = answer.or(world.live);
                    At::Answered {
                        sent: token,
                        answer,
                        unfinished,
                    }
                })),
                At::Answered { sent, answer, .. } => worlds.push(step(&|world| {
                    let unchanged = world.stored == sent && !world.deleted;
                    let may_save = match save_if {
                        SaveIf::VersionIs => unchanged,
                        SaveIf::LeaseIsOurs => world.lease == Some(process) && !world.deleted,
                    };
                    match answer {
                        // What was received for an account that is gone is given back.
                        Some(token) if world.deleted => world.end(token),
                        Some(token) if may_save => {
                            world.stored = token;
                            world.active = true;
                            world.journal = false;
                            world.lease = None;
                        }
                        None if unchanged => {
                            world.active = false;
                            world.journal = false;
                            world.lease = None;
                        }
                        _ => {}
                    }
                    At::Done
                })),
            }
        }
        worlds
    }

    /// The worlds that a step of the deleter leads to.
    fn deleted_on(&self) -> Vec<Self> {
        let step = |change: &dyn Fn(&mut Self)| {
            let mut world = self.clone();
            change(&mut world);
            world
        };
        match self.deleter {
            Deleter::Read(token) if token == self.stored => vec![step(&|world| {
                world.deleted = true;
                world.deleter = Deleter::Deleted(token);
            })],
            Deleter::Read(_) => vec![step(&|world| world.deleter = Deleter::Read(world.stored))],
            Deleter::Deleted(token) => vec![step(&|world| {
                world.end(token);
                world.deleter = Deleter::Over;
            })],
            Deleter::Over => Vec::new(),
        }
    }

    /// The vendor is told to end the grant by this token.
    fn end(&mut self, token: u8) {
        self.live.take_if(|live| *live == token);
    }

    fn is_over(&self) -> bool {
        let ended = |at: &At| matches!(at, At::Done | At::Dead);
        self.processes.iter().all(ended) && self.deleter == Deleter::Over
    }

    /// Nobody died between the vendor's act and the save, and yet the record does not hold the live
    /// token, or calls it dead.
    fn is_lost(&self, died_with_answer: bool) -> bool {
        let held = self.live == Some(self.stored) && self.active;
        self.is_over() && !died_with_answer && !self.deleted && !held
    }
}

/// Every world that can be reached, with whether somebody died holding the only live token on the
/// way.
fn search(save_if: SaveIf, deleter: Deleter) -> HashSet<(World, bool)> {
    let start = (World::start(deleter), false);
    let mut seen = HashSet::from([start.clone()]);
    let mut queue = VecDeque::from([start]);
    while let Some((world, died)) = queue.pop_front() {
        for next in world.next(save_if) {
            let died_now = (0..PROCESSES).any(|process| {
                next.processes[process] == At::Dead
                    && matches!(
                        world.processes[process],
                        At::Answered {
                            answer: Some(_),
                            ..
                        }
                    )
            });
            let state = (next, died || died_now);
            if seen.insert(state.clone()) {
                queue.push_back(state);
            }
        }
    }
    seen
}

#[test]
fn no_schedule_loses_a_live_token() {
    let states = search(SaveIf::VersionIs, Deleter::Over);
    let lost: Vec<_> = states
        .iter()
        .filter(|(world, died)| world.is_lost(*died))
        .collect();
    assert!(
        lost.is_empty(),
        "{} of {}: {lost:?}",
        lost.len(),
        states.len()
    );
    assert!(states.len() > 500, "{} states", states.len());
}

/// Who died with the answer in hand is known to have been there: the account is flagged once
/// somebody asks, and the flag says why: who is refused finds the other's entry in the journal, or
/// the lease in other hands.
#[test]
fn a_lost_answer_is_told_from_a_revoked_grant() {
    let states = search(SaveIf::VersionIs, Deleter::Over);
    let mut met = 0;
    for (world, died) in &states {
        for (process, at) in world.processes.into_iter().enumerate() {
            if let At::Answered {
                answer: None,
                sent,
                unfinished,
            } = at
                && *died
                && world.stored == sent
            {
                met += 1;
                assert!(unfinished || world.leader != Some(process), "{world:?}");
            }
        }
    }
    assert!(met > 0);
}

/// The search can fail: with the textbook's fence it does.
#[test]
fn saving_on_the_lease_would_lose_tokens() {
    let states = search(SaveIf::LeaseIsOurs, Deleter::Over);
    assert!(states.iter().any(|(world, died)| world.is_lost(*died)));
}

/// Whoever disconnects wins, and leaves no token alive at the vendor: what is stored is ended with the
/// record, and what is still on its way by who receives it.
#[test]
fn a_deletion_leaves_nothing_alive() {
    let states = search(SaveIf::VersionIs, Deleter::Read(0));
    let mut met = 0;
    for (world, died) in &states {
        if world.is_over() && !died {
            met += 1;
            assert!(world.deleted && world.live.is_none(), "{world:?}");
        }
    }
    assert!(met > 0 && states.len() > 2_000, "{met} of {}", states.len());
}

//! What holds across processes: several of the service, over one table and one vendor.
#![expect(clippy::unwrap_used, reason = "a helper that panics fails its test")]
#![expect(clippy::print_stdout, reason = "the figures are what these runs show")]

mod service;

mod refresh;

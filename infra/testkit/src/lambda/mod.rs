//! A function's real binary under a Lambda Runtime API of its own: the way that a request takes in
//! production, from the event's JSON to the answer's.

mod event;
mod process;
mod replay;
mod runtime_api;

pub use event::{Person, events_of};
pub use process::{Lambda, start_failure};
pub use replay::{Expected, Row, replay};

//! Stand-ins for the services outside the product, each a real server on loopback that the product
//! reaches with its real clients over HTTP. The local runner and every test use them, so there are
//! no in-memory doubles inside the product.
//!
//! A simulator is written from the published specification of its service: it refuses requests the
//! service would refuse, in the service's own words, and has switches that make it fail. Each
//! vendor is a module of its own.
//!
//! A simulator listens on loopback only, because it checks that a request is signed but seldom by
//! whom. It needs a Tokio runtime to start in and stops when it is dropped.

pub mod aws;
pub mod drives;
pub mod google_identity;
mod server;

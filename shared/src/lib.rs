//! What the functions share: the vocabulary and rules of the product, its records, the storage
//! providers, mail, outbound network and the web layer.
//!
//! The rooms are modules and the arrows between them point to [`domain`], which knows no HTTP, no
//! AWS and no vendor. `infra/ARCHITECTURE.md` tells the way of a request through them.

pub mod domain;

pub mod database;
pub mod mail;
pub mod net;
pub mod providers;
pub mod tokens;

pub mod app;
pub mod aws;
pub mod config;
pub mod deadline;
pub mod demo_drive;
pub mod drive;
pub mod google_identity;
pub mod limits;
pub mod secrets;
pub mod sign_in;

pub mod web;

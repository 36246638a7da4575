//! The AWS services the product uses: `DynamoDB`, S3, SES and Secrets Manager.

pub mod control;
pub mod dynamodb;
pub mod mailbox;
pub mod mailbox_page;
pub mod s3;
mod s3_guard;
mod secrets_manager;
mod ses;
mod signature;

//! The AWS services the product uses: `DynamoDB`, S3, SES and Secrets Manager.

pub mod control;
pub mod dynamodb;
pub mod feedback;
pub mod mailbox;
pub mod mailbox_page;
pub mod s3;
mod s3_conditions;
mod s3_index;
mod s3_keys;
mod s3_listing;
mod s3_parts;
mod secrets_manager;
mod ses;
mod signature;

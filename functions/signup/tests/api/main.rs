//! Sign-up, told in requests and mails.

mod signup;

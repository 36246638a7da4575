//! Names of buckets.

use super::Flavour;
use crate::domain::{Error, Result};

/// A bucket's name, fit to be a host name and a path component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketName(String);

impl BucketName {
    /// Reads a name: 3 to 63 of `a-z`, `0-9`, `.` and `-`, beginning and ending with a letter or a
    /// digit, without `..`
    /// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>).
    ///
    /// Google Cloud Storage also has `_`, and up to 222 characters where dots divide them into at
    /// most 63 (<https://docs.cloud.google.com/storage/docs/buckets#naming>).
    pub fn parse(field: &str, text: &str, flavour: Flavour) -> Result<Self> {
        let google = flavour.facts().domain_buckets;
        let (length_max, rule) = if google && text.contains('.') {
            (
                222,
                "must be 3 to 222 of a-z, 0-9, . _ and -, at most 63 between dots",
            )
        } else if google {
            (63, "must be 3 to 63 of a-z, 0-9, . _ and -")
        } else {
            (63, "must be 3 to 63 of a-z, 0-9, . and -")
        };
        let alphanumeric = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let bytes = text.as_bytes();
        let fits = (3..=length_max).contains(&bytes.len())
            && bytes.iter().all(|byte| {
                alphanumeric(byte) || matches!(byte, b'.' | b'-') || (google && *byte == b'_')
            })
            && text.split('.').all(|part| (1..=63).contains(&part.len()));
        if !fits {
            return Err(Error::invalid(field, rule));
        }
        if !(bytes.first().is_some_and(alphanumeric) && bytes.last().is_some_and(alphanumeric)) {
            return Err(Error::invalid(
                field,
                "must begin and end with a letter or a digit",
            ));
        }
        // The SDK would take it to another host and ask for a session there.
        if text.ends_with("--x-s3") {
            return Err(Error::invalid(field, "must not be a directory bucket"));
        }
        Ok(Self(text.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked_before_they_become_hosts_and_paths() {
        let long = "a".repeat(63);
        for good in ["abc", "my.bucket-1", "0-0", &long] {
            assert!(
                BucketName::parse("storageName", good, Flavour::Aws).is_ok(),
                "{good:?}"
            );
        }
        let too_long = "a".repeat(64);
        for bad in [
            "",
            "ab",
            "Abc",
            "a_c",
            "a..c",
            ".abc",
            "abc.",
            "-abc",
            "abc-",
            "a/c",
            "a c",
            "a%2fc",
            "äbc",
            "a\0c",
            "abc@evil.example",
            "abc?x",
            "abc#x",
            "abc:80",
            "name--use1-az4--x-s3",
            &too_long,
        ] {
            for flavour in [Flavour::Aws, Flavour::Generic] {
                let error = BucketName::parse("storageName", bad, flavour).unwrap_err();
                assert!(
                    error.public().starts_with("storageName: must "),
                    "{bad:?}: {error}"
                );
            }
        }
    }

    #[test]
    fn google_has_underscores_and_domain_names() {
        let domain = format!("{0}.{0}.example_1.com", "a".repeat(63));
        for good in ["my_bucket", &domain] {
            assert!(
                BucketName::parse("storageName", good, Flavour::GoogleCloud).is_ok(),
                "{good:?}"
            );
            assert!(
                BucketName::parse("storageName", good, Flavour::Cloudflare).is_err(),
                "{good:?}"
            );
        }
        for bad in [
            "_ab",
            "ab_",
            &"a".repeat(64),
            &format!("{}.com", "a".repeat(64)),
        ] {
            assert!(
                BucketName::parse("storageName", bad, Flavour::GoogleCloud).is_err(),
                "{bad:?}"
            );
        }
    }
}

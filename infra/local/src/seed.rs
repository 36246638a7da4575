//! Something to look at in the embedded bucket.

use aws_config::SdkConfig;
use aws_sdk_s3::primitives::ByteStream;

use crate::Result;

/// What a new bucket holds: key, media type, content.
const OBJECTS: [(&str, &str, &str); 4] = [
    (
        "welcome.txt",
        "text/plain",
        "Welcome to the desktop API on this machine.\n",
    ),
    (
        "photos/2026/caf\u{e9} #1.svg",
        "image/svg+xml",
        "<svg xmlns='http://www.w3.org/2000/svg'><circle r='9'/></svg>\n",
    ),
    ("photos/readme.md", "text/markdown", "# Photos\n"),
    (
        "reports/q1.csv",
        "text/csv",
        "month,amount\n1,10\n2,20\n3,30\n",
    ),
];

/// Fills `bucket` of the S3 server that `config` leads to.
pub(crate) async fn fill(config: &SdkConfig, bucket: &str) -> Result<()> {
    let path_style = aws_sdk_s3::config::Builder::from(config)
        .force_path_style(true)
        .build();
    let client = aws_sdk_s3::Client::from_conf(path_style);
    for (key, media_type, content) in OBJECTS {
        let body = ByteStream::from_static(content.as_bytes());
        client
            .put_object()
            .bucket(bucket)
            .key(key)
            .content_type(media_type)
            .body(body)
            .send()
            .await?;
    }
    Ok(())
}

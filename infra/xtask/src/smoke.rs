//! `cargo xtask smoke`: a user's day against a running service, over HTTP and nothing else, so that
//! it works on the local runner, on another emulator and on a deployment alike.

use std::time::{Duration, Instant};

use reqwest::{Client, Method, Response, StatusCode};
use serde_json::{Value, json};

/// What to walk through.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// The service, such as `http://127.0.0.1:9000`.
    #[arg(long)]
    url: String,
    /// A URL that answers the mails sent as JSON; `{address}` in it stands for the recipient.
    #[arg(long)]
    mail_url: String,
    /// The S3-compatible storage to connect.
    #[arg(long)]
    service_url: String,
    /// Its access key.
    #[arg(long)]
    access_key: String,
    /// Its secret key.
    #[arg(long)]
    secret_key: String,
    /// A bucket in it that may be written to.
    #[arg(long)]
    bucket: String,
}

type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

/// Walks; answers how many steps were taken, or what the first wrong one was.
#[tokio::main(flavor = "current_thread")]
pub(crate) async fn run(options: &Options) -> Result<usize> {
    let client = Client::builder().timeout(Duration::from_secs(30)).build()?;
    let mut walk = Walk {
        client,
        options,
        jwt: None,
        codes: Vec::new(),
        steps: 0,
    };
    walk.all().await?;
    Ok(walk.steps)
}

struct Walk<'a> {
    client: Client,
    options: &'a Options,
    jwt: Option<String>,
    /// Codes that were used.
    codes: Vec<String>,
    steps: usize,
}

impl Walk<'_> {
    async fn all(&mut self) -> Result<()> {
        // Another address for every walk, since an address can be signed up once.
        let address = format!(
            "smoke-{}@example.com",
            jiff::Timestamp::now().as_millisecond()
        );
        let password = "correct horse battery";
        self.sign_up(&address, password).await?;
        self.log_in(&address, password).await?;
        let account = self.connect().await?;
        self.use_storage(&account, &address).await?;
        self.forward_logs().await?;
        self.expect(
            Method::DELETE,
            &format!("v1/desktop/delete?id={account}"),
            None,
            200,
        )
        .await?;
        let jwt = self.jwt.clone();
        self.with_token("authentication/logout", json!({"jwtToken": jwt}), 200)
            .await?;
        self.expect(Method::GET, "v1/desktop/get_accountlogsetting", None, 401)
            .await?;
        self.forget_password(&address).await
    }

    async fn sign_up(&mut self, address: &str, password: &str) -> Result<()> {
        let body = json!({"name": "Smoke", "email": address, "password": password});
        self.with_token("v1/desktop/signup", body, 200).await?;
        let code = self.mailed(address, find_code).await?;
        let jwt = self
            .with_token("v1/desktop/confirm_signup", json!({"token": code}), 200)
            .await?;
        self.jwt = Some(text(&jwt)?);
        self.with_token("v1/desktop/confirm_signup", json!({"token": code}), 404)
            .await?;
        self.codes.push(code);
        Ok(())
    }

    async fn forget_password(&mut self, address: &str) -> Result<()> {
        let body = json!({"username": address});
        self.with_token("authentication/forgot_password", body, 200)
            .await?;
        let known = std::mem::take(&mut self.codes);
        let other = |text: &str| find_code(text).filter(|code| !known.contains(code));
        let code = self.mailed(address, other).await?;
        let password = "another correct battery";
        let body = json!({"resetToken": code, "password": password});
        self.with_token("authentication/reset_password", body.clone(), 200)
            .await?;
        self.with_token("authentication/reset_password", body, 499)
            .await?;
        self.log_in(address, password).await
    }

    async fn log_in(&mut self, address: &str, password: &str) -> Result<()> {
        let wrong = json!({"username": address, "password": "not the password", "type": 16});
        self.with_token("authentication/login", wrong, 401).await?;
        let right = json!({"username": address, "password": password, "type": 16});
        let answer = self.with_token("authentication/login", right, 200).await?;
        self.jwt = Some(text(&answer["jwtToken"])?);
        Ok(())
    }

    async fn connect(&mut self) -> Result<String> {
        let Options {
            service_url,
            access_key,
            secret_key,
            ..
        } = self.options;
        let body = json!({
            "cloudType": 8, "name": "Smoke", "serviceUrl": service_url,
            "accessKey": access_key, "secretKey": secret_key,
        });
        let account = self
            .expect(Method::POST, "v1/desktop/insert", Some(body), 200)
            .await?;
        if account["secretKey"] != "********" {
            return Err("insert: the secret key is not masked".into());
        }
        text(&account["id"])
    }

    async fn use_storage(&mut self, account: &str, address: &str) -> Result<()> {
        let bucket = &self.options.bucket;
        let buckets = self
            .storage("list_buckets", json!({"cloudAccountId": account}))
            .await?;
        if !buckets["data"]
            .as_array()
            .is_some_and(|all| all.iter().any(|one| one["name"] == bucket.as_str()))
        {
            return Err("list_buckets: the bucket is not there".into());
        }
        let folder = format!("smoke-{}", jiff::Timestamp::now().as_millisecond());
        let at = |extra: Value| {
            merged(
                json!({"cloudAccountId": account, "storageName": bucket}),
                extra,
            )
        };
        self.storage(
            "create_folder",
            at(json!({"path": "/", "folderName": folder})),
        )
        .await?;

        let name = "h\u{e9}llo +%#?&'\u{1f600}.txt";
        let key = format!("{folder}/{name}");
        let url = self
            .storage(
                "generate_upload_url",
                at(json!({"key": key, "contentType": "text/plain"})),
            )
            .await?;
        let upload = self
            .client
            .put(text(&url)?)
            .header("content-type", "text/plain")
            .body("Hello!")
            .send()
            .await?;
        self.step("the upload URL", upload.status(), StatusCode::OK)?;

        let listing = json!({"cloudAccountId": account, "bucketName": bucket, "path": folder});
        let page = self.storage("list_objects", listing.clone()).await?;
        if page["data"][0]["name"] != name || page["data"][0]["size"] != 6 {
            return Err(format!("list_objects: the upload is not there: {page}").into());
        }
        for force in [false, true] {
            let body = at(json!({"key": key, "forceToDownload": force}));
            let url = text(&self.storage("generate_download_url", body).await?)?;
            // Not every emulator answers the header that the URL asks for.
            let attachment = url.contains("response-content-disposition=attachment");
            let download = self.client.get(&url).send().await?;
            self.step("the download URL", download.status(), StatusCode::OK)?;
            if attachment != force || download.text().await? != "Hello!" {
                return Err(
                    "the download URL: other bytes or another disposition than asked for".into(),
                );
            }
        }
        let body = at(json!({"key": key, "email": address, "note": "From the smoke test."}));
        self.storage("send_download_url", body).await?;
        self.open_link(address).await?;
        self.storage("delete_object", at(json!({"key": format!("{folder}/")})))
            .await?;
        let page = self.storage("list_objects", listing).await?;
        if page["data"] != json!([]) {
            return Err(format!("delete_object: something is left: {page}").into());
        }
        Ok(())
    }

    /// Opens the mailed link, as a person does.
    async fn open_link(&mut self, address: &str) -> Result<()> {
        let link = self.mailed(address, find_link).await?;
        let page = self.client.get(&link).send().await?;
        self.step("the mailed link", page.status(), StatusCode::OK)?;
        if !page.text().await?.contains("<pre") {
            return Err("the mailed link: the page does not show the text".into());
        }
        let download = format!("{link}/content?download=1");
        let download = self.client.get(&download).send().await?;
        self.step("the page's download", download.status(), StatusCode::OK)?;
        if download.text().await? != "Hello!" {
            return Err("the page's download: other bytes".into());
        }
        let seen = self.client.post(format!("{link}/views")).send().await?;
        self.step("the page's view", seen.status(), StatusCode::NO_CONTENT)
    }

    async fn forward_logs(&mut self) -> Result<()> {
        let setting = json!({
            "token": "Splunk smoke-token", "serverAddress": "https://splunk.example.com/", "servicePort": "8088",
            "active": true, "provider": 1,
        });
        let path = |verb: &str| format!("v1/desktop/{verb}_accountlogsetting");
        let mut made = self
            .expect(Method::POST, &path("setup"), Some(setting.clone()), 200)
            .await?;
        self.expect(Method::POST, &path("setup"), Some(setting), 499)
            .await?;
        made["servicePort"] = json!("8089");
        let changed = self
            .expect(Method::PUT, &path("update"), Some(made), 200)
            .await?;
        if self.expect(Method::GET, &path("get"), None, 200).await? != changed {
            return Err("get_accountlogsetting: not what was set".into());
        }
        self.expect(Method::DELETE, &path("delete"), None, 200)
            .await?;
        Ok(())
    }

    async fn storage(&mut self, endpoint: &str, body: Value) -> Result<Value> {
        self.expect(
            Method::POST,
            &format!("v1/desktop/{endpoint}"),
            Some(body),
            200,
        )
        .await
    }

    async fn with_token(&mut self, path: &str, body: Value, status: u16) -> Result<Value> {
        let token = self
            .expect(Method::POST, "authentication/request_token", None, 200)
            .await?;
        self.expect(
            Method::POST,
            path,
            Some(merged(body, json!({"requestToken": token}))),
            status,
        )
        .await
    }

    /// What `find` finds in a mail to `address`. Mail takes a while on a deployment.
    async fn mailed(
        &mut self,
        address: &str,
        find: impl Fn(&str) -> Option<String>,
    ) -> Result<String> {
        let url = self.options.mail_url.replace("{address}", address);
        let patience = Instant::now() + Duration::from_mins(1);
        loop {
            let mails: Value = self.client.get(&url).send().await?.json().await?;
            if let Some(found) = find_for(&mails, address, &find) {
                return Ok(found);
            }
            if Instant::now() > patience {
                return Err(format!("no such mail came for {address}").into());
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    async fn expect(
        &mut self,
        method: Method,
        path: &str,
        body: Option<Value>,
        status: u16,
    ) -> Result<Value> {
        let mut request = self
            .client
            .request(method, format!("{}/api/{path}", self.options.url));
        if let Some(jwt) = &self.jwt {
            request = request.bearer_auth(jwt);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await?;
        let seen = response.status();
        let answer = answer(response).await?;
        self.step(path, seen, StatusCode::from_u16(status)?)
            .map_err(|error| format!("{error}: {answer}"))?;
        Ok(answer)
    }

    fn step(&mut self, what: &str, seen: StatusCode, wanted: StatusCode) -> Result<()> {
        let what = what.split('?').next().unwrap_or_default();
        if seen != wanted {
            return Err(format!("{what}: {seen} instead of {wanted}").into());
        }
        println!("{seen:.3} {what}", seen = seen.as_u16());
        self.steps += 1;
        Ok(())
    }
}

/// The JSON of an answer; `null` for none.
async fn answer(response: Response) -> Result<Value> {
    let body = response.bytes().await?;
    if body.is_empty() {
        Ok(Value::Null)
    } else {
        Ok(serde_json::from_slice(&body)?)
    }
}

/// What `find` finds first in an object that names the recipient, however deep: mailboxes differ in
/// shape.
fn find_for(
    mails: &Value,
    address: &str,
    find: &impl Fn(&str) -> Option<String>,
) -> Option<String> {
    let inner = match mails {
        Value::Array(list) => list.iter().find_map(|one| find_for(one, address, find)),
        Value::Object(map) => map.values().find_map(|one| find_for(one, address, find)),
        _ => None,
    };
    let object = || {
        mails
            .is_object()
            .then(|| mails.to_string())
            .filter(|text| text.contains(address))
    };
    inner.or_else(|| object().and_then(|text| find(&text)))
}

/// `XXXXX-XXXXX-XXXXXX-XXXXX-XXXXX`.
fn find_code(text: &str) -> Option<String> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
        .find(|word| word.split('-').map(str::len).eq([5, 5, 6, 5, 5]))
        .map(str::to_owned)
}

/// `https://HOST/v/ID`.
fn find_link(text: &str) -> Option<String> {
    let is_id = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let (before, _) = text.split_once("/v/")?;
    let start = before.rfind("http")?;
    let end = before.len() + "/v/".len();
    let length = text[end..].find(|c| !is_id(c))?;
    Some(text[start..end + length].to_owned())
}

fn merged(mut body: Value, extra: Value) -> Value {
    if let (Value::Object(body), Value::Object(extra)) = (&mut body, extra) {
        body.extend(extra);
    }
    body
}

fn text(value: &Value) -> Result<String> {
    value
        .as_str()
        .map(str::to_owned)
        .ok_or_else(|| format!("a string was expected: {value}").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_found_in_either_mailbox() {
        let code = "MPJTB-9D5MP-JTB9D5-MPJTB-9D5MM";
        let ours = json!([{"to": "b@x.com", "text": "none"}, {"to": "a@x.com", "text": format!("code:\n  {code}\n")}]);
        let other = json!({"ses": {"Message": [{"destinations": {"To": ["a@x.com"]}, "body": format!("<p>{code}</p>")}]}});
        let found = |mails, address| find_for(mails, address, &find_code);
        assert_eq!(found(&ours, "a@x.com").as_deref(), Some(code));
        assert_eq!(found(&other, "a@x.com").as_deref(), Some(code));
        assert_eq!(found(&ours, "b@x.com"), None);
    }

    #[test]
    fn the_link_is_found_in_text_and_in_html() {
        for text in [
            "open\n  https://x.com/v/a-_9\nnow",
            r#"<a href=\"https://x.com/v/a-_9\">"#,
        ] {
            assert_eq!(find_link(text).as_deref(), Some("https://x.com/v/a-_9"));
        }
    }
}

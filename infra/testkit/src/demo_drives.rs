use aws_sdk_s3::Client;
use aws_sdk_s3::config::Builder;
use shared::demo_drive::{self, DemoDrive};
use shared::domain::email::EmailAddress;

use crate::app::sdk_config;
use crate::{DEMO_BUCKET, TestApp, User};

/// Demo drives, and the platform's bucket from below.
impl TestApp {
    /// Gives `user` a demo drive, as a sign-up with Google does; answers its cloud account's id.
    pub async fn give_demo_drive(&self, user: &User<'_>) -> String {
        let email = EmailAddress::parse("email", &user.email).unwrap();
        let user = self.app.database().user_by_email(&email).await.unwrap();
        let drive = DemoDrive::new(&user.unwrap(), self.clock.now());
        demo_drive::put_welcome_file(&self.app, &drive)
            .await
            .unwrap();
        let database = self.app.database();
        database.create_demo_drive(&drive).await.unwrap();
        drive.cloud_account.id.to_string()
    }

    /// Every key of the platform's bucket, in order.
    pub async fn demo_keys(&self) -> Vec<String> {
        let page = self
            .platform_client()
            .list_objects_v2()
            .bucket(DEMO_BUCKET)
            .send()
            .await
            .unwrap();
        let keys = page.contents().iter().filter_map(|object| object.key());
        keys.map(str::to_owned).collect()
    }

    /// Puts an object into the platform's bucket.
    pub async fn put_demo_object(&self, key: &str, body: &'static [u8]) {
        let put = self.platform_client().put_object();
        put.bucket(DEMO_BUCKET)
            .key(key)
            .body(body.to_vec().into())
            .send()
            .await
            .unwrap();
    }

    fn platform_client(&self) -> Client {
        let config = sdk_config(self.platform_s3.url());
        Client::from_conf(Builder::from(&config).force_path_style(true).build())
    }
}

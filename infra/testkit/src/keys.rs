use data_encoding::BASE64;
use secrecy::ExposeSecret;
use serde_json::Value;
use shared::secrets;
use simulators::drives::Drives;

use crate::TestApp;
use crate::app::SECRET;

/// The platform's key document, for tests that rotate keys or forge tokens.
#[derive(Clone)]
pub struct KeyDocument(Value);

impl KeyDocument {
    /// Fresh keys, all called `id`.
    pub fn new(id: &str) -> Self {
        let text = secrets::new_document(id).unwrap();
        let mut document: Value = serde_json::from_str(text.expose_secret()).unwrap();
        document["oauth"] = Drives::apps();
        Self(document)
    }

    /// The document with another secret for one of the platform's apps.
    #[must_use]
    pub fn with_app_secret(mut self, slug: &str, secret: &str) -> Self {
        self.0["oauth"][slug]["clientSecret"] = Value::from(secret);
        self
    }

    /// The document without one of the platform's apps.
    #[must_use]
    pub fn without_app(mut self, slug: &str) -> Self {
        self.0["oauth"].as_object_mut().unwrap().remove(slug);
        self
    }

    /// The document as it is stored.
    pub fn text(&self) -> String {
        self.0.to_string()
    }

    /// The document after a rotation: fresh keys called `id` are active, the older ones still check.
    #[must_use]
    pub fn rotated_to(&self, id: &str) -> Self {
        let mut next = Self::new(id);
        for (ring, older) in self.0.as_object().unwrap() {
            if ring == "oauth" {
                continue;
            }
            for (id, key) in older["keys"].as_object().unwrap() {
                next.0[ring]["keys"][id] = key.clone();
            }
        }
        next
    }

    /// The private key (PKCS#8 in DER) that signs sessions as `id`.
    pub fn session_key(&self, id: &str) -> Vec<u8> {
        let key = self.0["jwt"]["keys"][id].as_str().unwrap();
        BASE64.decode(key.as_bytes()).unwrap()
    }
}

impl TestApp {
    /// What is in the secret store.
    pub fn keys(&self) -> KeyDocument {
        let text = self.control.secret(SECRET).expect("the secret is there");
        KeyDocument(serde_json::from_str(&text).unwrap())
    }

    /// Puts `keys` into the secret store; the service reads them when its cached ones are stale.
    pub fn set_keys(&self, keys: &KeyDocument) {
        self.control.set_secret(SECRET, keys.text());
    }
}

//! Tokens that the service did not make.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

/// A part of a token as JSON: 0 is the header, 1 the payload.
pub(crate) fn part(token: &str, index: usize) -> Value {
    let part = token
        .split('.')
        .nth(index)
        .expect("a token has three parts");
    serde_json::from_slice(&BASE64URL_NOPAD.decode(part.as_bytes()).unwrap()).unwrap()
}

/// The token with another header or payload under the old signature.
pub(crate) fn altered(token: &str, index: usize, change: impl FnOnce(&mut Value)) -> String {
    let mut json = part(token, index);
    change(&mut json);
    let mut parts: Vec<_> = token.split('.').map(str::to_owned).collect();
    parts[index] = BASE64URL_NOPAD.encode(json.to_string().as_bytes());
    parts.join(".")
}

/// The token's header, changed, and its payload, signed again.
pub(crate) fn resigned(
    token: &str,
    algorithm: Algorithm,
    kid: &Value,
    key: &EncodingKey,
) -> String {
    signed(&part(token, 1), algorithm, kid, key)
}

/// A token over `payload`.
pub(crate) fn signed(
    payload: &Value,
    algorithm: Algorithm,
    kid: &Value,
    key: &EncodingKey,
) -> String {
    let mut header = Header::new(algorithm);
    header.kid = kid.as_str().map(str::to_owned);
    jsonwebtoken::encode(&header, payload, key).unwrap()
}

/// The public half of a session key, as an attacker would use it for a secret: the point, the
/// point in base64url, and the PEM that everybody publishes.
pub(crate) fn public_key_as_secrets(private: &[u8]) -> Vec<EncodingKey> {
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, private).unwrap();
    let point = pair.public_key().as_ref().to_vec();
    // SubjectPublicKeyInfo of id-ecPublicKey on prime256v1 (RFC 5480), up to the point.
    let prefix = data_encoding::HEXLOWER
        .decode(b"3059301306072a8648ce3d020106082a8648ce3d030107034200")
        .unwrap();
    let der = [prefix, point.clone()].concat();
    let body = data_encoding::BASE64.encode(&der);
    let pem = format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n{}\n-----END PUBLIC KEY-----\n",
        &body[..64],
        &body[64..]
    );
    let base64 = BASE64URL_NOPAD.encode(&point).into_bytes();
    [point, base64, der, pem.into_bytes()]
        .map(|secret| EncodingKey::from_secret(&secret))
        .into()
}

/// Forgeries of a genuine token of either kind, made without its key, each with what it tries.
pub(crate) fn forgeries(genuine: &str, session_key: &[u8]) -> Vec<(String, String)> {
    let mut forged: Vec<(String, String)> = Vec::new();
    let mut add = |what: &str, token: String| forged.push((what.to_owned(), token));
    let payload = genuine.split('.').nth(1).unwrap();
    let [header, _, signature] = genuine.split('.').collect::<Vec<_>>()[..] else {
        unreachable!("a token has three parts")
    };

    for (what, token) in [
        ("nothing", ""),
        ("a dot", "."),
        ("two dots", ".."),
        ("words", "let me in"),
        ("a payload alone", payload),
        ("null", "null"),
        ("not ASCII", "🔑.🔑.🔑"),
    ] {
        add(what, token.to_owned());
    }
    add("no signature", format!("{header}.{payload}."));
    add("no signature, no dot", format!("{header}.{payload}"));
    add("a fourth part", format!("{genuine}.{signature}"));
    add(
        "a shorter signature",
        genuine[..genuine.len() - 4].to_owned(),
    );
    add("a longer signature", format!("{genuine}AAAA"));
    add(
        "a zero signature",
        format!("{header}.{payload}.{}", "A".repeat(signature.len())),
    );
    add(
        "a signature's first byte",
        format!("{header}.{payload}.{}", flipped(signature)),
    );
    add("padding", format!("{genuine}=="));
    add("16 kB", format!("{genuine}{}", "A".repeat(16_384)));
    add("60 kB of dots", ".".repeat(60_000));

    for name in ["none", "None", "NONE", "nOnE"] {
        let bare = altered(genuine, 0, |header| header["alg"] = json!(name));
        let end = bare.rfind('.').unwrap();
        add(&format!("alg {name}"), bare.clone());
        add(
            &format!("alg {name} without signature"),
            bare[..=end].to_owned(),
        );
    }
    for name in [
        "HS256", "HS384", "HS512", "ES256", "ES384", "RS256", "PS256", "EdDSA", "X", "",
    ] {
        if part(genuine, 0)["alg"] != name {
            let other = altered(genuine, 0, |header| header["alg"] = json!(name));
            add(&format!("alg {name:?}"), other);
        }
    }
    let later = |claims: &mut Value| claims["exp"] = json!(claims["exp"].as_i64().unwrap() + 3_600);
    add("a later exp", altered(genuine, 1, later));
    add(
        "a claim more",
        altered(genuine, 1, |claims| claims["admin"] = json!(true)),
    );
    forged.extend(by_other_keys(genuine, session_key));
    forged
}

/// The same claims under keys that are not the service's, or not for this.
fn by_other_keys(genuine: &str, session_key: &[u8]) -> Vec<(String, String)> {
    let mut forged: Vec<(String, String)> = Vec::new();
    let mut add = |what: &str, token: String| forged.push((what.to_owned(), token));
    let kid = part(genuine, 0)["kid"].clone();
    let kids = [
        json!(null),
        json!(7),
        json!(""),
        json!("k2"),
        json!("K1"),
        json!("k1 "),
        json!("../../../../dev/null"),
        json!("/dev/null"),
        json!("k1' OR '1'='1"),
        json!("https://evil.example/jwks.json"),
        json!("k".repeat(10_000)),
    ];
    for kid in kids {
        let what = format!("kid {:.40}", kid.to_string());
        add(
            &what,
            altered(genuine, 0, |header| header["kid"] = kid.clone()),
        );
        for secret in [&b""[..], b"\0", kid.as_str().unwrap_or_default().as_bytes()] {
            let key = EncodingKey::from_secret(secret);
            add(
                &format!("{what}, HS256"),
                resigned(genuine, Algorithm::HS256, &kid, &key),
            );
        }
    }
    for key in public_key_as_secrets(session_key) {
        let token = resigned(genuine, Algorithm::HS256, &kid, &key);
        add("HS256 over the public key", token);
    }
    let fresh = testkit::KeyDocument::new("k1").session_key("k1");
    let stranger = EncodingKey::from_ec_der(&fresh);
    add(
        "a stranger's key",
        resigned(genuine, Algorithm::ES256, &kid, &stranger),
    );
    let own = public_key_as_secrets(&fresh).remove(0);
    add(
        "a stranger's secret",
        resigned(genuine, Algorithm::HS256, &kid, &own),
    );
    forged
}

fn flipped(signature: &str) -> String {
    let first = if signature.starts_with('A') { "B" } else { "A" };
    format!("{first}{}", &signature[1..])
}

//! An S3 in memory behind s3s, which checks signatures and speaks the protocol. Its keys are any
//! Unicode, as the service's are.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::Router;
use axum::error_handling::HandleError;
use http_body_util::BodyExt;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use s3s::auth::SimpleAuth;
use s3s::dto::{
    Bucket, CommonPrefix, DeleteObjectInput, DeleteObjectOutput, DeleteObjectsInput, DeleteObjectsOutput, EncodingType,
    Error, GetObjectInput, GetObjectOutput, HeadBucketInput, HeadBucketOutput, ListBucketsInput, ListBucketsOutput,
    ListObjectsV2Input, ListObjectsV2Output, Object, PutObjectInput, PutObjectOutput, StreamingBlob, Timestamp,
};
use s3s::service::S3ServiceBuilder;
use s3s::{Body, HttpError, S3, S3Request, S3Response, S3Result, s3_error};
use tokio::net::TcpListener;

use crate::{ACCESS_KEY, BUCKET, SECRET_KEY, any_port};

/// What Amazon leaves as it is in keys with `encoding-type=url`.
const UNENCODED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'*').remove(b'/').remove(b' ');

#[derive(Clone, Default)]
pub(crate) struct Memory(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    objects: BTreeMap<String, Stored>,
    deletes_many: bool,
    locked: Option<String>,
    requests: Vec<&'static str>,
}

#[derive(Clone)]
struct Stored {
    bytes: Vec<u8>,
    content_type: Option<String>,
}

impl Memory {
    /// Starts a server with one bucket, [`BUCKET`], and answers its URL.
    pub(crate) async fn start() -> (Self, String) {
        let memory = Self::default();
        memory.0.lock().unwrap().deletes_many = true;
        let mut service = S3ServiceBuilder::new(memory.clone());
        service.set_auth(SimpleAuth::from_single(ACCESS_KEY, SECRET_KEY));
        let service = HandleError::new(service.build(), async |error: HttpError| format!("{error:?}"));
        let listener = TcpListener::bind(any_port()).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(axum::serve(listener, Router::new().fallback_service(service)).into_future());
        (memory, url)
    }

    pub(crate) fn put(&self, key: &str, bytes: &[u8]) {
        let stored = Stored { bytes: bytes.to_owned(), content_type: None };
        self.0.lock().unwrap().objects.insert(key.to_owned(), stored);
    }

    pub(crate) fn keys(&self) -> Vec<String> {
        self.0.lock().unwrap().objects.keys().cloned().collect()
    }

    pub(crate) fn bytes(&self, key: &str) -> Option<Vec<u8>> {
        self.0.lock().unwrap().objects.get(key).map(|stored| stored.bytes.clone())
    }

    /// From now on the server has no `DeleteObjects`.
    pub(crate) fn forget_delete_objects(&self) {
        self.0.lock().unwrap().deletes_many = false;
    }

    /// From now on this key cannot be deleted.
    pub(crate) fn lock_key(&self, key: &str) {
        self.0.lock().unwrap().locked = Some(key.to_owned());
    }

    /// The operations so far.
    pub(crate) fn requests(&self) -> Vec<&'static str> {
        self.0.lock().unwrap().requests.clone()
    }

    fn enter(&self, operation: &'static str, bucket: &str) -> S3Result<std::sync::MutexGuard<'_, State>> {
        let mut state = self.0.lock().unwrap();
        state.requests.push(operation);
        if bucket == BUCKET { Ok(state) } else { Err(s3_error!(NoSuchBucket)) }
    }
}

#[async_trait]
impl S3 for Memory {
    async fn list_buckets(&self, _: S3Request<ListBucketsInput>) -> S3Result<S3Response<ListBucketsOutput>> {
        let bucket = Bucket { name: Some(BUCKET.to_owned()), ..Bucket::default() };
        Ok(S3Response::new(ListBucketsOutput { buckets: Some(vec![bucket]), ..Default::default() }))
    }

    async fn head_bucket(&self, request: S3Request<HeadBucketInput>) -> S3Result<S3Response<HeadBucketOutput>> {
        self.enter("HeadBucket", &request.input.bucket)?;
        Ok(S3Response::new(HeadBucketOutput::default()))
    }

    async fn put_object(&self, request: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
        let PutObjectInput { bucket, key, body, content_type, .. } = request.input;
        let bytes = match body {
            Some(body) => Body::from(body).collect().await.unwrap().to_bytes().to_vec(),
            None => Vec::new(),
        };
        let stored = Stored { bytes, content_type };
        self.enter("PutObject", &bucket)?.objects.insert(key, stored);
        Ok(S3Response::new(PutObjectOutput::default()))
    }

    async fn get_object(&self, request: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
        let input = request.input;
        let stored = self.enter("GetObject", &input.bucket)?.objects.get(&input.key).cloned();
        let stored = stored.ok_or_else(|| s3_error!(NoSuchKey))?;
        Ok(S3Response::new(GetObjectOutput {
            content_length: i64::try_from(stored.bytes.len()).ok(),
            body: Some(StreamingBlob::from(Body::from(stored.bytes))),
            content_type: stored.content_type,
            content_disposition: input.response_content_disposition,
            ..Default::default()
        }))
    }

    async fn delete_object(&self, request: S3Request<DeleteObjectInput>) -> S3Result<S3Response<DeleteObjectOutput>> {
        let mut state = self.enter("DeleteObject", &request.input.bucket)?;
        if state.locked.as_ref() == Some(&request.input.key) {
            return Err(s3_error!(AccessDenied));
        }
        state.objects.remove(&request.input.key);
        Ok(S3Response::new(DeleteObjectOutput::default()))
    }

    async fn delete_objects(
        &self,
        request: S3Request<DeleteObjectsInput>,
    ) -> S3Result<S3Response<DeleteObjectsOutput>> {
        let mut state = self.enter("DeleteObjects", &request.input.bucket)?;
        if !state.deletes_many {
            return Err(s3_error!(NotImplemented));
        }
        let mut errors = Vec::new();
        for object in request.input.delete.objects {
            if state.locked.as_ref() == Some(&object.key) {
                let code = Some("AccessDenied".to_owned());
                errors.push(Error { code, key: Some(object.key), ..Error::default() });
            } else {
                state.objects.remove(&object.key);
            }
        }
        Ok(S3Response::new(DeleteObjectsOutput { errors: Some(errors), ..Default::default() }))
    }

    async fn list_objects_v2(
        &self,
        request: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        let input = request.input;
        let state = self.enter("ListObjectsV2", &input.bucket)?;
        let prefix = input.prefix.unwrap_or_default();
        let count = usize::try_from(input.max_keys.unwrap_or(1_000)).unwrap();
        let encode = |text: &str| match &input.encoding_type {
            Some(_) => utf8_percent_encode(text, UNENCODED).to_string().replace(' ', "+"),
            None => text.to_owned(),
        };
        let (mut contents, mut prefixes, mut truncated) = (Vec::new(), Vec::new(), false);
        let mut last = input.continuation_token.unwrap_or_default();
        let after = (Bound::Excluded(last.clone()), Bound::Unbounded);
        for (key, stored) in state.objects.range(after).filter(|(key, _)| key.starts_with(&prefix)) {
            // The token of a page that ends in a folder is the folder.
            if last.ends_with('/') && last.len() > prefix.len() && key.starts_with(&last) {
                continue;
            }
            if contents.len() + prefixes.len() == count {
                truncated = true;
                break;
            }
            let rest = &key[prefix.len()..];
            let folder = input.delimiter.as_ref().and_then(|delimiter| rest.find(delimiter.as_str()));
            if let Some(end) = folder {
                last = format!("{prefix}{}", &rest[..=end]);
                prefixes.push(CommonPrefix { prefix: Some(encode(&last)) });
            } else {
                last.clone_from(key);
                contents.push(Object {
                    key: Some(encode(key)),
                    size: i64::try_from(stored.bytes.len()).ok(),
                    last_modified: Some(Timestamp::from(std::time::UNIX_EPOCH)),
                    ..Object::default()
                });
            }
        }
        Ok(S3Response::new(ListObjectsV2Output {
            is_truncated: Some(truncated),
            next_continuation_token: truncated.then_some(last),
            contents: Some(contents),
            common_prefixes: Some(prefixes),
            encoding_type: input.encoding_type.map(|_| EncodingType::from_static(EncodingType::URL)),
            ..Default::default()
        }))
    }
}

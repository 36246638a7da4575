//! S3's keys over s3s-fs, which knows only those that are paths. Every request is translated: s3s-fs
//! reads and writes bytes under a name made of the key, and what depends on keys is answered here.

use std::io;
use std::path::Path;

use s3s::dto::{
    AbortMultipartUploadInput, AbortMultipartUploadOutput, CompleteMultipartUploadInput,
    CompleteMultipartUploadOutput, CopyObjectInput, CopyObjectOutput, CopySource,
    CreateBucketInput, CreateBucketOutput, CreateMultipartUploadInput, CreateMultipartUploadOutput,
    DeleteBucketInput, DeleteBucketOutput, DeleteObjectInput, DeleteObjectOutput,
    DeleteObjectsInput, DeleteObjectsOutput, DeletedObject, Error, GetBucketLocationInput,
    GetBucketLocationOutput, GetObjectInput, GetObjectOutput, HeadBucketInput, HeadBucketOutput,
    HeadObjectInput, HeadObjectOutput, ListBucketsInput, ListBucketsOutput, ListObjectsInput,
    ListObjectsOutput, ListObjectsV2Input, ListObjectsV2Output, ListPartsInput, ListPartsOutput,
    PutObjectInput, PutObjectOutput, Range, UploadPartCopyInput, UploadPartCopyOutput,
    UploadPartInput, UploadPartOutput,
};
use s3s::{S3, S3Request, S3Response, S3Result, s3_error};
use s3s_fs::FileSystem;
use tokio::sync::{Mutex, RwLock};

use super::s3_conditions::{ReadCondition, WriteCondition, check_copy};
use super::s3_index::{Index, stored_name, upload_name};
use super::{s3_listing, s3_parts};

/// Where every bucket is.
const REGION: &str = "us-east-1";
const DELETED_AT_ONCE_MAX: usize = 1000;
/// What S3 takes an object for whose writer does not say.
const UNKNOWN_TYPE: &str = "binary/octet-stream";

type Answer<T> = S3Result<S3Response<T>>;

/// s3s-fs behind an index of keys.
///
/// A reader holds the index until s3s-fs has opened the file, and a commit has it alone: so no one
/// reads the bytes of one version and the checksum of another.
pub(super) struct KeyedFiles {
    files: FileSystem,
    index: RwLock<Index>,
    /// Uploads of one key are assembled under one name, so one at a time.
    completing: Mutex<()>,
}

impl KeyedFiles {
    /// Everything that is below `root`, which must be there.
    pub(super) fn open(root: &Path) -> io::Result<Self> {
        let files =
            FileSystem::new(root).map_err(|error| io::Error::other(format!("{error:?}")))?;
        Ok(Self {
            files,
            index: RwLock::new(Index::load(root)?),
            completing: Mutex::new(()),
        })
    }

    async fn check_bucket(&self, bucket: &str) -> S3Result<()> {
        self.index.read().await.keys(bucket).map(drop)
    }

    /// Checks that an upload is under way and puts the name it has in place of the key.
    async fn translate_upload(&self, bucket: &str, key: &mut String, id: &str) -> S3Result<()> {
        self.index.read().await.check_upload(bucket, key, id)?;
        *key = upload_name(key);
        Ok(())
    }
}

/// Puts the stored name in place of a source's key, which must exist.
fn translate_source(index: &Index, source: &mut CopySource) -> S3Result<()> {
    match source {
        CopySource::Bucket { bucket, key, .. } => {
            index.object(bucket, key)?;
            *key = stored_name(key).into();
            Ok(())
        }
        _ => Err(s3_error!(
            NotImplemented,
            "There are no access points and no outposts here"
        )),
    }
}

#[async_trait::async_trait]
impl S3 for KeyedFiles {
    async fn create_bucket(
        &self,
        request: S3Request<CreateBucketInput>,
    ) -> Answer<CreateBucketOutput> {
        let location = Some(format!("/{}", request.input.bucket));
        // In this region one's own bucket may be created again.
        if self.check_bucket(&request.input.bucket).await.is_err() {
            self.files.create_bucket(request).await?;
        }
        Ok(S3Response::new(CreateBucketOutput { location }))
    }

    async fn delete_bucket(
        &self,
        request: S3Request<DeleteBucketInput>,
    ) -> Answer<DeleteBucketOutput> {
        let bucket = request.input.bucket.clone();
        let mut index = self.index.write().await;
        if !index.keys(&bucket)?.is_empty() {
            return Err(s3_error!(
                BucketNotEmpty,
                "The bucket you tried to delete is not empty"
            ));
        }
        let answer = self.files.delete_bucket(request).await?;
        index.remove_bucket(&bucket)?;
        Ok(answer)
    }

    async fn head_bucket(&self, request: S3Request<HeadBucketInput>) -> Answer<HeadBucketOutput> {
        self.check_bucket(&request.input.bucket).await?;
        Ok(S3Response::new(HeadBucketOutput {
            bucket_region: Some(REGION.to_owned()),
            ..HeadBucketOutput::default()
        }))
    }

    /// The answer is empty: that is the name of `us-east-1` here.
    async fn get_bucket_location(
        &self,
        request: S3Request<GetBucketLocationInput>,
    ) -> Answer<GetBucketLocationOutput> {
        self.check_bucket(&request.input.bucket).await?;
        Ok(S3Response::new(GetBucketLocationOutput::default()))
    }

    async fn list_buckets(
        &self,
        request: S3Request<ListBucketsInput>,
    ) -> Answer<ListBucketsOutput> {
        let input = request.input.clone();
        let all = self.files.list_buckets(request).await?.output;
        Ok(S3Response::new(s3_listing::buckets(all, input, REGION)?))
    }

    async fn list_objects(
        &self,
        request: S3Request<ListObjectsInput>,
    ) -> Answer<ListObjectsOutput> {
        let name = request.input.bucket.clone();
        let index = self.index.read().await;
        let listed = s3_listing::version_1(index.keys(&name)?, request.input)?;
        Ok(S3Response::new(ListObjectsOutput {
            name: Some(name),
            ..listed
        }))
    }

    async fn list_objects_v2(
        &self,
        request: S3Request<ListObjectsV2Input>,
    ) -> Answer<ListObjectsV2Output> {
        let name = request.input.bucket.clone();
        let index = self.index.read().await;
        let listed = s3_listing::version_2(index.keys(&name)?, request.input)?;
        Ok(S3Response::new(ListObjectsV2Output {
            name: Some(name),
            ..listed
        }))
    }

    async fn get_object(&self, mut request: S3Request<GetObjectInput>) -> Answer<GetObjectOutput> {
        let index = self.index.read().await;
        let input = &mut request.input;
        let stored = index.object(&input.bucket, &input.key)?;
        ReadCondition::from(&*input).check(stored)?;
        input.key = stored_name(&input.key);
        // s3s-fs would seek to before the start.
        if let Some(Range::Suffix { length }) = &mut input.range {
            *length = stored.size.min(*length);
        }
        let mut answer = self.files.get_object(request).await?;
        answer.output.accept_ranges = Some("bytes".to_owned());
        Ok(answer)
    }

    async fn head_object(
        &self,
        mut request: S3Request<HeadObjectInput>,
    ) -> Answer<HeadObjectOutput> {
        let index = self.index.read().await;
        let input = &mut request.input;
        let stored = index.object(&input.bucket, &input.key)?;
        ReadCondition::from(&*input).check(stored)?;
        input.key = stored_name(&input.key);
        let mut answer = self.files.head_object(request).await?;
        answer.output.accept_ranges = Some("bytes".to_owned());
        Ok(answer)
    }

    async fn put_object(&self, mut request: S3Request<PutObjectInput>) -> Answer<PutObjectOutput> {
        let input = &mut request.input;
        let (bucket, key) = (input.bucket.clone(), input.key.clone());
        let condition = WriteCondition {
            if_match: input.if_match.take(),
            if_none_match: input.if_none_match.take(),
        };
        let staged = self.index.read().await.stage(&bucket, &key)?;
        input.key.clone_from(&staged.name);
        input
            .content_type
            .get_or_insert_with(|| UNKNOWN_TYPE.to_owned());
        let answer = self.files.put_object(request).await?;
        let e_tag = answer.output.e_tag.as_ref();
        let mut index = self.index.write().await;
        index.commit(&bucket, &key, &staged, e_tag, &condition)?;
        Ok(answer)
    }

    async fn copy_object(
        &self,
        mut request: S3Request<CopyObjectInput>,
    ) -> Answer<CopyObjectOutput> {
        let input = &mut request.input;
        let (bucket, key) = (input.bucket.clone(), input.key.clone());
        check_copy(input)?;
        let index = self.index.read().await;
        let staged = index.stage(&bucket, &key)?;
        translate_source(&index, &mut input.copy_source)?;
        input.key.clone_from(&staged.name);
        let answer = self.files.copy_object(request).await?;
        drop(index);
        let result = answer.output.copy_object_result.as_ref();
        let e_tag = result.and_then(|result| result.e_tag.as_ref());
        let mut index = self.index.write().await;
        index.commit(&bucket, &key, &staged, e_tag, &WriteCondition::default())?;
        Ok(answer)
    }

    async fn delete_object(
        &self,
        request: S3Request<DeleteObjectInput>,
    ) -> Answer<DeleteObjectOutput> {
        let input = request.input;
        let condition = WriteCondition {
            if_match: input.if_match,
            if_none_match: None,
        };
        let mut index = self.index.write().await;
        condition.check(index.keys(&input.bucket)?.get(&input.key))?;
        index.remove(&input.bucket, &input.key)?;
        Ok(S3Response::new(DeleteObjectOutput::default()))
    }

    async fn delete_objects(
        &self,
        request: S3Request<DeleteObjectsInput>,
    ) -> Answer<DeleteObjectsOutput> {
        let DeleteObjectsInput { bucket, delete, .. } = request.input;
        let mut index = self.index.write().await;
        index.keys(&bucket)?;
        if delete.objects.is_empty() || delete.objects.len() > DELETED_AT_ONCE_MAX {
            return Err(s3_error!(
                MalformedXML,
                "The XML you provided was not well-formed or did not validate against our \
                 published schema"
            ));
        }
        let (mut deleted, mut errors) = (Vec::new(), Vec::new());
        for object in delete.objects {
            match index.remove(&bucket, &object.key) {
                Ok(()) if delete.quiet == Some(true) => {}
                Ok(()) => deleted.push(DeletedObject {
                    key: Some(object.key),
                    version_id: object.version_id,
                    ..DeletedObject::default()
                }),
                Err(error) => errors.push(Error {
                    code: Some(error.code().as_str().to_owned()),
                    key: Some(object.key),
                    message: error.message().map(str::to_owned),
                    version_id: object.version_id,
                }),
            }
        }
        Ok(S3Response::new(DeleteObjectsOutput {
            deleted: Some(deleted),
            errors: Some(errors),
            ..DeleteObjectsOutput::default()
        }))
    }

    async fn create_multipart_upload(
        &self,
        mut request: S3Request<CreateMultipartUploadInput>,
    ) -> Answer<CreateMultipartUploadOutput> {
        let input = &mut request.input;
        let key = input.key.clone();
        self.check_bucket(&input.bucket).await?;
        input.key = upload_name(&key);
        input
            .content_type
            .get_or_insert_with(|| UNKNOWN_TYPE.to_owned());
        let mut answer = self.files.create_multipart_upload(request).await?;
        answer.output.key = Some(key);
        Ok(answer)
    }

    async fn upload_part(
        &self,
        mut request: S3Request<UploadPartInput>,
    ) -> Answer<UploadPartOutput> {
        let input = &mut request.input;
        s3_parts::check_number(input.part_number)?;
        self.translate_upload(&input.bucket, &mut input.key, &input.upload_id)
            .await?;
        self.files.upload_part(request).await
    }

    async fn upload_part_copy(
        &self,
        mut request: S3Request<UploadPartCopyInput>,
    ) -> Answer<UploadPartCopyOutput> {
        let input = &mut request.input;
        s3_parts::check_number(input.part_number)?;
        self.translate_upload(&input.bucket, &mut input.key, &input.upload_id)
            .await?;
        let index = self.index.read().await;
        translate_source(&index, &mut input.copy_source)?;
        self.files.upload_part_copy(request).await
    }

    async fn list_parts(&self, mut request: S3Request<ListPartsInput>) -> Answer<ListPartsOutput> {
        let input = &mut request.input;
        let asked = input.clone();
        self.translate_upload(&input.bucket, &mut input.key, &input.upload_id)
            .await?;
        let answer = self.files.list_parts(request).await?;
        Ok(answer.map_output(|all| s3_parts::page(all, asked)))
    }

    async fn complete_multipart_upload(
        &self,
        mut request: S3Request<CompleteMultipartUploadInput>,
    ) -> Answer<CompleteMultipartUploadOutput> {
        let input = &mut request.input;
        let (bucket, key) = (input.bucket.clone(), input.key.clone());
        let condition = WriteCondition {
            if_match: input.if_match.take(),
            if_none_match: input.if_none_match.take(),
        };
        let _alone = self.completing.lock().await;
        self.translate_upload(&bucket, &mut input.key, &input.upload_id)
            .await?;
        let list = ListPartsInput {
            bucket: bucket.clone(),
            key: input.key.clone(),
            upload_id: input.upload_id.clone(),
            ..ListPartsInput::default()
        };
        // s3s-fs ends the upload before it looks at the parts: what may be put right and tried
        // again is refused before it does.
        let there = self.files.list_parts(request.clone().map_input(|_| list));
        let there = there.await?.output.parts.unwrap_or_default();
        s3_parts::check(request.input.multipart_upload.as_ref(), &there)?;
        let staged = {
            let index = self.index.read().await;
            condition.check(index.keys(&bucket)?.get(&key))?;
            index.stage_upload(&bucket, &key)
        };

        let mut answer = self.files.complete_multipart_upload(request).await?;
        if let Some(assembled) = answer.output.future.take() {
            answer.output = assembled.await?;
        }
        answer.output.key = Some(key.clone());
        let e_tag = answer.output.e_tag.as_ref();
        let mut index = self.index.write().await;
        index.commit(&bucket, &key, &staged, e_tag, &condition)?;
        Ok(answer)
    }

    async fn abort_multipart_upload(
        &self,
        mut request: S3Request<AbortMultipartUploadInput>,
    ) -> Answer<AbortMultipartUploadOutput> {
        let input = &mut request.input;
        self.translate_upload(&input.bucket, &mut input.key, &input.upload_id)
            .await?;
        self.files.abort_multipart_upload(request).await
    }
}

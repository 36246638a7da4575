//! The check of a request at the moment it is sent.

use std::sync::Arc;

use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextRef;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

use super::resolver::GuardedResolver;
use super::{EgressPolicy, Refused, ServiceUrl};

/// Puts the request's destination to the rules of [`ServiceUrl`].
///
/// The URI is read by the parser that the connection uses, so both see the same host.
fn judge(request: &HttpRequest, policy: &EgressPolicy) -> Result<(), Refused> {
    let uri: http::Uri = request.uri().parse().map_err(|_| Refused::Form)?;
    let (Some(scheme), Some(authority)) = (uri.scheme(), uri.authority()) else {
        return Err(Refused::Form);
    };
    ServiceUrl::judge(&format!("{scheme}://{authority}"), policy).map(drop)
}

/// An HTTP client that refuses forbidden destinations by itself, so that nothing depends on the
/// interceptor being remembered.
#[derive(Debug)]
pub(super) struct GuardedClient {
    policy: Arc<EgressPolicy>,
    inner: SharedHttpClient,
}

impl GuardedClient {
    pub(super) fn new(policy: Arc<EgressPolicy>, resolver: GuardedResolver) -> Self {
        // Without an explicit configuration of proxies this client uses none, whatever the
        // environment says; with one, the proxy would resolve the name in our place.
        let inner = Builder::new()
            .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
            .build_with_resolver(resolver);
        Self { policy, inner }
    }
}

// `validate_base_client_config` stays the default, which does nothing: the inner one sets up TLS
// with all root certificates to throw it away, for every AWS client, and we make one per request.
impl HttpClient for GuardedClient {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(GuardedConnector {
            policy: Arc::clone(&self.policy),
            inner: self.inner.http_connector(settings, components),
        })
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        self.inner.connector_metadata()
    }
}

#[derive(Debug)]
struct GuardedConnector {
    policy: Arc<EgressPolicy>,
    inner: SharedHttpConnector,
}

impl HttpConnector for GuardedConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        if let Err(refused) = judge(&request, &self.policy) {
            return HttpConnectorFuture::ready(Err(ConnectorError::user(refused.into())));
        }
        let response = self.inner.call(request);
        HttpConnectorFuture::new(async move { response.await.map_err(without_retry) })
    }
}

/// A refused name counts as a failed connection, which AWS clients try again; it would only be
/// refused again.
fn without_retry(error: ConnectorError) -> ConnectorError {
    match Refused::find(&error) {
        Some(_) => ConnectorError::user(error.into()),
        None => error,
    }
}

/// The same check inside an AWS client.
#[derive(Debug)]
pub(super) struct RequestGuard {
    policy: Arc<EgressPolicy>,
}

impl RequestGuard {
    pub(super) fn new(policy: Arc<EgressPolicy>) -> Self {
        Self { policy }
    }
}

impl Intercept for RequestGuard {
    fn name(&self) -> &'static str {
        "RequestGuard"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        Ok(judge(context.request(), &self.policy)?)
    }
}

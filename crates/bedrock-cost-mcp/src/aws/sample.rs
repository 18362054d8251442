//! The seam to the simulated account: the unchanged AWS SDK sends its requests here instead of to a socket.

use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
    },
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
    runtime_components::RuntimeComponents,
};
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use sample_account::SampleAccount;

/// An HTTP client whose other end is a [`SampleAccount`] in this process.
#[derive(Clone, Debug)]
pub(crate) struct SampleClient(SampleAccount);

impl SampleClient {
    pub(crate) fn new(account: SampleAccount) -> Self {
        Self(account)
    }
}

impl HttpConnector for SampleClient {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let account = self.0.clone();
        HttpConnectorFuture::new(async move {
            let request = request
                .try_into_http1x()
                .map_err(|error| ConnectorError::user(error.into()))?
                .map(|body| Bytes::copy_from_slice(body.bytes().unwrap_or_default()));
            let response = account
                .respond(request)
                .await
                .map_err(|failure| ConnectorError::io(failure.into()))?;
            HttpResponse::try_from(response.map(SdkBody::from))
                .map_err(|error| ConnectorError::user(error.into()))
        })
    }
}

impl HttpClient for SampleClient {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

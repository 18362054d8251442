//! Finds the service and operation a request asks for: all services share one endpoint.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Method, Request};

use super::{Protocol, rest};
use crate::fault::Fault;
use crate::service::Service;

/// Where a request goes, as far as it can be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) service: Option<Service>,
    pub(crate) operation: String,
    pub(crate) protocol: Protocol,
}

/// Routes by path, target header or form action.
pub(crate) fn route(request: &Request<Bytes>) -> Route {
    let path = request.uri().path();
    let header = |name: &str| {
        let value = request.headers().get(name)?;
        value.to_str().ok()
    };
    let content_type = header(CONTENT_TYPE.as_str()).unwrap_or_default();
    let post = request.method() == Method::POST;

    let segments: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    if let &["service", prefix, "operation", operation] = segments.as_slice() {
        let spoken = post && header("smithy-protocol") == Some("rpc-v2-cbor");
        // Of the services here only CloudWatch speaks this protocol.
        let service = Service::with_target_prefix(prefix).filter(|s| *s == Service::CloudWatch);
        return Route {
            service: service.filter(|_| spoken),
            operation: operation.to_owned(),
            protocol: Protocol::Cbor,
        };
    }
    if let Some(target) = header("x-amz-target") {
        let (prefix, operation) = target.rsplit_once('.').unwrap_or((target, ""));
        let (protocol, spoken) = match content_type.split(';').next().unwrap_or_default().trim() {
            "application/x-amz-json-1.0" => (Protocol::AwsJson10, true),
            "application/x-amz-json-1.1" => (Protocol::AwsJson11, true),
            _ => (Protocol::AwsJson11, false),
        };
        return Route {
            service: Service::with_target_prefix(prefix).filter(|_| post && spoken && path == "/"),
            operation: operation.to_owned(),
            protocol,
        };
    }
    if post && path == "/" && content_type.starts_with("application/x-www-form-urlencoded") {
        let mut form = form_urlencoded::parse(request.body());
        let action = form.find(|(name, _)| name == "Action");
        return Route {
            service: Some(Service::Sts),
            operation: action
                .map(|(_, action)| action.into_owned())
                .unwrap_or_default(),
            protocol: Protocol::Query,
        };
    }
    let found = rest::find(request.method(), path);
    Route {
        service: found.map(|(service, _)| service),
        operation: found
            .map(|(_, operation)| operation.to_owned())
            .unwrap_or_default(),
        protocol: Protocol::RestJson,
    }
}

/// What AWS answers to an operation it does not know.
pub(crate) fn unknown_operation(route: &Route) -> Fault {
    match route.protocol {
        Protocol::Query => Fault::new(
            "InvalidAction",
            format!(
                "Could not find operation {} for version 2011-06-15",
                route.operation
            ),
        ),
        Protocol::AwsJson10 | Protocol::AwsJson11 => Fault::new("UnknownOperationException", ""),
        Protocol::Cbor | Protocol::RestJson => {
            Fault::new("UnknownOperationException", "").with_status(404)
        }
    }
}

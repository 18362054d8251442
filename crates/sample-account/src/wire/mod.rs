//! The wire protocols: from an HTTP request to an operation and its input, and back.

mod cbor;
mod query;
mod rest;
mod route;
mod signature;
mod timestamp;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName};
use http::{HeaderValue, Response, StatusCode};
use serde_json::{Map, Value, json};

use crate::decode::Unreadable;
use crate::fault::Fault;
use crate::model::{MODELS, Operation, ServiceModel};
use crate::service::Service;

pub(crate) use route::{Route, route, unknown_operation};
pub(crate) use signature::scope;

/// A wire protocol of AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    AwsJson10,
    AwsJson11,
    Cbor,
    Query,
    RestJson,
}

impl Protocol {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::AwsJson10 => "awsJson1.0",
            Self::AwsJson11 => "awsJson1.1",
            Self::Cbor => "rpcv2Cbor",
            Self::Query => "query",
            Self::RestJson => "restJson1",
        }
    }

    fn content_type(self) -> &'static str {
        match self {
            Self::AwsJson10 => "application/x-amz-json-1.0",
            Self::AwsJson11 => "application/x-amz-json-1.1",
            Self::Cbor => "application/cbor",
            Self::Query => "text/xml",
            Self::RestJson => "application/json",
        }
    }
}

/// An operation that a request was found to ask for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call {
    pub(crate) service: Service,
    pub(crate) model: &'static ServiceModel,
    pub(crate) name: &'static str,
    pub(crate) operation: &'static Operation,
    pub(crate) protocol: Protocol,
}

impl Call {
    /// The modelled operation of a route, or none where AWS knows no such operation.
    pub(crate) fn find(route: &Route) -> Option<Self> {
        let service = route.service?;
        let model = MODELS.service(service.id())?;
        let (name, operation) = model.operations.get_key_value(&route.operation)?;
        Some(Self {
            service,
            model,
            name,
            operation,
            protocol: route.protocol,
        })
    }
}

/// Reads the body, path and query string of a request as one JSON value.
pub(crate) fn read_input(call: &Call, request: &http::Request<Bytes>) -> Result<Value, Unreadable> {
    let body = request.body();
    match call.protocol {
        Protocol::RestJson => rest::read(call.model, call.operation, request),
        // GetCallerIdentity, the one query operation here, takes no input.
        Protocol::Query => Ok(json!({})),
        _ if body.is_empty() => Ok(json!({})),
        Protocol::Cbor => cbor::read(body),
        Protocol::AwsJson10 | Protocol::AwsJson11 => {
            serde_json::from_slice(body).map_err(|_| Unreadable(""))
        }
    }
}

/// Writes an operation's output, already checked against its shape.
pub(crate) fn write_output(call: &Call, output: &Value, request_id: &str) -> Response<Bytes> {
    let shape = call.operation.output.as_str();
    let body = match call.protocol {
        Protocol::AwsJson10 | Protocol::AwsJson11 => json_bytes(output),
        Protocol::RestJson => json_bytes(&timestamp::as_text(call.model, shape, output)),
        Protocol::Cbor => cbor::write(call.model, shape, output),
        Protocol::Query => query::result(call.name, output, request_id),
    };
    respond(call.protocol, StatusCode::OK, body, request_id)
}

/// Writes an error as the protocol and the service word it.
pub(crate) fn write_fault(
    route: &Route,
    operation: Option<&Operation>,
    fault: &Fault,
    request_id: &str,
) -> Response<Bytes> {
    let modeled = operation.is_some_and(|o| o.errors.contains(&fault.error_type));
    // Cost Explorer, Price List and Budgets spell the text of their own errors with a capital.
    let text = match route.service {
        Some(Service::CostExplorer | Service::Pricing | Service::Budgets) if modeled => "Message",
        Some(Service::CloudWatch) if fault.error_type == "InternalServiceFault" => "Message",
        _ => "message",
    };
    let status = StatusCode::from_u16(fault.http_status).unwrap_or(StatusCode::BAD_REQUEST);
    let mut body = Map::new();
    match route.protocol {
        Protocol::AwsJson10 | Protocol::AwsJson11 => {
            body.insert("__type".to_owned(), Value::from(fault.error_type.as_str()));
        }
        Protocol::Cbor => {
            let name = format!("com.amazonaws.cloudwatch#{}", fault.error_type);
            body.insert("__type".to_owned(), Value::from(name));
        }
        Protocol::Query | Protocol::RestJson => {}
    }
    if !fault.message.is_empty() {
        body.insert(text.to_owned(), Value::from(fault.message.as_str()));
    }
    let body = Value::Object(body);
    let bytes = match route.protocol {
        Protocol::AwsJson10 | Protocol::AwsJson11 | Protocol::RestJson => json_bytes(&body),
        Protocol::Cbor => cbor::write_untyped(&body),
        Protocol::Query => query::error(fault, request_id),
    };
    let mut response = respond(route.protocol, status, bytes, request_id);
    let headers = response.headers_mut();
    if let Some(wait) = fault.retry_after {
        headers.insert(http::header::RETRY_AFTER, HeaderValue::from(wait.as_secs()));
    }
    if route.protocol == Protocol::RestJson
        && let Ok(name) = HeaderValue::from_str(&fault.error_type)
    {
        headers.insert(HeaderName::from_static("x-amzn-errortype"), name);
    }
    if route.service == Some(Service::CloudWatch) {
        let side = if status.is_server_error() {
            "Receiver"
        } else {
            "Sender"
        };
        let code = format!("{};{side}", query::code(&fault.error_type));
        if let Ok(code) = HeaderValue::from_str(&code) {
            headers.insert(HeaderName::from_static("x-amzn-query-error"), code);
        }
    }
    response
}

fn respond(protocol: Protocol, status: StatusCode, body: Vec<u8>, id: &str) -> Response<Bytes> {
    let length = body.len();
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static(protocol.content_type()),
    );
    headers.insert(http::header::CONTENT_LENGTH, HeaderValue::from(length));
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(HeaderName::from_static("x-amzn-requestid"), id);
    }
    if protocol == Protocol::Cbor {
        headers.insert(
            HeaderName::from_static("smithy-protocol"),
            HeaderValue::from_static("rpc-v2-cbor"),
        );
    }
    response
}

fn json_bytes(value: &Value) -> Vec<u8> {
    value.to_string().into_bytes()
}

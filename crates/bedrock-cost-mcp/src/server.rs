//! MCP in, tools out: lists the tools that were switched on and carries each call to its tool.

use crate::{
    aws::Aws,
    error::ToolError,
    tools::{self, Call, Entry, Progress, arguments::shown},
};
use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CacheScope, CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock,
        CustomRequest, CustomResult, DiscoverResult, ErrorCode, Implementation, ListToolsResult,
        MetaObject, PaginatedRequestParams, ProgressNotificationParam, ProtocolVersion,
        ServerCapabilities, ServerConfig, Tool as Definition,
    },
    service::RequestContext,
};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::mpsc;

/// The name clients see.
pub(crate) const SERVER_NAME: &str = env!("CARGO_PKG_NAME");
/// Tool definitions change only with the binary.
const LIST_TTL_MS: u64 = 3_600_000;

/// The MCP server: cheap to clone, nothing is read or built until a call needs it.
#[derive(Clone)]
pub(crate) struct Server {
    aws: Aws,
    tools: Arc<[&'static Entry]>,
}

impl Server {
    pub(crate) fn new(aws: Aws, tools: Vec<&'static Entry>) -> Self {
        Self {
            aws,
            tools: tools.into(),
        }
    }

    fn entry(&self, name: &str) -> Option<&'static Entry> {
        // Tools are also found by the hyphenated names of the servers that the guide was written for.
        let listed = name.replace('-', "_");
        self.tools
            .iter()
            .copied()
            .find(|entry| entry.name == listed)
    }

    fn unknown_tool(&self, name: &str) -> ErrorData {
        let names: Vec<_> = self.tools.iter().map(|entry| entry.name).collect();
        ErrorData::invalid_params("unknown tool", Some(json!({"tool": name, "tools": names})))
    }

    fn instructions(&self) -> String {
        tools::instructions(&self.tools)
    }
}

fn implementation() -> Implementation {
    Implementation::new(SERVER_NAME, env!("CARGO_PKG_VERSION")).with_title("Bedrock cost")
}

/// `serverInfo` on every result, as 2026-07-28 asks; rmcp stamps it only on `server/discover`.
fn result_meta(context: &RequestContext<RoleServer>) -> Option<MetaObject> {
    context
        .protocol_version()
        .is_some_and(|version| version >= ProtocolVersion::V_2026_07_28)
        .then(|| {
            let mut meta = MetaObject::new();
            meta.insert(
                "io.modelcontextprotocol/serverInfo".into(),
                json!({"name": SERVER_NAME, "version": env!("CARGO_PKG_VERSION")}),
            );
            meta
        })
}

/// One step of a call that goes on.
struct Step {
    done: u32,
    total: Option<u32>,
    message: String,
}

/// Tells the caller of a step. One that cannot be told is not worth failing a call for.
async fn tell(context: &RequestContext<RoleServer>, step: Step) {
    let Some(token) = context.meta.get_progress_token() else {
        return;
    };
    let mut note =
        ProgressNotificationParam::new(token, f64::from(step.done)).with_message(step.message);
    if let Some(total) = step.total {
        note = note.with_total(f64::from(total));
    }
    if let Err(error) = context.peer.notify_progress(note).await {
        tracing::debug!(%error, "progress could not be sent");
    }
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(implementation())
            .with_instructions(self.instructions())
    }

    async fn discover(&self, _: RequestContext<RoleServer>) -> Result<DiscoverResult, ErrorData> {
        let mut found = DiscoverResult::from_server_info(
            self.supported_protocol_versions().into_owned(),
            self.get_info(),
        );
        found.ttl_ms = LIST_TTL_MS;
        found.cache_scope = CacheScope::Public;
        Ok(found)
    }

    fn get_tool(&self, name: &str) -> Option<Definition> {
        self.entry(name).map(Entry::definition)
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let mut list = ListToolsResult::with_all_items(
            self.tools.iter().map(|entry| entry.definition()).collect(),
        );
        list.meta = result_meta(&context);
        if list.meta.is_some() {
            list.ttl_ms = Some(LIST_TTL_MS);
            list.cache_scope = Some(CacheScope::Public);
        }
        Ok(list)
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let Some(entry) = self.entry(&request.name) else {
            return Err(self.unknown_tool(&request.name));
        };
        let (steps, mut told) = mpsc::unbounded_channel();
        let progress: Option<Progress> = context.meta.get_progress_token().map(|_| {
            let report: Progress = Arc::new(move |done, total, message| {
                // The receiver lives as long as the call.
                let _ = steps.send(Step {
                    done,
                    total,
                    message,
                });
            });
            report
        });
        let call = Call::new(self.aws.clone(), progress);
        let mut answering = entry.call(request.arguments.unwrap_or_default(), call.clone());
        let outcome = loop {
            tokio::select! {
                biased;
                () = context.ct.cancelled() => break Err(call.spent_on(ToolError::Cancelled)),
                Some(step) = told.recv() => tell(&context, step).await,
                outcome = &mut answering => break outcome,
            }
        };
        // Nothing may be told of a call after its answer.
        while let Ok(step) = told.try_recv() {
            tell(&context, step).await;
        }
        let mut result = match outcome {
            Ok(answered) => CallToolResult::structured(Value::Object(answered.json)),
            Err(error) => refused(entry, &error),
        };
        result.meta = result_meta(&context);
        Ok(result.into())
    }

    /// A call whose parameters have not the form of a call arrives here.
    async fn on_custom_request(
        &self,
        request: CustomRequest,
        context: RequestContext<RoleServer>,
    ) -> Result<CustomResult, ErrorData> {
        if request.method != "tools/call" {
            return Err(ErrorData::new(
                ErrorCode::METHOD_NOT_FOUND,
                request.method,
                None,
            ));
        }
        let params = request.params.unwrap_or_default();
        let Some(name) = params.get("name").and_then(Value::as_str) else {
            return Err(ErrorData::invalid_params(
                "tools/call takes the name of a tool as text, and arguments as an object",
                None,
            ));
        };
        let Some(entry) = self.entry(name) else {
            return Err(self.unknown_tool(name));
        };
        let arguments = match params.get("arguments") {
            None | Some(Value::Null | Value::Object(_)) => {
                return Err(ErrorData::invalid_params(
                    "the parameters of tools/call beside name and arguments cannot be read",
                    None,
                ));
            }
            Some(other) => other,
        };
        let error = ToolError::invalid(
            format!("arguments is {}", shown(arguments)),
            "send arguments as a JSON object, neither a list nor text that holds JSON",
        );
        let mut result = refused(entry, &error);
        result.meta = result_meta(&context);
        serde_json::to_value(&result)
            .map(CustomResult::new)
            .map_err(|error| ErrorData::internal_error(error.to_string(), None))
    }
}

/// The result of a call that was not answered.
fn refused(entry: &Entry, error: &ToolError) -> CallToolResult {
    tracing::info!(tool = entry.name, code = error.code(), "a call was refused");
    let mut refused = CallToolResult::error(vec![ContentBlock::text(error.to_text())]);
    refused.structured_content = Some(error.to_json());
    refused
}

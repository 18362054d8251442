//! MCP in, tools and resources out: lists what was switched on and carries each call to its tool.

use crate::{
    aws::Aws,
    error::ToolError,
    prompts,
    resources::{self, NotRead},
    tools::{self, Answered, Call, Entry, Progress, arguments::shown},
};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CacheScope, CallToolRequestParams, CallToolResponse, CallToolResult, CompleteRequestParams,
        CompleteResult, CompletionInfo, ContentBlock, CustomRequest, CustomResult, DiscoverResult,
        ErrorCode, GetPromptRequestParams, GetPromptResponse, Implementation, ListPromptsResult,
        ListResourceTemplatesResult, ListResourcesResult, ListToolsResult, MetaObject,
        PaginatedRequestParams, ProgressNotificationParam, ProtocolVersion,
        ReadResourceRequestParams, ReadResourceResponse, ReadResourceResult, Reference,
        ServerCapabilities, ServerConfig, Tool as Definition,
    },
    service::RequestContext,
};
use serde_json::{Value, json};
use std::{iter::once, sync::Arc};
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

/// Completes a result that never changes while the program runs: who made it and, where the era asks, how long it holds.
macro_rules! lasting {
    ($result:expr, $context:expr) => {{
        let mut result = $result;
        result.meta = result_meta($context);
        if result.meta.is_some() {
            result.ttl_ms = Some(LIST_TTL_MS);
            result.cache_scope = Some(CacheScope::Public);
        }
        result
    }};
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
        let capabilities = ServerCapabilities::builder()
            .enable_tools()
            .enable_prompts()
            .enable_resources()
            .enable_completions()
            .build();
        ServerConfig::new(capabilities)
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
        let tools = self.tools.iter().map(|entry| entry.definition()).collect();
        Ok(lasting!(ListToolsResult::with_all_items(tools), &context))
    }

    async fn list_prompts(
        &self,
        _: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        let list = ListPromptsResult::with_all_items(prompts::list(&self.tools));
        Ok(lasting!(list, &context))
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        let arguments = request.arguments.unwrap_or_default();
        let mut result =
            prompts::get(&self.tools, &request.name, &arguments).map_err(|problem| {
                ErrorData::invalid_params(problem, Some(json!({"prompt": request.name})))
            })?;
        result.meta = result_meta(&context);
        Ok(result.into())
    }

    async fn list_resources(
        &self,
        _: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let list = ListResourcesResult::with_all_items(resources::list());
        Ok(lasting!(list, &context))
    }

    async fn list_resource_templates(
        &self,
        _: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        let list = ListResourceTemplatesResult::with_all_items(resources::templates());
        Ok(lasting!(list, &context))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let uri = request.uri;
        match resources::read(&self.aws, &uri).await {
            Ok(contents) => {
                let read = ReadResourceResult::new(vec![contents]);
                Ok(lasting!(read, &context).into())
            }
            Err(NotRead::Unknown) => Err(ErrorData::resource_not_found(
                "no resource has this URI; resources/list and resources/templates/list name them",
                Some(json!({"uri": uri})),
            )),
            Err(NotRead::Refused(error)) => Err(ErrorData::resource_not_found(
                error.to_text(),
                Some(json!({"uri": uri})),
            )),
        }
    }

    async fn complete(
        &self,
        request: CompleteRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CompleteResult, ErrorData> {
        let (values, all) = match &request.r#ref {
            Reference::Resource(resource)
                if resource.uri == resources::PRICES_TEMPLATE
                    && request.argument.name == "model" =>
            {
                resources::complete_model(&request.argument.value)
            }
            Reference::Prompt(prompt) => prompts::complete(
                &prompt.name,
                &request.argument.name,
                &request.argument.value,
            ),
            _ => (Vec::new(), 0),
        };
        let more = values.len() < all;
        let found = CompletionInfo::with_pagination(values, u32::try_from(all).ok(), more)
            .map_err(|error| ErrorData::internal_error(error, None))?;
        let mut result = CompleteResult::new(found);
        result.meta = result_meta(&context);
        Ok(result)
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
            Ok(answered) => answer(answered),
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

/// The result of a call that was answered: the same facts as text and as data, since some clients show one alone.
fn answer(answered: Answered) -> CallToolResult {
    let facts = Value::Object(answered.json);
    // Written as text at once: `Display` would go through a formatter.
    let text = serde_json::to_string(&facts).unwrap_or_else(|_| facts.to_string());
    let picture = answered
        .picture
        .map(|png| ContentBlock::image(BASE64.encode(png), "image/png"));
    let content = once(ContentBlock::text(text)).chain(picture).collect();
    let mut result = CallToolResult::success(content);
    result.structured_content = Some(facts);
    result
}

/// The result of a call that was not answered.
fn refused(entry: &Entry, error: &ToolError) -> CallToolResult {
    tracing::info!(tool = entry.name, code = error.code(), "a call was refused");
    let mut refused = CallToolResult::error(vec![ContentBlock::text(error.to_text())]);
    refused.structured_content = Some(error.to_json());
    refused
}

//! The least an MCP server over stdio can be: one tool that echoes. The benchmark compares by ratio to it.

use rmcp::{
    Json, ServerHandler, ServiceExt,
    handler::server::{tool::ToolRouter, wrapper::Parameters},
    model::{Implementation, ServerCapabilities, ServerConfig},
    service::ServerInitializeError,
    tool, tool_handler, tool_router,
    transport::io::stdio_pipes,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{error::Error, sync::Arc};

/// What to echo.
#[derive(Debug, Deserialize, JsonSchema)]
struct Said {
    /// Any text.
    text: String,
}

/// What was echoed.
#[derive(Debug, Serialize, JsonSchema)]
struct Heard {
    text: String,
}

#[derive(Clone)]
struct Floor {
    tool_router: Arc<ToolRouter<Self>>,
}

#[tool_router]
impl Floor {
    fn new() -> Self {
        Self {
            tool_router: Arc::new(Self::tool_router()),
        }
    }

    #[tool(name = "echo", description = "Echo the given text.")]
    async fn echo(&self, Parameters(said): Parameters<Said>) -> Json<Heard> {
        Json(Heard { text: said.text })
    }
}

#[tool_handler(router = self.tool_router)]
impl ServerHandler for Floor {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(Implementation::new("floor", env!("CARGO_PKG_VERSION")))
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let served = runtime.block_on(async {
        match Floor::new().serve(stdio_pipes()).await {
            Ok(running) => drop(running.waiting().await?),
            // A client that only probes and goes away.
            Err(ServerInitializeError::ConnectionClosed(_)) => {}
            Err(error) => return Err(error.into()),
        }
        Ok(())
    });
    // A read of stdin that is still pending would otherwise hold the process.
    runtime.shutdown_background();
    served
}

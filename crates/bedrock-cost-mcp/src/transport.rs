//! The two ways in: stdio for one client, streamable HTTP on loopback for several.

mod lines;
mod refusals;

use crate::server::Server;
use lines::Lines;
use rmcp::{
    ServiceExt,
    service::ServerInitializeError,
    transport::{
        io::stdio_pipes,
        streamable_http_server::{
            StreamableHttpServerConfig, StreamableHttpService, session::never::NeverSessionManager,
        },
    },
};
use std::{io, net::SocketAddr, sync::Arc};

/// The path of the MCP endpoint.
pub(crate) const MCP_PATH: &str = "/mcp";

/// A larger request is cut off, with 413 over HTTP. Arguments that are merely too long to make sense are read, so that the tool
/// can say so.
const LONGEST_REQUEST: usize = 32 << 20;

/// Serves one client over stdin and stdout until stdin ends.
pub(crate) async fn serve_stdio(server: Server) -> io::Result<()> {
    let (input, output) = stdio_pipes();
    let lines = Lines::new(input, output, LONGEST_REQUEST);
    match server.serve(lines).await {
        Ok(running) => {
            running.waiting().await.map_err(io::Error::other)?;
            Ok(())
        }
        // A probe (`server/discover`, then end of input), or no client at all, is not a failure.
        Err(ServerInitializeError::ConnectionClosed(_)) => Ok(()),
        Err(error) => Err(io::Error::other(error)),
    }
}

/// Why the HTTP transport did not start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ListenError {
    #[error("{0} is not an address: give an IP address and port, such as 127.0.0.1:8080")]
    Address(String),
    #[error(
        "{0} can be reached from other machines and this server has no access control yet: bind 127.0.0.1 or [::1] and put an authenticating proxy in front"
    )]
    NotLoopback(SocketAddr),
    #[error("cannot listen on {0}: {1}")]
    Bind(SocketAddr, io::Error),
}

/// Reads an address that only this machine can reach.
pub(crate) fn loopback(text: &str) -> Result<SocketAddr, ListenError> {
    let named = text
        .strip_prefix("localhost:")
        .map(|port| format!("127.0.0.1:{port}"));
    let address: SocketAddr = named
        .as_deref()
        .unwrap_or(text)
        .parse()
        .map_err(|_| ListenError::Address(text.to_owned()))?;
    if address.ip().is_loopback() {
        Ok(address)
    } else {
        Err(ListenError::NotLoopback(address))
    }
}

/// Serves streamable HTTP, stateless in both protocol eras, until interrupted.
pub(crate) async fn serve_http(
    server: Server,
    address: SocketAddr,
) -> Result<(), Box<dyn std::error::Error>> {
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_max_request_body_bytes(LONGEST_REQUEST)
        .with_allowed_hosts(["localhost", "127.0.0.1", "::1"])
        .with_allowed_origins(["http://localhost:*", "http://127.0.0.1:*", "http://[::1]:*"])
        .enforce_origin_validation();
    let service = StreamableHttpService::new(
        move || Ok(server.clone()),
        Arc::new(NeverSessionManager::default()),
        config,
    );
    let router = axum::Router::new()
        .nest_service(MCP_PATH, service)
        .layer(axum::middleware::from_fn(refusals::in_json));
    let listener = tokio::net::TcpListener::bind(address)
        .await
        .map_err(|error| ListenError::Bind(address, error))?;
    let bound = listener.local_addr()?;
    tracing::info!("listening on http://{bound}{MCP_PATH}");
    axum::serve(listener, router)
        .with_graceful_shutdown(async {
            // Without a signal to wait for, serving ends only with the process.
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
        })
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_addresses_are_served() {
        for good in ["127.0.0.1:0", "[::1]:8080", "localhost:8080", "127.8.8.8:1"] {
            assert!(loopback(good).is_ok(), "{good}");
        }
        for bad in [
            "0.0.0.0:8080",
            "192.168.1.2:80",
            "[::]:80",
            "example.com:80",
            "8080",
            "127.0.0.1",
        ] {
            assert!(loopback(bad).is_err(), "{bad}");
        }
    }
}

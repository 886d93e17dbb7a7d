//! A client and a server on the official Rust SDK.
//!
//! Usage: tour client ADDRESS PREFIX [VERSION]: prints one line of JSON with what was seen. ADDRESS is a URL, or a JSON array: a
//! command that speaks stdio. With VERSION it is a stateless client of that version, else it initializes.
//!
//! tour server [PORT]: serves over stdio, or over streamable HTTP at http://127.0.0.1:PORT/mcp.

// Log messages, which 2026-07-28 deprecates.
#![allow(deprecated)]

mod client;
mod server;

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["client", address, prefix] => client::tour(address, prefix, None).await,
        ["client", address, prefix, version] => client::tour(address, prefix, Some(version)).await,
        ["server"] => server::serve_stdio().await,
        ["server", port] => server::serve_http(port).await,
        _ => anyhow::bail!("usage: tour client ADDRESS PREFIX [VERSION] | tour server [PORT]"),
    }
}

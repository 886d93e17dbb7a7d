use std::time::Duration;

use anyhow::{Context, bail};
use rmcp::{
    ClientHandler, RoleClient,
    model::{
        CallToolRequestParams, CallToolResult, ClientRequest, ContentBlock, GetPromptRequestParams,
        ProgressNotificationParam, ProgressToken, ProtocolVersion, ReadResourceRequestParams,
        Request, ResourceContents, ServerResult,
    },
    service::{
        ClientLifecycleMode, ClientServiceExt, NotificationContext, PeerRequestOptions,
        RequestHandle, RunningService, ServiceError,
    },
    transport::{StreamableHttpClientTransport, TokioChildProcess},
};
use serde_json::{Value, json};
use tokio::{
    sync::{Mutex, mpsc},
    time::timeout,
};

const PATIENCE: Duration = Duration::from_secs(60);

type Progress = mpsc::UnboundedSender<(ProgressToken, f64)>;

/// Hands all progress on to the tour.
struct Listener(Progress);

impl ClientHandler for Listener {
    async fn on_progress(
        &self,
        params: ProgressNotificationParam,
        _: NotificationContext<RoleClient>,
    ) {
        let _ = self.0.send((params.progress_token, params.progress));
    }
}

struct Tour {
    client: RunningService<RoleClient, Listener>,
    prefix: String,
    progress: Mutex<mpsc::UnboundedReceiver<(ProgressToken, f64)>>,
}

fn text(result: &CallToolResult) -> anyhow::Result<String> {
    match result.content.first() {
        Some(ContentBlock::Text(block)) => Ok(block.text.clone()),
        other => bail!("not a text: {other:?}"),
    }
}

impl Tour {
    fn call_of(&self, tool: &str, arguments: Value) -> CallToolRequestParams {
        let Value::Object(arguments) = arguments else {
            return CallToolRequestParams::new(format!("{}{tool}", self.prefix));
        };
        CallToolRequestParams::new(format!("{}{tool}", self.prefix)).with_arguments(arguments)
    }

    async fn start(
        &self,
        tool: &str,
        arguments: Value,
    ) -> Result<RequestHandle<RoleClient>, ServiceError> {
        let request =
            ClientRequest::CallToolRequest(Request::new(self.call_of(tool, arguments)));
        self.client
            .send_cancellable_request(request, PeerRequestOptions::no_options())
            .await
    }

    /// The next progress of a call.
    async fn step(&self, token: &ProgressToken) -> anyhow::Result<f64> {
        let mut progress = self.progress.lock().await;
        loop {
            let (whose, step) = timeout(PATIENCE, progress.recv())
                .await
                .context("no progress arrived")?
                .context("the client ended")?;
            if whose == *token {
                return Ok(step);
            }
        }
    }

    async fn run(self) -> anyhow::Result<Value> {
        let tools = self.client.list_all_tools().await?;
        let echoed = self
            .client
            .call_tool(self.call_of("echo", json!({"text": "grün"})))
            .await?;

        let counting = self.start("count", json!({"steps": 3, "ms": 5})).await?;
        let token = counting.progress_token.clone();
        let ServerResult::CallToolResult(counted) = counting.await_response().await? else {
            bail!("the call of count was not answered with the result of a tool");
        };
        // The SDK handles notifications on their own; progress may come just after the answer.
        let mut progress = vec![];
        while progress.len() < 3 {
            progress.push(self.step(&token).await?);
        }

        let mut contents = vec![];
        for resource in self.client.list_all_resources().await? {
            let request = ReadResourceRequestParams::new(resource.uri.clone());
            let read = self.client.read_resource(request).await?;
            let Some(ResourceContents::TextResourceContents { text, .. }) = read.contents.first()
            else {
                bail!("{} has no text", resource.uri);
            };
            contents.push(text.clone());
        }

        let Value::Object(who) = json!({"who": "Ada"}) else {
            unreachable!()
        };
        let request =
            GetPromptRequestParams::new(format!("{}greet", self.prefix)).with_arguments(who);
        let prompt = self.client.get_prompt(request).await?;
        let ContentBlock::Text(hello) = &prompt.messages[0].content else {
            bail!("the prompt is not a text");
        };

        let error = match self.client.call_tool(self.call_of("fault", Value::Null)).await {
            Err(ServiceError::McpError(error)) => Some(error.code.0),
            _ => None,
        };

        // A call is given up when its first progress shows that it runs.
        let endless = self.start("count", json!({"steps": 1000, "ms": 30})).await?;
        self.step(&endless.progress_token.clone()).await?;
        endless.cancel(Some("the tour is over".into())).await?;

        let info = self.client.peer_info().context("no introduction")?;
        let seen = json!({
            "version": info.protocol_version,
            "server": info.server_info.as_ref().map(|server| &server.name),
            "tools": tools.iter().map(|tool| tool.name.to_string()).collect::<Vec<_>>(),
            "echoed": text(&echoed)?,
            "counted": text(&counted)?,
            "progress": progress,
            "contents": contents,
            "prompt": hello.text,
            "error": error,
            "cancelled": true,
        });
        self.client.cancel().await?;
        Ok(seen)
    }
}

pub async fn tour(address: &str, prefix: &str, version: Option<&str>) -> anyhow::Result<()> {
    let (sender, progress) = mpsc::unbounded_channel();
    let lifecycle = match version {
        Some(version) => ClientLifecycleMode::Discover {
            preferred_versions: vec![serde_json::from_value::<ProtocolVersion>(json!(version))?],
        },
        None => ClientLifecycleMode::Initialize,
    };
    let client = if address.starts_with('[') {
        let words: Vec<String> = serde_json::from_str(address)?;
        let mut command = tokio::process::Command::new(&words[0]);
        command.args(&words[1..]);
        let transport = TokioChildProcess::new(command)?;
        Listener(sender).serve_with_lifecycle(transport, lifecycle).await?
    } else {
        let transport = StreamableHttpClientTransport::from_uri(address);
        Listener(sender).serve_with_lifecycle(transport, lifecycle).await?
    };
    let tour = Tour {
        client,
        prefix: prefix.into(),
        progress: Mutex::new(progress),
    };
    println!("{}", tour.run().await?);
    Ok(())
}

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use rmcp::{
    ErrorData, RoleServer, ServerHandler, ServiceExt,
    handler::server::{router::prompt::PromptRouter, router::tool::ToolRouter, wrapper::Parameters},
    model::{
        CallToolResult, ContentBlock, ErrorCode, Implementation, ListResourcesResult,
        LoggingLevel, LoggingMessageNotificationParam, PaginatedRequestParams,
        ProgressNotificationParam, PromptMessage, ReadResourceRequestParams, ReadResourceResponse,
        ReadResourceResult, Resource, ResourceContents, Role, ServerCapabilities, ServerConfig,
        SetLevelRequestParams,
    },
    prompt, prompt_handler, prompt_router, schemars,
    service::RequestContext,
    tool, tool_handler, tool_router,
    transport::{
        stdio,
        streamable_http_server::{StreamableHttpService, session::local::LocalSessionManager},
    },
};
use serde::Deserialize;

#[derive(Deserialize, schemars::JsonSchema)]
struct Echo {
    text: String,
}

#[derive(Deserialize, schemars::JsonSchema)]
struct Count {
    steps: u32,
    ms: u64,
}

#[derive(Deserialize, schemars::JsonSchema)]
struct Greet {
    who: String,
}

#[derive(Clone)]
struct Server {
    tool_router: ToolRouter<Self>,
    prompt_router: PromptRouter<Self>,
    cancelled: Arc<AtomicUsize>,
}

fn text(value: impl Into<String>) -> CallToolResult {
    CallToolResult::success(vec![ContentBlock::text(value)])
}

async fn report(
    context: &RequestContext<RoleServer>,
    step: u32,
    total: u32,
) -> Result<(), ErrorData> {
    let Some(token) = context.meta.get_progress_token() else {
        return Ok(());
    };
    let progress = ProgressNotificationParam::new(token, step.into()).with_total(total.into());
    let sent = context.peer.notify_progress(progress.with_message(format!("step {step}"))).await;
    sent.map_err(|error| ErrorData::internal_error(error.to_string(), None))
}

#[tool_router]
impl Server {
    fn new(cancelled: Arc<AtomicUsize>) -> Self {
        Self {
            tool_router: Self::tool_router(),
            prompt_router: Self::prompt_router(),
            cancelled,
        }
    }

    #[tool(description = "Gives back its text")]
    async fn echo(&self, Parameters(Echo { text: value }): Parameters<Echo>) -> CallToolResult {
        text(value)
    }

    #[tool(description = "Counts with progress")]
    async fn count(
        &self,
        Parameters(Count { steps, ms }): Parameters<Count>,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResult, ErrorData> {
        for step in 1..=steps {
            report(&context, step, steps).await?;
            let line = LoggingMessageNotificationParam::new(
                LoggingLevel::Info,
                format!("step {step}").into(),
            );
            let sent = context.peer.notify_logging_message(line.with_logger("rust")).await;
            sent.map_err(|error| ErrorData::internal_error(error.to_string(), None))?;
            tokio::time::sleep(Duration::from_millis(ms)).await;
        }
        Ok(text(format!("counted to {steps}")))
    }

    #[tool(description = "A tool that fails")]
    async fn fail(&self) -> CallToolResult {
        CallToolResult::error(vec![ContentBlock::text("it failed")])
    }

    #[tool(description = "An error of the protocol")]
    async fn fault(&self) -> Result<CallToolResult, ErrorData> {
        Err(ErrorData::new(ErrorCode(-32055), "a fault of our own", None))
    }

    #[tool(description = "Reports progress once and waits to be cancelled")]
    async fn hang(&self, context: RequestContext<RoleServer>) -> Result<CallToolResult, ErrorData> {
        report(&context, 1, 2).await?;
        context.ct.cancelled().await;
        self.cancelled.fetch_add(1, Ordering::SeqCst);
        Ok(text("cancelled"))
    }

    #[tool(description = "How many calls of hang were cancelled")]
    async fn cancelled(&self) -> CallToolResult {
        text(self.cancelled.load(Ordering::SeqCst).to_string())
    }
}

#[prompt_router]
impl Server {
    #[prompt(description = "Greets somebody")]
    async fn greet(&self, Parameters(Greet { who }): Parameters<Greet>) -> Vec<PromptMessage> {
        vec![PromptMessage::new_text(Role::User, format!("Hello, {who}!"))]
    }
}

#[tool_handler(router = self.tool_router)]
#[prompt_handler(router = self.prompt_router)]
impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        let builder = ServerCapabilities::builder();
        let capabilities = builder.enable_logging().enable_prompts().enable_resources().enable_tools();
        ServerConfig::new(capabilities.build())
            .with_server_info(Implementation::new("rust", "1"))
            .with_instructions("Speak Rust.")
    }

    async fn set_level(
        &self,
        _: SetLevelRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        Ok(())
    }

    async fn list_resources(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        Ok(ListResourcesResult::with_all_items(vec![Resource::new("note://one", "one")]))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let content = ResourceContents::text(format!("rust: {}", request.uri), request.uri);
        Ok(ReadResourceResult::new(vec![content]).into())
    }
}

pub async fn serve_stdio() -> anyhow::Result<()> {
    Server::new(Arc::default()).serve(stdio()).await?.waiting().await?;
    Ok(())
}

pub async fn serve_http(port: &str) -> anyhow::Result<()> {
    let cancelled = Arc::<AtomicUsize>::default();
    let service: StreamableHttpService<Server, LocalSessionManager> = StreamableHttpService::new(
        move || Ok(Server::new(cancelled.clone())),
        Default::default(),
        Default::default(),
    );
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    axum::serve(listener, axum::Router::new().nest_service("/mcp", service)).await?;
    Ok(())
}

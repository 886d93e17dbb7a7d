package tour;

import io.modelcontextprotocol.json.McpJsonDefaults;
import io.modelcontextprotocol.server.McpServer;
import io.modelcontextprotocol.server.McpServerFeatures.SyncPromptSpecification;
import io.modelcontextprotocol.server.McpServerFeatures.SyncResourceSpecification;
import io.modelcontextprotocol.server.McpSyncServerExchange;
import io.modelcontextprotocol.server.transport.HttpServletStreamableServerTransportProvider;
import io.modelcontextprotocol.server.transport.StdioServerTransportProvider;
import io.modelcontextprotocol.spec.McpError;
import io.modelcontextprotocol.spec.McpSchema;
import java.util.List;
import java.util.Map;
import org.apache.catalina.startup.Tomcat;

final class Server {
  private Server() {}

  static void overStdio() {
    serve(McpServer.sync(new StdioServerTransportProvider(McpJsonDefaults.getMapper())));
  }

  static void overHttp(int port) throws Exception {
    var provider = HttpServletStreamableServerTransportProvider.builder().mcpEndpoint("/mcp").build();
    serve(McpServer.sync(provider));
    var tomcat = new Tomcat();
    tomcat.setBaseDir(".");
    tomcat.setPort(port);
    tomcat.getConnector().setProperty("address", "127.0.0.1");
    var context = tomcat.addContext("", null);
    Tomcat.addServlet(context, "mcp", provider).setAsyncSupported(true);
    context.addServletMappingDecoded("/*", "mcp");
    tomcat.start();
    tomcat.getServer().await();
  }

  private static McpSchema.CallToolResult text(String value) {
    return McpSchema.CallToolResult.builder().addTextContent(value).build();
  }

  private static McpSchema.Tool tool(String name, String description, Map<String, Object> properties) {
    Map<String, Object> schema = Map.of("type", "object", "properties", properties);
    return McpSchema.Tool.builder().name(name).description(description).inputSchema(schema).build();
  }

  /** Reports each step as progress and as a line of the log. */
  private static McpSchema.CallToolResult count(McpSyncServerExchange exchange, McpSchema.CallToolRequest request) {
    int steps = ((Number) request.arguments().get("steps")).intValue();
    int pause = ((Number) request.arguments().get("ms")).intValue();
    Object token = request.meta() == null ? null : request.meta().get("progressToken");
    for (int step = 1; step <= steps; ++step) {
      String line = "step " + step;
      if (token != null) {
        exchange.progressNotification(new McpSchema.ProgressNotification(token, step, (double) steps, line));
      }
      exchange.loggingNotification(
          McpSchema.LoggingMessageNotification.builder(McpSchema.LoggingLevel.INFO, line).logger("java").build());
      try {
        Thread.sleep(pause);
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        break;
      }
    }
    return text("counted to " + steps);
  }

  private static <S extends McpServer.SyncSpecification<S>> void serve(McpServer.SyncSpecification<S> specification) {
    var string = Map.of("type", "string");
    var integer = Map.of("type", "integer");
    var note = McpSchema.Resource.builder().uri("note://one").name("one").mimeType("text/plain").build();
    var greet = new McpSchema.Prompt("greet", "Greets somebody", List.of(new McpSchema.PromptArgument("who", "The name", true)));
    specification
        .serverInfo("java", "1")
        .instructions("Speak Java.")
        .capabilities(McpSchema.ServerCapabilities.builder().tools(true).resources(false, true).prompts(true).logging().build())
        .toolCall(
            tool("echo", "Gives back its text", Map.of("text", string)),
            (exchange, request) -> text((String) request.arguments().get("text")))
        .toolCall(tool("count", "Counts with progress", Map.of("steps", integer, "ms", integer)), Server::count)
        .toolCall(
            tool("fail", "A tool that fails", Map.of()),
            (exchange, request) -> McpSchema.CallToolResult.builder().addTextContent("it failed").isError(true).build())
        .toolCall(
            tool("fault", "An error of the protocol", Map.of()),
            (exchange, request) -> {
              throw McpError.builder(-32055).message("a fault of our own").build();
            })
        .resources(
            new SyncResourceSpecification(
                note,
                (exchange, request) ->
                    new McpSchema.ReadResourceResult(
                        List.of(new McpSchema.TextResourceContents(request.uri(), "text/plain", "java: " + request.uri())))))
        .prompts(
            new SyncPromptSpecification(
                greet,
                (exchange, request) -> {
                  var hello = new McpSchema.TextContent("Hello, " + request.arguments().get("who") + "!");
                  return new McpSchema.GetPromptResult("A greeting", List.of(new McpSchema.PromptMessage(McpSchema.Role.USER, hello)));
                }))
        .build();
  }
}

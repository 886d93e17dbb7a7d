package tour;

import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.transport.HttpClientSseClientTransport;
import io.modelcontextprotocol.client.transport.HttpClientStreamableHttpTransport;
import io.modelcontextprotocol.client.transport.ServerParameters;
import io.modelcontextprotocol.client.transport.StdioClientTransport;
import io.modelcontextprotocol.json.McpJsonDefaults;
import io.modelcontextprotocol.json.TypeRef;
import io.modelcontextprotocol.spec.McpClientTransport;
import io.modelcontextprotocol.spec.McpError;
import io.modelcontextprotocol.spec.McpSchema;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

final class Client {
  private Client() {}

  private static McpClientTransport transportTo(String address) throws Exception {
    if (address.startsWith("[")) {
      List<String> command = McpJsonDefaults.getMapper().readValue(address, new TypeRef<List<String>>() {});
      ServerParameters child =
          ServerParameters.builder(command.get(0)).args(command.subList(1, command.size())).env(System.getenv()).build();
      return new StdioClientTransport(child, McpJsonDefaults.getMapper());
    }
    URI uri = URI.create(address);
    String origin = uri.getScheme() + "://" + uri.getAuthority();
    return address.endsWith("/sse")
        ? HttpClientSseClientTransport.builder(origin).sseEndpoint(uri.getPath()).build()
        : HttpClientStreamableHttpTransport.builder(origin).endpoint(uri.getPath()).build();
  }

  private static String text(McpSchema.CallToolResult result) {
    return ((McpSchema.TextContent) result.content().get(0)).text();
  }

  static void tour(String address, String prefix) throws Exception {
    // The SDK handles notifications on threads of their own; progress may come just after the answer.
    var reported = new LinkedBlockingQueue<Double>();
    var client =
        McpClient.sync(transportTo(address))
            .clientInfo(new McpSchema.Implementation("tour-java", "1"))
            .requestTimeout(Duration.ofSeconds(60))
            .initializationTimeout(Duration.ofSeconds(60))
            .progressConsumer(progress -> reported.add(progress.progress()))
            .build();
    Map<String, Object> seen = new LinkedHashMap<>();
    try (client) {
      var hello = client.initialize();
      seen.put("version", hello.protocolVersion());
      seen.put("server", hello.serverInfo().name());
      client.ping();
      seen.put("tools", client.listTools().tools().stream().map(McpSchema.Tool::name).toList());
      seen.put("echoed", text(client.callTool(new McpSchema.CallToolRequest(prefix + "echo", Map.of("text", "grün")))));

      var count =
          McpSchema.CallToolRequest.builder(prefix + "count").arguments(Map.of("steps", 3, "ms", 5)).progressToken("counting").build();
      seen.put("counted", text(client.callTool(count)));
      List<Double> progress = new ArrayList<>();
      for (Double step; progress.size() < 3 && (step = reported.poll(60, TimeUnit.SECONDS)) != null; ) {
        progress.add(step);
      }
      seen.put("progress", progress);

      List<String> contents = new ArrayList<>();
      for (var resource : client.listResources().resources()) {
        var read = client.readResource(new McpSchema.ReadResourceRequest(resource.uri()));
        contents.add(((McpSchema.TextResourceContents) read.contents().get(0)).text());
      }
      seen.put("contents", contents);

      var prompt = client.getPrompt(new McpSchema.GetPromptRequest(prefix + "greet", Map.of("who", "Ada")));
      seen.put("prompt", ((McpSchema.TextContent) prompt.messages().get(0).content()).text());

      try {
        client.callTool(new McpSchema.CallToolRequest(prefix + "fault", Map.of()));
      } catch (McpError error) {
        seen.put("error", error.getJsonRpcError().code());
      }
    }
    // The SDK keeps threads that would hold up the end.
    var out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    out.println(McpJsonDefaults.getMapper().writeValueAsString(seen));
    System.exit(0);
  }
}

package tour;

/**
 * A client and a server on the official Java SDK.
 *
 * <p>Usage: Tour client ADDRESS PREFIX: prints one line of JSON with what was seen. ADDRESS is a URL (HTTP+SSE if it ends with
 * /sse), or a JSON array: a command that speaks stdio.
 *
 * <p>Tour server [PORT]: serves over stdio, or over streamable HTTP at http://127.0.0.1:PORT/mcp.
 */
public final class Tour {
  private Tour() {}

  public static void main(String[] arguments) throws Exception {
    if (arguments.length == 3 && arguments[0].equals("client")) {
      Client.tour(arguments[1], arguments[2]);
    } else if (arguments.length == 1 && arguments[0].equals("server")) {
      Server.overStdio();
    } else if (arguments.length == 2 && arguments[0].equals("server")) {
      Server.overHttp(Integer.parseInt(arguments[1]));
    } else {
      System.err.println("usage: Tour client ADDRESS PREFIX | Tour server [PORT]");
      System.exit(2);
    }
  }
}

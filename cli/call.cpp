#include "cli/commands.hpp"
#include "cli/tool_arguments.hpp"
#include "cli/tool_call.hpp"
#include "cli/json_fields.hpp"
#include "messages/rpc/json_scan.hpp"

#include <cstdio>
#include <istream>
#include <iterator>
#include <ostream>

namespace hub::cli {

namespace {

std::string arguments_of(const command_context& context, const call_options& options) {
  if (options.arguments.empty())
    return tool_arguments(options.words);
  if (!options.words.empty())
    throw command_error{"give the arguments once: as words behind the tool, or with --args", exit_code::usage};
  if (options.arguments != "-")
    return checked_object(options.arguments);
  return checked_object({std::istreambuf_iterator<char>{context.io.in}, std::istreambuf_iterator<char>{}});
}

/// One line on the terminal that the next report writes over.
class progress_line {
public:
  explicit progress_line(console& io) : io_(io) {
    // nop
  }

  ~progress_line() {
    if (drawn_)
      io_.err << "\r\x1b[K" << std::flush;
  }

  void draw(const progress_report& report) {
    char text[80];
    if (report.total > 0)
      std::snprintf(text, sizeof text, "%g of %g", report.progress, report.total);
    else
      std::snprintf(text, sizeof text, "%g", report.progress);
    auto line = report.message.empty() ? text : text + (": " + printable_line(report.message));
    // A line that wraps could not be written over.
    io_.err << "\r\x1b[K" << fit(line, io_.width > 1 ? io_.width - 1 : 79) << std::flush;
    drawn_ = true;
  }

private:
  console& io_;
  bool drawn_ = false;
};

} // namespace

exit_code call(const command_context& context, const call_options& options) {
  auto& io = context.io;
  std::string arguments = "{";
  append_member(arguments, "tool", rpc::quote(options.tool));
  append_member(arguments, "arguments", arguments_of(context, options));
  tool_call request;
  request.name = "hub__call_tool";
  request.arguments = arguments + '}';
  request.time_limit = std::chrono::ceil<std::chrono::milliseconds>(options.time_limit);
  std::string result;
  {
    progress_line line{io};
    if (io.err_is_terminal)
      request.on_progress = [&](const progress_report& report) { line.draw(report); };
    auto hub = context.hub();
    result = call_tool(hub, request);
  }
  auto failed = is_failure(result);
  if (options.json) {
    io.out << result << '\n';
  } else {
    auto text = readable_content(result);
    auto& out = failed ? io.err : io.out;
    if (failed ? io.err_is_terminal : io.out_is_terminal)
      text = printable_text(text);
    out << text;
    if (!text.empty() && text.back() != '\n')
      out << '\n';
  }
  return failed ? exit_code::error : exit_code::ok;
}

} // namespace hub::cli

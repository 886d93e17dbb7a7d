#pragma once

#include "cli/console.hpp"

#include <string>
#include <string_view>

namespace hub::cli {

/// The name of a server, with the number of the session that has this run of it
/// for itself: `files (session 3)`.
std::string run_text(std::string_view server);

/// The state of a server as people write it: `backing off`. `server` is an
/// object of `GET /api/servers`.
std::string state_text(std::string_view server);

/// The colour that a state is shown in.
style style_of_state(std::string_view state);

/// A number of an answer for a table; 0 is a dash where it means "none yet".
std::string dash_if_zero(const std::string& text, double number);

/// When the hub tries a server again, for people: `in 5 s`; empty if it does not wait.
std::string next_try_text(std::string_view server);

/// Prints what is wrong with a server, how to mend it, and the last lines that
/// it wrote; nothing if nothing is wrong.
void print_trouble(console& io, std::string_view server);

/// How many of something a server has; `?` if it was never asked.
std::string count_text(std::string_view server, const char* key);

} // namespace hub::cli

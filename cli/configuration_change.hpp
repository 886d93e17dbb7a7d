#pragma once

#include "cli/command_context.hpp"
#include "service/config/config_error.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace hub::cli {

/// What the hub did with a configuration that it read again; nothing if none runs.
using reload_answer = std::optional<std::string>;

/// Has the hub read its configuration again, if one runs. Returns its JSON, also when it
/// refuses what it read.
reload_answer reload_if_running(const command_context& context);

/// Says what a reload changed. Throws `command_error` with the errors if it was refused.
void print_reload(console& io, const std::string& answer);

/// The text of the configuration file, or of a first one if there is none.
std::string present_configuration(const std::filesystem::path& file);

/// Changes the configuration file by `edit`, which gets its text, and has a running hub
/// read it. Nothing is written that the hub would refuse.
reload_answer change_configuration(const command_context& context,
                                   const std::function<config_result<std::string>(const std::string&)>& edit);

} // namespace hub::cli

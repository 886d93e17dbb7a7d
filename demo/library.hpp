#pragma once

#include "demo/arguments.hpp"
#include "demo/notebook.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What the server offers besides tools. Each function gives the JSON text of a
// result of MCP.
namespace hub::demo {

std::string list_resources();

std::string list_resource_templates();

/// The contents behind `uri`, or nothing if there is no such resource.
std::optional<std::string> read_resource(std::string_view uri, const notebook& notes);

std::string list_prompts();

/// The messages of the prompt `name`. Throws `bad_argument` for an unknown
/// name and for arguments that are missing.
std::string get_prompt(std::string_view name, const arguments& args);

/// What an argument of a prompt or of a resource template may be completed to.
/// `reference` is the name of the prompt or the URI template.
std::string complete(std::string_view reference, std::string_view argument, std::string_view typed, const notebook& notes);

} // namespace hub::demo

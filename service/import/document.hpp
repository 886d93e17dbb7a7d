#pragma once

#include "service/config/config_error.hpp"
#include "service/config/config_value.hpp"

#include <optional>
#include <string>

namespace hub {

/// The languages that clients write their configuration in.
enum class document_format { json, toml, yaml };

/// A file of a client, read.
struct document {
  document_format format = document_format::json;
  config_value root;
};

/// Reads a file of a client; comments are fine in all formats. Without a
/// `format` it is the first one that the text parses in; the error is then
/// about the one that the name of the file suggests.
config_result<document> read_document(const std::string& text, const std::string& file,
                                      std::optional<document_format> format = {});

/// Reads TOML. Dates become strings.
config_result<config_value> read_toml(const std::string& text, const std::string& file);

/// Reads YAML by the core schema of YAML 1.2: only `true` and `false` are
/// booleans. Aliases that would unfold to an unreasonable size are an error.
config_result<config_value> read_yaml(const std::string& text, const std::string& file);

} // namespace hub

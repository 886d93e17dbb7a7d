#pragma once

#include "actors/catalog/search_index.hpp"

#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace hub::bench {

/// Tools to search in.
struct search_corpus {
  struct tool {
    uint32_t server;
    std::string name;
    std::string exposed_name;
    std::string description;
    std::vector<std::string> parameter_names;

    /// JSON; shared by the copies of a tool.
    std::shared_ptr<const std::string> input_schema;
  };

  std::vector<std::string> servers;

  /// A deque, because the documents point into it.
  std::deque<tool> tools;

  /// Adds tools that nobody asks for until there are `count`: the real ones
  /// under other servers, half of their words exchanged with those of others.
  void add_distractors(size_t count);

  /// The corpus as the index takes it; refers to the corpus.
  std::vector<server_document> server_documents() const;
  std::vector<tool_document> tool_documents() const;
};

/// A request and the names of the tools that answer it.
struct search_question {
  std::string kind;
  std::string request;
  std::vector<std::string> tools;
};

/// Reads a file with a tool on each line: `server`, `name`, `description`, `inputSchema`.
/// Throws std::runtime_error if it cannot be read.
search_corpus read_tools(const std::string& path);

/// Reads a file with a question on each line: `kind`, `query`, `tools`.
/// Throws std::runtime_error if it cannot be read.
std::vector<search_question> read_questions(const std::string& path);

} // namespace hub::bench

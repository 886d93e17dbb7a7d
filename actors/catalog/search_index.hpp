#pragma once

#include "actors/catalog/term_postings.hpp"
#include "actors/catalog/vocabulary.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hub {

/// A server as it goes into the index. The texts are read once and not kept,
/// but for the name.
struct server_document {
  /// The name as it is configured.
  std::string_view name;

  /// The title that the server gives itself; may be empty.
  std::string_view title;
};

/// A tool as it goes into the index. The texts are read once and not kept.
struct tool_document {
  /// The place of its server among the server documents.
  uint32_t server = 0;

  /// The name that its server gave it.
  std::string_view name;

  /// The name under which clients know it, `server__tool`.
  std::string_view exposed_name;

  std::string_view title;
  std::string_view description;
  std::vector<std::string_view> parameter_names;
};

/// Narrows a search.
struct search_options {
  /// How many hits to return.
  size_t limit = 8;

  /// Only tools of servers whose name this is or matches as a pattern with `*`
  /// and `?`, whatever the case; empty for all.
  std::string_view server;
};

/// How the hits of a search were found, from the best way to the last resort.
enum class search_rung : uint8_t {
  /// The request was empty, so everything is a hit, in catalogue order.
  everything,
  /// The request holds the name of the first hit.
  exact,
  /// By the words of the request.
  words,
  /// By words that are spelt like those of the request.
  spelling,
  /// Nothing but a server with a name like a word of the request.
  servers,
  nothing,
};

struct search_hit {
  /// The place of the tool among the documents that the index was made of.
  uint32_t tool;

  /// Comparable within one search only.
  float score;
};

struct search_result {
  /// Best first; the order among equals is that of the catalogue.
  std::vector<search_hit> hits;

  /// How many tools match, of which `hits` are the first.
  size_t total = 0;

  search_rung rung = search_rung::nothing;

  /// If nothing was found: the places of up to three servers whose names come
  /// nearest to the request or to the server that was asked for.
  std::vector<uint32_t> nearest_servers;
};

/// Ranks tools by what a request says: BM25 over weighted fields, with
/// the whole of a server as evidence for each of its tools. It never changes
/// once it is made, and can be searched from any thread.
class search_index {
public:
  search_index() = default;

  /// Takes at most `term_postings::document_limit` tools; more are not found.
  search_index(std::span<const server_document> servers, std::span<const tool_document> tools);

  /// Finds what `request` asks for, in words or by name. Never fails: see
  /// `search_rung`. Only the first 4 KB of a request count.
  search_result search(std::string_view request, const search_options& options) const;

  size_t tool_count() const noexcept {
    return server_of_.size();
  }

  /// The servers, by their places, that `search_options::server` lets through; empty for all.
  std::vector<bool> servers_like(std::string_view pattern) const;

  /// The place of the server of a tool.
  uint32_t server_of(uint32_t tool) const {
    return server_of_[tool];
  }

  /// The heap memory of this object in bytes.
  size_t memory() const noexcept;

private:
  /// The hash of the key of a name, and the tool that has it.
  struct named_tool {
    uint64_t key;
    uint32_t tool;
  };

  void add_name(std::string_view name, uint32_t tool);

  /// The tools of which `request` holds the names.
  std::vector<uint32_t> find_names(std::string_view request) const;

  /// A server whose name is like a word of a request.
  struct near_server {
    uint32_t server;
    double similarity;
  };

  /// The servers with the nearest names, nearest first.
  std::vector<near_server> servers_near(std::string_view text) const;

  /// Server names are few and are wanted in the original.
  std::vector<std::string> server_names_;

  std::vector<uint32_t> server_of_;
  vocabulary words_;
  term_postings in_tools_;
  term_postings in_servers_;

  /// Sorted.
  std::vector<named_tool> names_;
};

} // namespace hub

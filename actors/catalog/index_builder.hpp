#pragma once

#include "actors/catalog/search_index.hpp"

#include <array>
#include <string>
#include <unordered_map>
#include <vector>

namespace hub {

/// Collects the terms of tools and turns them into postings: by tool, where
/// each field has its weight, and by server, whose text is all its tools.
class index_builder {
public:
  explicit index_builder(std::span<const server_document> servers);

  /// Adds the next tool.
  void add(const tool_document& tool);

  /// Writes out what was added.
  void finish(vocabulary& words, term_postings& in_tools, term_postings& in_servers);

private:
  enum field : uint8_t { name_field, server_field, title_field, description_field, parameter_field, field_count };

  using lengths = std::array<uint16_t, field_count>;

  void add_field(field where, std::string_view text);

  /// Gives each term its place in the order of all terms.
  vocabulary sort_terms();

  /// How much an occurrence in a field of a tool counts.
  float frequency_in(uint32_t tool, field where, const std::array<float, field_count>& average) const;

  std::array<float, field_count> average_lengths() const;

  std::span<const server_document> servers_;
  std::unordered_map<std::string, uint32_t> terms_;

  /// Term, tool and field of each occurrence, packed in that order, so that
  /// sorting the numbers brings together what belongs together.
  std::vector<uint64_t> occurrences_;

  std::vector<lengths> lengths_;
  std::vector<uint32_t> server_of_;
  std::vector<std::string> scratch_;
};

} // namespace hub

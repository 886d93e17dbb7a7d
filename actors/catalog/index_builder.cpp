#include "actors/catalog/index_builder.hpp"

#include "actors/catalog/text_analysis.hpp"

#include <algorithm>
#include <limits>

namespace hub {

namespace {

/// What one occurrence is worth in each field: name, server, title,
/// description, parameter names.
constexpr float field_weights[] = {3, 1.5f, 1, 1, 0.6f};

/// How much longer fields weigh less, from 0 to 1. Names are all short.
constexpr float length_penalties[] = {0.4f, 0.2f, 0.4f, 0.4f, 0.75f};

/// The same for the whole text of a server.
constexpr float server_length_penalty = 0.75f;

constexpr unsigned field_bits = 3;
constexpr unsigned tool_bits = 20;
static_assert(1u << tool_bits == term_postings::document_limit);

} // namespace

index_builder::index_builder(std::span<const server_document> servers) : servers_(servers) {
  // nop
}

void index_builder::add_field(field where, std::string_view text) {
  scratch_.clear();
  // Names are short, so that each word of theirs was chosen.
  append_terms(text, where == description_field ? stop_words::drop : stop_words::keep, scratch_);
  uint64_t tool = server_of_.size() - 1;
  for (auto& term : scratch_) {
    auto id = terms_.try_emplace(std::move(term), static_cast<uint32_t>(terms_.size())).first->second;
    occurrences_.push_back(uint64_t{id} << (tool_bits + field_bits) | tool << field_bits | where);
  }
  auto& length = lengths_.back()[where];
  length = static_cast<uint16_t>(std::min<size_t>(length + scratch_.size(), std::numeric_limits<uint16_t>::max()));
}

void index_builder::add(const tool_document& tool) {
  server_of_.push_back(tool.server);
  lengths_.emplace_back();
  add_field(name_field, tool.name);
  add_field(server_field, servers_[tool.server].name);
  add_field(server_field, servers_[tool.server].title);
  add_field(title_field, tool.title);
  add_field(description_field, tool.description);
  for (auto name : tool.parameter_names)
    add_field(parameter_field, name);
}

vocabulary index_builder::sort_terms() {
  std::vector<std::pair<std::string_view, uint32_t>> sorted(terms_.begin(), terms_.end());
  std::sort(sorted.begin(), sorted.end());
  std::vector<uint64_t> place(sorted.size());
  std::vector<std::string_view> words;
  words.reserve(sorted.size());
  for (auto& [word, id] : sorted) {
    place[id] = words.size();
    words.push_back(word);
  }
  constexpr auto shift = tool_bits + field_bits;
  for (auto& x : occurrences_)
    x = place[x >> shift] << shift | (x & ((uint64_t{1} << shift) - 1));
  std::sort(occurrences_.begin(), occurrences_.end());
  return vocabulary{words};
}

std::array<float, index_builder::field_count> index_builder::average_lengths() const {
  std::array<float, field_count> result{};
  for (auto& x : lengths_)
    for (size_t i = 0; i < field_count; ++i)
      result[i] += x[i];
  for (auto& x : result)
    x = std::max(x / static_cast<float>(std::max<size_t>(lengths_.size(), 1)), 1.0f);
  return result;
}

float index_builder::frequency_in(uint32_t tool, field where, const std::array<float, field_count>& average) const {
  auto relative = static_cast<float>(lengths_[tool][where]) / average[where];
  return field_weights[where] / (1 + length_penalties[where] * (relative - 1));
}

void index_builder::finish(vocabulary& words, term_postings& in_tools, term_postings& in_servers) {
  words = sort_terms();
  auto average = average_lengths();
  // The length of a server is the weight of all that its tools say.
  std::vector<float> server_lengths(servers_.size());
  for (auto x : occurrences_)
    server_lengths[server_of_[x >> field_bits & (term_postings::document_limit - 1)]]
      += field_weights[x & ((1u << field_bits) - 1)];
  float all_lengths = 0;
  for (auto x : server_lengths)
    all_lengths += x;
  auto average_server = std::max(all_lengths / static_cast<float>(std::max<size_t>(servers_.size(), 1)), 1.0f);
  std::vector<term_postings::occurrence> tools;
  std::vector<term_postings::occurrence> servers;
  std::vector<float> in_server(servers_.size());
  size_t i = 0;
  for (uint64_t word = 0; word < words.size(); ++word) {
    tools.clear();
    servers.clear();
    for (; i < occurrences_.size() && occurrences_[i] >> (tool_bits + field_bits) == word; ++i) {
      auto tool = static_cast<uint32_t>(occurrences_[i] >> field_bits & (term_postings::document_limit - 1));
      auto where = static_cast<field>(occurrences_[i] & ((1u << field_bits) - 1));
      if (tools.empty() || tools.back().document != tool)
        tools.push_back({tool, 0});
      tools.back().frequency += frequency_in(tool, where, average);
      auto server = server_of_[tool];
      if (in_server[server] == 0)
        servers.push_back({server, 0});
      in_server[server] += field_weights[where];
    }
    for (auto& x : servers) {
      auto relative = server_lengths[x.document] / average_server;
      x.frequency = in_server[x.document] / (1 + server_length_penalty * (relative - 1));
      in_server[x.document] = 0;
    }
    in_tools.add_term(tools);
    in_servers.add_term(servers);
  }
  in_tools.finish(static_cast<uint32_t>(server_of_.size()));
  in_servers.finish(static_cast<uint32_t>(servers_.size()));
}

} // namespace hub

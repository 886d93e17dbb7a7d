#pragma once

#include "messages/catalogue.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace hub {

/// Reads the four lists of a server, all pages of each, one page of each list
/// at a time (MCP, pagination). Plain: it says what to ask next.
class catalogue_reader {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// A page to ask for.
  struct page_request {
    std::string_view method;

    /// Raw JSON string; empty for the first page.
    std::string cursor;
  };

  /// Bounds of what one server may list; what is beyond is left out.
  static constexpr size_t max_pages = 1000;
  static constexpr size_t max_items = 20'000;

  /// How long a list is left alone after it was asked for, however short it holds; and the longest that it is
  /// believed to hold.
  static constexpr std::chrono::seconds least_pause{5};
  static constexpr std::chrono::hours longest_hold{24};

  /// Which lists the server has, from its `capabilities`.
  void set_capabilities(std::string_view capabilities);

  /// Starts to read all lists, or again the list that `notification` names.
  /// Returns false if it names none.
  bool start_all();
  bool restart(std::string_view notification);

  /// Starts to read those lists again that hold no longer. If they are as they were, nothing but their time is
  /// news, which only `freshness` tells. Returns false if there are none.
  bool restart_due(time_point now);

  /// The next page to ask for; `id` is the id it is asked with.
  std::optional<page_request> next(int64_t id, time_point deadline);

  /// Takes the answer to the request `id`: the `result`, or empty for an error.
  /// Returns false if `id` is none of its own.
  bool take(int64_t id, const json_text& result, time_point now);

  /// Gives up pages that are late.
  void expire(time_point now);

  bool busy() const noexcept;

  /// True once, when all lists are read and something was read since the last time.
  bool finished();

  /// Puts the lists into `x`.
  void copy_to(server_catalogue& x) const;

  /// Sentences about what was left out, since the last call.
  std::vector<std::string> take_remarks();

private:
  enum class state : uint8_t { idle, wanted, asked };

  struct list {
    list(list_kind kind, std::string_view method, std::string_view member, std::string_view key,
         std::string_view changed)
      : kind(kind), method(method), member(member), key(key), changed(changed) {
      // nop
    }

    list_kind kind;
    std::string_view method;
    std::string_view member;
    std::string_view key;
    std::string_view changed;
    bool offered = false;

    /// True once the server has told the whole list.
    bool read = false;
    state now = state::idle;
    bool again = false;
    uint64_t announced = 0;
    int64_t id = 0;
    time_point deadline;
    std::string cursor;
    size_t pages = 0;
    std::vector<json_text> reading;
    std::vector<json_text> items;
    std::unordered_set<std::string> names;

    /// It is read again because its time was over.
    bool renewing = false;

    /// What all pages of it say; no time if one says none.
    std::optional<std::chrono::milliseconds> reading_ttl;
    bool reading_public = false;
    bool is_public = false;

    /// Not asked for again before.
    time_point rests_until = time_point::min();
  };

  void start(list& x);
  void read_terms(list& x, std::string_view result);
  void remark(const list& x, std::string text);
  void finish(list& x);
  void give_up(list& x, const std::string& why);

  std::array<list, 4> lists_{{
    {list_kind::tools, "tools/list", "tools", "name", "notifications/tools/list_changed"},
    {list_kind::resources, "resources/list", "resources", "uri", "notifications/resources/list_changed"},
    {list_kind::templates, "resources/templates/list", "resourceTemplates", "uriTemplate",
     "notifications/resources/list_changed"},
    {list_kind::prompts, "prompts/list", "prompts", "name", "notifications/prompts/list_changed"},
  }};
  bool news_ = false;
  std::vector<std::string> remarks_;
  std::shared_ptr<list_freshness> freshness_ = std::make_shared<list_freshness>();
};

} // namespace hub

#include "actors/backend/catalogue_reader.hpp"

#include "messages/rpc/json_scan.hpp"

#include <algorithm>
#include <utility>

namespace hub {

void catalogue_reader::set_capabilities(std::string_view capabilities) {
  auto has = [capabilities](std::string_view key) {
    auto value = rpc::member(capabilities, key);
    return !value.empty() && value.front() == '{';
  };
  lists_[0].offered = has("tools");
  lists_[1].offered = lists_[2].offered = has("resources");
  lists_[3].offered = has("prompts");
}

void catalogue_reader::start(list& x) {
  x.now = state::wanted;
  x.again = false;
  x.cursor.clear();
  x.pages = 0;
  x.reading.clear();
  x.names.clear();
  x.renewing = false;
}

bool catalogue_reader::start_all() {
  news_ = true;
  for (auto& x : lists_)
    if (x.offered)
      start(x);
  return busy();
}

bool catalogue_reader::restart(std::string_view notification) {
  auto found = false;
  for (auto& x : lists_) {
    if (x.changed != notification)
      continue;
    found = true;
    ++x.announced;
    if (x.now != state::idle)
      x.again = true;
    else if (x.offered)
      start(x);
  }
  return found;
}

bool catalogue_reader::restart_due(time_point now) {
  auto found = false;
  for (auto& x : lists_) {
    auto until = freshness_->until(x.kind);
    if (!x.offered || x.now != state::idle || until == time_point::min() || now < until || now < x.rests_until)
      continue;
    start(x);
    x.renewing = true;
    x.rests_until = now + least_pause;
    found = true;
  }
  return found;
}

std::optional<catalogue_reader::page_request>
catalogue_reader::next(int64_t id, time_point deadline) {
  for (auto& x : lists_) {
    if (x.now != state::wanted)
      continue;
    x.now = state::asked;
    x.id = id;
    x.deadline = deadline;
    return page_request{x.method, x.cursor};
  }
  return std::nullopt;
}

/// What holds for all pages is the least of what they say.
void catalogue_reader::read_terms(list& x, std::string_view result) {
  auto is_first = x.pages == 0;
  auto ttl = rpc::to_integer(rpc::member(result, "ttlMs"));
  if (!ttl || *ttl < 0)
    x.reading_ttl.reset();
  else if (is_first || x.reading_ttl)
    x.reading_ttl = std::min(std::chrono::milliseconds{std::min<int64_t>(*ttl, std::chrono::milliseconds{longest_hold}.count())},
                             is_first ? std::chrono::milliseconds::max() : *x.reading_ttl);
  x.reading_public = (is_first || x.reading_public) && rpc::member(result, "cacheScope") == R"("public")";
}

/// What was said of a list as it was read first is not said again.
void catalogue_reader::remark(const list& x, std::string text) {
  if (!x.renewing)
    remarks_.push_back(std::move(text));
}

bool catalogue_reader::take(int64_t id, const json_text& result, time_point now) {
  auto i = std::find_if(lists_.begin(), lists_.end(), [id](const list& x) {
    return x.now == state::asked && x.id == id;
  });
  if (i == lists_.end())
    return false;
  auto& x = *i;
  if (result.empty()) {
    give_up(x, "was answered with an error");
    return true;
  }
  read_terms(x, result.view());
  auto items = rpc::member(result.view(), x.member);
  auto is_list = rpc::for_each_element(items, [&](std::string_view item) {
    auto name = rpc::unquote(rpc::member(item, x.key));
    if (!name || name->empty()) {
      remark(x, std::string{x.method} + " has an entry without " + std::string{x.key}
                         + ", which is left out: " + std::string{item.substr(0, 120)});
      return true;
    }
    if (x.reading.size() >= max_items)
      return false;
    // Lists of all servers go out as one text, which one bad entry would spoil.
    if (auto fault = rpc::check_json(item)) {
      remark(x, std::string{x.method} + " has an entry that is not JSON (" + *fault
                         + "), which is left out: " + std::string{item.substr(0, 120)});
      return true;
    }
    if (x.names.insert(std::move(*name)).second)
      x.reading.push_back(json_text{std::string{item}});
    else
      remark(x, std::string{x.method} + " has the same entry twice; the second is left out: "
                         + std::string{item.substr(0, 120)});
    return true;
  });
  if (!is_list)
    remark(x, std::string{x.method} + " was answered without an array " + std::string{x.member});
  auto cursor = rpc::member(result.view(), "nextCursor");
  auto more = is_list && !cursor.empty() && cursor.front() == '"';
  if (more && (++x.pages >= max_pages || x.reading.size() >= max_items || cursor == x.cursor)) {
    remark(x, std::string{x.method} + " does not end; it is cut after "
                       + std::to_string(x.reading.size()) + " entries");
    more = false;
  }
  if (more) {
    x.cursor = std::string{cursor};
    x.now = state::wanted;
  } else {
    freshness_->set(x.kind, x.reading_ttl ? now + *x.reading_ttl : time_point::min());
    x.rests_until = now + least_pause;
    finish(x);
  }
  return true;
}

void catalogue_reader::give_up(list& x, const std::string& why) {
  remark(x, std::string{x.method} + ' ' + why + "; the list known before stays");
  // A server that fails once has not lost what it had.
  x.reading = x.items;
  x.reading_public = x.is_public;
  auto untold = !x.read;
  finish(x);
  x.read = !untold;
}

void catalogue_reader::finish(list& x) {
  news_ |= !std::exchange(x.renewing, false) || x.reading_public != x.is_public
           || !std::ranges::equal(x.reading, x.items, {}, &json_text::view, &json_text::view);
  x.items = std::exchange(x.reading, {});
  x.is_public = x.reading_public;
  x.names.clear();
  x.read = true;
  x.now = state::idle;
  if (x.again)
    start(x);
}

void catalogue_reader::expire(time_point now) {
  for (auto& x : lists_) {
    if (x.now != state::asked || now < x.deadline)
      continue;
    give_up(x, "was not answered in time");
  }
}

bool catalogue_reader::busy() const noexcept {
  return std::any_of(lists_.begin(), lists_.end(),
                     [](const list& x) { return x.now != state::idle; });
}

bool catalogue_reader::finished() {
  return !busy() && std::exchange(news_, false);
}

void catalogue_reader::copy_to(server_catalogue& x) const {
  x.tools = lists_[0].items;
  x.resources = lists_[1].items;
  x.templates = lists_[2].items;
  x.prompts = lists_[3].items;
  auto untold = [](const list& y) { return y.offered && !y.read; };
  x.untold = {untold(lists_[0]), untold(lists_[1]), untold(lists_[2]), untold(lists_[3])};
  x.announced = {lists_[0].announced, lists_[1].announced, lists_[3].announced};
  x.freshness = freshness_;
  for (size_t i = 0; i < lists_.size(); ++i)
    x.is_public[i] = lists_[i].is_public;
}

std::vector<std::string> catalogue_reader::take_remarks() {
  return std::exchange(remarks_, {});
}

} // namespace hub

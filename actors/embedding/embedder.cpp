#include "actors/embedding/embedder.hpp"

#include "actors/catalog/name_hash.hpp"
#include "actors/catalog/rank_fusion.hpp"
#include "actors/embedding/embedding_text.hpp"
#include "messages/reply.hpp"
#include "messages/rpc/json_scan.hpp"

#include <caf/actor_clock.hpp>
#include <caf/actor_system.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>
#include <unordered_map>
#include <utility>

namespace hub {

namespace {

using pointer = meaning_actor::stateful_pointer<embedder_state>;
using steady_time = std::chrono::steady_clock::time_point;

/// How many texts one request has: an answer of 1,536 numbers for each must stay below 1 MiB.
constexpr size_t most_texts = 16;

/// How long the endpoint is left alone after a failure, at first and in the end.
constexpr std::chrono::seconds first_pause{2};
constexpr std::chrono::minutes last_pause{5};

constexpr std::chrono::seconds keep_interval{60};

/// The most requests under way, snapshots and requests that are remembered, and the longest request in bytes.
constexpr size_t most_in_flight = 8;
constexpr size_t most_snapshots = 4;
constexpr size_t most_asked = 128;
constexpr size_t longest_request = 2'000;

/// What is less alike has nothing to do with each other.
constexpr float least_similarity = 0.2f;

steady_time now_of(pointer self) {
  return steady_time{self->clock().now().time_since_epoch()};
}

uint64_t key_of(const catalog_snapshot& snapshot, tool_ref x, std::string* text = nullptr) {
  auto read = text_to_embed(snapshot.servers()[x.server].name, snapshot.tool(x).view());
  auto result = name_hash(read);
  if (text)
    *text = std::move(read);
  return result;
}

fetch_document request_for(pointer self, const std::vector<std::string>& texts) {
  auto& settings = self->state.settings;
  web_request request{"POST",
                      settings.url,
                      {{"Accept", "application/json"}, {"Content-Type", "application/json"}},
                      embedding_request(settings.model, texts),
                      false};
  return {"", std::move(request)};
}

void failed(pointer self, std::string why) {
  auto& st = self->state;
  if (st.error.empty())
    spdlog::warn("embeddings: {} {}; searches go on without it", st.settings.url, why);
  st.error = std::move(why);
  st.pause = std::clamp<std::chrono::milliseconds>(st.pause * 2, first_pause, last_pause);
  st.pause_until = now_of(self) + st.pause;
}

void worked(pointer self) {
  auto& st = self->state;
  if (!st.error.empty())
    spdlog::info("embeddings: {} answers again", st.settings.url);
  st.error.clear();
  st.pause = {};
  st.pause_until = {};
}

/// Why an answer is none; empty if it is one.
std::string fault_of(const web_answer& x) {
  if (x.status == 0)
    return x.cause.empty() ? "does not answer" : x.cause;
  return x.good() ? "" : "answers with HTTP " + std::to_string(x.status);
}

void keep(pointer self) {
  auto& st = self->state;
  if (!std::exchange(st.unkept, false) || !st.settings.notes)
    return;
  st.kept_at = now_of(self);
  self->send(st.settings.notes, keep_note{"vectors", st.vectors.write(st.settings.model)});
}

/// Has the next texts made into vectors.
void go_on(pointer self) {
  auto& st = self->state;
  if (st.fetching)
    return;
  if (st.waiting.empty())
    return keep(self);
  if (now_of(self) - st.kept_at >= keep_interval)
    keep(self);
  st.fetching = true;
  auto batch = std::make_shared<std::vector<std::pair<uint64_t, std::string>>>();
  std::vector<std::string> texts;
  while (!st.waiting.empty() && texts.size() < st.batch) {
    batch->push_back(std::move(st.waiting.front()));
    texts.push_back(batch->back().second);
    st.waiting.pop_front();
  }
  auto give_up = [self, batch](const std::string& why) {
    auto& st = self->state;
    for (auto& x : *batch)
      st.waiting.push_back(std::move(x));
    failed(self, why);
    self->delayed_send(self, st.pause, embed_next{});
  };
  self->request(st.settings.web, caf::infinite, request_for(self, texts))
    .then(
      [self, batch, give_up](const web_answer& x) {
        auto& st = self->state;
        st.fetching = false;
        auto fault = fault_of(x);
        auto vectors = fault.empty() ? read_embeddings(x.body, batch->size()) : std::vector<std::vector<float>>{};
        if (fault.empty() && vectors.empty())
          fault = "answers with something else than vectors";
        if (x.status >= 400 && x.status < 500 && x.status != 429) {
          // A text may be too much for it: find out which one, and leave it out.
          if (batch->size() == 1)
            batch->clear();
          st.batch = std::max<size_t>(st.batch / 2, 1);
        }
        if (!fault.empty())
          return give_up(fault);
        worked(self);
        for (size_t i = 0; i < vectors.size(); ++i)
          st.vectors.add((*batch)[i].first, vectors[i]);
        st.unkept = true;
        // A snapshot that came meanwhile wanted them, too.
        std::erase_if(st.waiting, [&st](auto& x) { return st.vectors.has(x.first); });
        go_on(self);
      },
      [self, give_up](const caf::error&) {
        self->state.fetching = false;
        give_up("cannot be reached");
      });
}

/// There are other tools.
void take(pointer self, const snapshot_ptr& snapshot) {
  auto& st = self->state;
  st.snapshot = snapshot;
  std::erase_if(st.known, [&](auto& x) { return x.snapshot != snapshot; });
  st.waiting.clear();
  std::unordered_map<uint64_t, bool> wanted;
  for (auto ref : snapshot->tools()) {
    std::string text;
    auto key = key_of(*snapshot, ref, &text);
    if (wanted.size() < tool_vectors::most && wanted.emplace(key, true).second && !st.vectors.has(key))
      st.waiting.emplace_back(key, std::move(text));
  }
  // Tools of servers that are only away for a while keep theirs as long as there is room.
  if (st.vectors.size() + st.waiting.size() > tool_vectors::most) {
    st.vectors.keep_only(wanted);
    st.known.clear();
  }
  if (now_of(self) >= st.pause_until)
    go_on(self);
}

const std::vector<std::optional<uint32_t>>& rows_of(pointer self, const snapshot_ptr& snapshot) {
  auto& st = self->state;
  auto i = std::ranges::find(st.known, snapshot, &embedder_state::known_snapshot::snapshot);
  if (i != st.known.end() && i->vectors == st.vectors.size())
    return i->rows;
  if (i != st.known.end())
    st.known.erase(i);
  if (st.known.size() >= most_snapshots)
    st.known.pop_back();
  std::vector<std::optional<uint32_t>> rows;
  for (auto ref : snapshot->tools())
    rows.push_back(st.vectors.row_of(key_of(*snapshot, ref)));
  st.known.push_front({snapshot, st.vectors.size(), std::move(rows)});
  return st.known.front().rows;
}

meaning_ranked rank(pointer self, const rank_by_meaning& x, const std::vector<float>& vector) {
  meaning_ranked result{x.snapshot, {}};
  for (auto& near : self->state.vectors.nearest(vector, rows_of(self, x.snapshot), fusion_depth, least_similarity))
    result.tools.push_back(near.place);
  return result;
}

caf::result<meaning_ranked> answer(pointer self, rank_by_meaning& x) {
  auto& st = self->state;
  auto known = std::ranges::find(st.asked, x.request, [](auto& y) { return y.first; });
  if (known != st.asked.end()) {
    st.asked.splice(st.asked.begin(), st.asked, known);
    return rank(self, x, known->second);
  }
  if (st.vectors.size() == 0 || st.in_flight >= most_in_flight || now_of(self) < st.pause_until
      || x.request.size() > longest_request)
    return meaning_ranked{x.snapshot, {}};
  ++st.in_flight;
  auto promise = self->make_response_promise<meaning_ranked>();
  auto owed = std::make_shared<reply<meaning_ranked>>(promise);
  auto wanted = std::make_shared<const rank_by_meaning>(std::move(x));
  self->request(st.settings.web, caf::infinite, request_for(self, {wanted->request}))
    .then(
      [self, owed, wanted](const web_answer& x) {
        auto& st = self->state;
        --st.in_flight;
        auto fault = fault_of(x);
        auto vectors = fault.empty() ? read_embeddings(x.body, 1) : std::vector<std::vector<float>>{};
        if (vectors.empty()) {
          failed(self, fault.empty() ? "answers with something else than vectors" : fault);
          return owed->deliver(meaning_ranked{wanted->snapshot, {}});
        }
        worked(self);
        st.asked.emplace_front(wanted->request, std::move(vectors.front()));
        if (st.asked.size() > most_asked)
          st.asked.pop_back();
        owed->deliver(rank(self, *wanted, st.asked.front().second));
      },
      [self, owed, wanted](const caf::error&) {
        --self->state.in_flight;
        owed->deliver(meaning_ranked{wanted->snapshot, {}});
      });
  return promise;
}

report tell(pointer self) {
  auto& st = self->state;
  return {200, "application/json",
          R"({"url":)" + rpc::quote(st.settings.url) + R"(,"model":)" + rpc::quote(st.settings.model) + R"(,"tools":)"
            + std::to_string(st.snapshot ? st.snapshot->tools().size() : 0) + R"(,"vectors":)"
            + std::to_string(st.vectors.size()) + R"(,"waiting":)" + std::to_string(st.waiting.size())
            + R"(,"error":)" + rpc::quote(st.error) + '}'};
}

} // namespace

meaning_actor::behavior_type embedder(pointer self, embedder_settings settings) {
  auto& st = self->state;
  st.settings = std::move(settings);
  st.vectors = tool_vectors::read(std::exchange(st.settings.kept, {}), st.settings.model);
  st.batch = most_texts;
  st.kept_at = now_of(self);
  return {
    [self](rank_by_meaning& x) { return answer(self, x); },
    [self](embed_next) { go_on(self); },
    [self](const catalog_published& x) {
      if (x.snapshot != self->state.snapshot)
        take(self, x.snapshot);
    },
    [self](const get_report& x) {
      if (x.what == "embeddings")
        return tell(self);
      return report{404, "application/json", R"({"error":"There is no such report","fix":"Ask for embeddings"})"};
    },
  };
}

} // namespace hub

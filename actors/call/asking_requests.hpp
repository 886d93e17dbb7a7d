#pragma once

#include "messages/answer.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>

namespace hub {

/// Whether a client declares anything that a server may ask of it: roots, sampling
/// or elicitation.
bool can_be_asked(const client_context& client);

/// What a request is about: the server, the method, and the tool, prompt or resource.
/// Empty for requests that must not leave the run where they were begun, as a task does.
std::string subject_of(std::string_view server, std::string_view method, const json_text& params);

/// Which requests make their servers ask something of which nobody can tell whose
/// question it is. Kept while the hub runs; when there are too many, all are
/// forgotten and learnt again.
class asking_requests {
public:
  explicit asking_requests(size_t capacity = 4096) : capacity_(capacity) {
    // nop
  }

  /// It has asked.
  void saw(const std::string& subject);

  /// It, or another one at the same time, has asked.
  void suspect(const std::string& subject);

  /// It was alone and did not ask: a suspicion is unfounded.
  void clear(const std::string& subject);

  bool may_ask(const std::string& subject) const {
    return known_.contains(subject);
  }

  bool empty() const noexcept {
    return known_.empty();
  }

private:
  void add(const std::string& subject, bool seen);

  size_t capacity_;

  /// True for what was seen to ask.
  std::unordered_map<std::string, bool> known_;
};

} // namespace hub

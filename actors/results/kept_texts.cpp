#include "actors/results/kept_texts.hpp"

#include <utility>

namespace hub {

bool kept_texts::add(std::string token, std::string owner, std::string text, clock::time_point now) {
  expire(now);
  if (text.size() > limits_.bytes || limits_.entries == 0)
    return false;
  while (!entries_.empty() && (bytes_ + text.size() > limits_.bytes || entries_.size() >= limits_.entries))
    drop(std::prev(entries_.end()));
  bytes_ += text.size();
  entries_.push_front({token, std::move(owner), std::make_shared<const std::string>(std::move(text)), now});
  index_.insert_or_assign(std::move(token), entries_.begin());
  return true;
}

std::shared_ptr<const std::string> kept_texts::find(const std::string& token, const std::string& owner,
                                                    clock::time_point now) {
  expire(now);
  auto i = index_.find(token);
  if (i == index_.end() || i->second->owner != owner)
    return nullptr;
  entries_.splice(entries_.begin(), entries_, i->second);
  i->second->used = now;
  return i->second->text;
}

void kept_texts::drop(entries::iterator x) {
  bytes_ -= x->text->size();
  index_.erase(x->token);
  entries_.erase(x);
}

void kept_texts::expire(clock::time_point now) {
  while (!entries_.empty() && entries_.back().used + limits_.life <= now)
    drop(std::prev(entries_.end()));
}

} // namespace hub

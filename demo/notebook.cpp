#include "demo/notebook.hpp"

#include <algorithm>
#include <cctype>

namespace hub::demo {

int notebook::add(std::string_view text) {
  if (notes_.size() == capacity)
    notes_.erase(notes_.begin());
  notes_.push_back({++last_id_, std::string{text}});
  return last_id_;
}

std::vector<const notebook::note*> notebook::search(std::string_view words) const {
  auto same = [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); };
  std::vector<const note*> result;
  for (auto& candidate : notes_)
    if (std::search(candidate.text.begin(), candidate.text.end(), words.begin(), words.end(), same) != candidate.text.end()
        || words.empty())
      result.push_back(&candidate);
  return result;
}

const notebook::note* notebook::find(int id) const {
  auto found = std::find_if(notes_.begin(), notes_.end(), [id](auto& candidate) { return candidate.id == id; });
  return found == notes_.end() ? nullptr : &*found;
}

} // namespace hub::demo

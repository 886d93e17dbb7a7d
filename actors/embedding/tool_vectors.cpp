#include "actors/embedding/tool_vectors.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace hub {

namespace {

constexpr std::string_view mark = "slm-hub vectors 1\n";

template <class T>
void append(std::string& to, std::span<const T> values) {
  to.append(reinterpret_cast<const char*>(values.data()), values.size_bytes());
}

template <class T>
bool take(std::string_view& from, std::vector<T>& values, size_t count) {
  if (from.size() / sizeof(T) < count)
    return false;
  values.resize(count);
  std::memcpy(values.data(), from.data(), count * sizeof(T));
  from.remove_prefix(count * sizeof(T));
  return true;
}

} // namespace

std::optional<uint32_t> tool_vectors::row_of(uint64_t key) const noexcept {
  auto i = rows_.find(key);
  return i != rows_.end() ? std::optional{i->second} : std::nullopt;
}

tool_vectors::packed tool_vectors::pack(std::span<const float> vector) {
  double square = 0;
  float largest = 0;
  for (auto x : vector) {
    if (!std::isfinite(x))
      return {};
    square += static_cast<double>(x) * static_cast<double>(x);
    largest = std::max(largest, std::abs(x));
  }
  if (square <= 0 || vector.size() > longest)
    return {};
  packed result;
  result.unit = static_cast<float>(static_cast<double>(largest) / 127 / std::sqrt(square));
  result.numbers.reserve(vector.size());
  for (auto x : vector)
    result.numbers.push_back(static_cast<int8_t>(std::lround(x / largest * 127)));
  return result;
}

void tool_vectors::add(uint64_t key, std::span<const float> vector) {
  auto added = pack(vector);
  if (added.numbers.empty() || rows_.contains(key))
    return;
  if (added.numbers.size() != length_) {
    *this = {};
    length_ = added.numbers.size();
  }
  if (size() >= most)
    return;
  rows_.emplace(key, static_cast<uint32_t>(keys_.size()));
  keys_.push_back(key);
  units_.push_back(added.unit);
  numbers_.insert(numbers_.end(), added.numbers.begin(), added.numbers.end());
}

std::vector<tool_vectors::near_tool> tool_vectors::nearest(std::span<const float> request,
                                                           std::span<const std::optional<uint32_t>> rows, size_t limit,
                                                           float least) const {
  std::vector<near_tool> result;
  auto wanted = pack(request);
  if (wanted.numbers.size() != length_ || length_ == 0)
    return result;
  for (uint32_t place = 0; place < rows.size(); ++place) {
    if (!rows[place])
      continue;
    auto row = *rows[place];
    auto* numbers = numbers_.data() + size_t{row} * length_;
    int32_t product = 0;
    for (size_t i = 0; i < length_; ++i)
      product += int32_t{numbers[i]} * int32_t{wanted.numbers[i]};
    auto similarity = static_cast<float>(product) * units_[row] * wanted.unit;
    if (similarity >= least)
      result.push_back({place, similarity});
  }
  auto count = std::min(limit, result.size());
  std::ranges::partial_sort(result, result.begin() + static_cast<ptrdiff_t>(count), [](auto& a, auto& b) {
    return a.similarity != b.similarity ? a.similarity > b.similarity : a.place < b.place;
  });
  result.resize(count);
  return result;
}

void tool_vectors::keep_only(const std::unordered_map<uint64_t, bool>& keys) {
  tool_vectors kept;
  kept.length_ = length_;
  for (uint32_t row = 0; row < keys_.size(); ++row) {
    if (!keys.contains(keys_[row]))
      continue;
    kept.rows_.emplace(keys_[row], static_cast<uint32_t>(kept.keys_.size()));
    kept.keys_.push_back(keys_[row]);
    kept.units_.push_back(units_[row]);
    auto* numbers = numbers_.data() + size_t{row} * length_;
    kept.numbers_.insert(kept.numbers_.end(), numbers, numbers + length_);
  }
  *this = std::move(kept);
}

std::string tool_vectors::write(std::string_view model) const {
  std::string result{mark};
  result += std::string{model} + '\n' + std::to_string(length_) + '\n' + std::to_string(size()) + '\n';
  append<uint64_t>(result, keys_);
  append<float>(result, units_);
  append<int8_t>(result, numbers_);
  return result;
}

tool_vectors tool_vectors::read(std::string_view bytes, std::string_view model) {
  auto line = [&bytes] {
    auto end = std::min(bytes.find('\n'), bytes.size());
    auto result = bytes.substr(0, end);
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
    return std::string{result};
  };
  auto number = [&line]() -> size_t {
    auto text = line();
    size_t result = 0;
    for (auto c : text)
      result = c >= '0' && c <= '9' && result < 1'000'000 ? result * 10 + static_cast<size_t>(c - '0') : 1'000'000;
    return result;
  };
  if (!bytes.starts_with(mark))
    return {};
  bytes.remove_prefix(mark.size());
  if (line() != model)
    return {};
  tool_vectors result;
  result.length_ = number();
  auto count = number();
  if (result.length_ == 0 || result.length_ > longest || count > most || !take(bytes, result.keys_, count)
      || !take(bytes, result.units_, count) || !take(bytes, result.numbers_, count * result.length_) || !bytes.empty())
    return {};
  for (uint32_t row = 0; row < count; ++row)
    result.rows_.emplace(result.keys_[row], row);
  return result.rows_.size() == count ? std::move(result) : tool_vectors{};
}

} // namespace hub

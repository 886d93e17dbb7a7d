#ifndef TESTS_BENCH_JSON_SCAN_H
#define TESTS_BENCH_JSON_SCAN_H

#include <stdbool.h>
#include <string.h>

/// A range of bytes in a text that somebody else owns; `at` is null when there is none.
struct span {
  const char* at;
  size_t size;
};

#define TEXT_SPAN(literal) ((struct span){literal, sizeof(literal) - 1})

static inline bool span_is(struct span s, const char* text) {
  size_t n = strlen(text);
  return s.at != NULL && s.size == n && memcmp(s.at, text, n) == 0;
}

static inline const char* skip_space(const char* p, const char* end) {
  while (p < end && (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n'))
    ++p;
  return p;
}

/// Returns the position behind the string that opens at `p`, or `end`.
static inline const char* skip_string(const char* p, const char* end) {
  for (++p; p < end; ++p) {
    if (*p == '"')
      return p + 1;
    if (*p == '\\')
      ++p;
  }
  return end;
}

/// Returns the position behind the value that begins at `p`; the value is not checked.
static inline const char* skip_value(const char* p, const char* end) {
  if (p < end && *p == '"')
    return skip_string(p, end);
  int depth = 0;
  while (p < end) {
    char c = *p;
    if (c == '"') {
      p = skip_string(p, end);
      continue;
    }
    if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      if (--depth <= 0)
        return depth < 0 ? p : p + 1;
    } else if (depth == 0 && c == ',') {
      return p;
    }
    ++p;
  }
  return end;
}

/// Finds the values of `count` keys among the members of `object`, strings with their quotes, and stops at the last one
/// found. Keys with escapes are not recognised, which neither the load generator nor the servers write.
static inline void find_members(struct span object, int count, const char* const* keys, struct span* values) {
  for (int i = 0; i < count; ++i)
    values[i] = (struct span){NULL, 0};
  if (object.at == NULL)
    return;
  const char* end = object.at + object.size;
  const char* p = skip_space(object.at, end);
  if (p == end || *p != '{')
    return;
  int missing = count;
  for (++p; missing > 0;) {
    p = skip_space(p, end);
    if (p < end && *p == ',')
      p = skip_space(p + 1, end);
    if (p >= end || *p != '"')
      return;
    const char* key = p + 1;
    p = skip_string(p, end);
    size_t key_size = (size_t)(p - key) - 1;
    p = skip_space(p, end);
    if (p >= end || *p != ':')
      return;
    p = skip_space(p + 1, end);
    const char* value = p;
    p = skip_value(p, end);
    for (int i = 0; i < count; ++i) {
      if (values[i].at == NULL && strlen(keys[i]) == key_size && memcmp(keys[i], key, key_size) == 0) {
        const char* last = p;
        while (last > value && (last[-1] == ' ' || last[-1] == '\t' || last[-1] == '\r' || last[-1] == '\n'))
          --last;
        values[i] = (struct span){value, (size_t)(last - value)};
        --missing;
        break;
      }
    }
  }
}

#endif

#ifndef TESTS_BENCH_BYTE_QUEUE_H
#define TESTS_BENCH_BYTE_QUEUE_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/// Bytes that are appended at one end and taken at the other; for reading from and writing to descriptors in batches.
struct byte_queue {
  char* data;
  size_t begin; ///< Offset of the first byte that is still wanted.
  size_t end;   ///< Offset behind the last byte.
  size_t capacity;
};

static inline size_t queue_size(const struct byte_queue* q) {
  return q->end - q->begin;
}

static inline const char* queue_front(const struct byte_queue* q) {
  return q->data + q->begin;
}

/// Makes room for `n` more bytes and returns where they go; ends the program when memory is out, as a yardstick may.
static inline char* queue_reserve(struct byte_queue* q, size_t n) {
  if (q->capacity - q->end >= n)
    return q->data + q->end;
  size_t held = queue_size(q);
  if (q->begin > 0 && q->capacity - held >= n && q->begin >= held) {
    memcpy(q->data, q->data + q->begin, held);
  } else {
    size_t capacity = q->capacity ? q->capacity : 4096;
    while (capacity - held < n)
      capacity *= 2;
    char* data = (char*)malloc(capacity);
    if (data == NULL) {
      fprintf(stderr, "out of memory for %zu bytes\n", capacity);
      exit(1);
    }
    if (held > 0)
      memcpy(data, q->data + q->begin, held);
    free(q->data);
    q->data = data;
    q->capacity = capacity;
  }
  q->begin = 0;
  q->end = held;
  return q->data + q->end;
}

static inline void queue_append(struct byte_queue* q, const char* at, size_t n) {
  memcpy(queue_reserve(q, n), at, n);
  q->end += n;
}

/// The memory that an empty queue keeps, so that one large result after another does not fault its pages in again.
#define QUEUE_KEPT_MAX ((size_t)32 << 20)

/// Forgets the first `n` bytes.
static inline void queue_consume(struct byte_queue* q, size_t n) {
  q->begin += n;
  if (q->begin < q->end)
    return;
  q->begin = q->end = 0;
  if (q->capacity > QUEUE_KEPT_MAX) {
    free(q->data);
    q->data = NULL;
    q->capacity = 0;
  }
}

#endif

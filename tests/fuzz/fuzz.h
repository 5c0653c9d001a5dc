/* SPDX-License-Identifier: MIT */
/* fuzz.h - what the fuzz targets share. */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max,
                               unsigned seed);

static inline void demand(int promise, const char *what) {
  if (!promise) {
    dprintf(STDERR_FILENO, "broken promise: %s\n", what);
    abort();
  }
}

/* A copy with a NUL behind it, to be freed. */
static inline char *text_of(const void *data, size_t size) {
  char *text = malloc(size + 1);
  if (text == NULL)
    abort();
  memcpy(text, data, size);
  text[size] = '\0';
  return text;
}

/* The bytes up to the first NUL; *data and *size become those behind it. */
static inline char *first_text(const uint8_t **data, size_t *size) {
  size_t len = strnlen((const char *)*data, *size);
  char *text = text_of(*data, len);
  size_t used = len < *size ? len + 1 : len;
  *data += used;
  *size -= used;
  return text;
}

static inline void demand_one_line(const char *text, const char *what) {
  demand(*text != '\0', what);
  for (; *text != '\0'; text++)
    demand((unsigned char)*text >= ' ' && *text != 0x7f, what);
}

#define FUZZ_PATH_MAX 32

/* A file in memory, by the path that opens it; its descriptor. */
static inline int file_of(const void *data, size_t size,
                          char path[FUZZ_PATH_MAX]) {
  int fd = memfd_create("fuzz", MFD_CLOEXEC);
  demand(fd >= 0 && write(fd, data, size) == (ssize_t)size, "a file");
  snprintf(path, FUZZ_PATH_MAX, "/proc/self/fd/%d", fd);
  return fd;
}

/* What commands print goes nowhere; the fuzzer's own output does not change. */
static inline void silence_commands(void) {
  stdout = fopen("/dev/null", "we");
  stderr = fopen("/dev/null", "we");
  demand(stdout != NULL && stderr != NULL, "/dev/null");
}

#endif

#include "hub/piece.h"

#include <errno.h>
#include <unistd.h>

ssize_t piece_read(int fd, void *to, size_t len, off_t at) {
  size_t have = 0;
  ssize_t got = 1;
  while (have < len && got > 0) {
    got = TEMP_FAILURE_RETRY(
        pread(fd, (char *)to + have, len - have, at + (off_t)have));
    have += got > 0 ? (size_t)got : 0;
  }
  return got >= 0 ? (ssize_t)have : -1;
}

/* SPDX-License-Identifier: MIT */
#include "ctl/output.h"

#include "ctl/ctl.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int first_error; /* errno; 0: none */

static void note(bool failed) {
  if (failed && first_error == 0)
    first_error = errno != 0 ? errno : EIO;
}

void output_begin(void) {
  first_error = 0;
  signal(SIGPIPE, SIG_IGN);
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
    if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
        open("/dev/null", fd == STDERR_FILENO ? O_WRONLY : O_RDONLY) != fd)
      first_error = EBADF;
}

void output_format(const char *fmt, ...) {
  va_list args;
  va_start(args, fmt);
  note(vprintf(fmt, args) < 0);
  va_end(args);
}

void output_text(const char *text) { note(fputs(text, stdout) < 0); }

void output_flush(void) { note(fflush(stdout) != 0); }

bool output_failed(void) { return first_error != 0; }

int output_end(int status) {
  output_flush();
  if (!output_failed())
    return status;
  fprintf(stderr, "mcphubctl: cannot write the output: %s\n",
          first_error == EBADF ? "stdout is closed" : strerror(first_error));
  return CTL_UNKNOWN;
}

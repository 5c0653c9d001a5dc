/* SPDX-License-Identifier: MIT */
/* mcphubctl watch: the page of "status", refreshed in place. */
#include "ctl/hub_page.h"
#include "ctl/output.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static volatile sig_atomic_t ended;
static volatile sig_atomic_t suspended;

static void on_end(int signal_number) {
  (void)signal_number;
  ended = 1;
}

static void on_suspend(int signal_number) {
  (void)signal_number;
  suspended = 1;
}

static void on_resize(int signal_number) { (void)signal_number; }

/* Signals are unblocked only during the wait: none is lost. */
static sigset_t hold_signals(bool terminal) {
  static const int ends[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP};
  struct sigaction end = {.sa_handler = on_end};
  struct sigaction suspend = {.sa_handler = on_suspend};
  struct sigaction resize = {.sa_handler = on_resize};
  struct sigaction inherited;
  sigset_t held;
  sigset_t before;
  ended = 0;
  sigemptyset(&held);
  for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
    sigaction(ends[i], &end, NULL);
    sigaddset(&held, ends[i]);
  }
  sigaction(SIGWINCH, &resize, NULL);
  sigaddset(&held, SIGWINCH);
  sigaction(SIGTSTP, NULL, &inherited);
  if (terminal && inherited.sa_handler != SIG_IGN) {
    sigaction(SIGTSTP, &suspend, NULL);
    sigaddset(&held, SIGTSTP);
  }
  sigprocmask(SIG_BLOCK, &held, &before);
  return before;
}

/* Alternate screen, no cursor. */
static void take_screen(void) { output_text("\033[?1049h\033[?25l\033[2J"); }

static void leave_screen(void) {
  output_text("\033[?25h\033[?1049l");
  output_flush();
}

/* Gives the terminal back to the shell and stops by the signal's default
 * action, which does nothing without a shell. */
static void suspend_program(void) {
  struct sigaction ours;
  struct sigaction stop = {.sa_handler = SIG_DFL};
  sigset_t only;
  suspended = 0;
  leave_screen();
  sigemptyset(&only);
  sigaddset(&only, SIGTSTP);
  sigaction(SIGTSTP, &stop, &ours);
  raise(SIGTSTP);
  sigprocmask(SIG_UNBLOCK, &only, NULL); /* stops here */
  sigprocmask(SIG_BLOCK, &only, NULL);
  sigaction(SIGTSTP, &ours, NULL);
  take_screen();
}

/* Overwrites the old page and clears the rest: no flicker. */
static void show(const char *at, const char *hint) {
  struct winsize size = {.ws_row = 24};
  ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
  output_text("\033[H");
  for (int row = 1; row < size.ws_row && *at != '\0'; row++) {
    size_t len = strcspn(at, "\n");
    output_format("%.*s\033[K\n", (int)len, at);
    at += len + (at[len] == '\n');
  }
  output_format("\033[J%s",
                *at != '\0' ? "(the window is too small for all)" : hint);
  output_flush();
}

static struct page *page_of_error(char *err) {
  char *rest = NULL;
  struct page *p = page_for_stdout();
  for (char *line = strtok_r(err, "\n", &rest); p != NULL && line != NULL;
       line = strtok_r(NULL, "\n", &rest)) {
    page_put(p, PAGE_PLAIN, "%s", line);
    page_end_line(p);
  }
  return p;
}

static void look_as_json(const struct ctl *c) {
  char err[CTL_ERROR_MAX];
  struct json_writer json = CTL_JSON;
  if (hub_page_look(c, NULL, &json, err, sizeof(err)) != 0)
    ctl_fail(c, "%s", err);
  else if (ctl_print_json(&json) != 0)
    ctl_fail(c, "out of memory");
  json_writer_clear(&json);
}

static void look(const struct ctl *c, bool terminal) {
  char err[CTL_ERROR_MAX];
  struct page *p = page_for_stdout();
  if (p != NULL && hub_page_look(c, p, NULL, err, sizeof(err)) != 0) {
    page_destroy(p);
    p = page_of_error(err);
  }
  const char *text = page_text(p);
  if (text == NULL)
    text = "out of memory\n";
  if (terminal)
    show(text, "Ctrl-C ends");
  else
    output_format("%s\n", text);
  output_flush();
  page_destroy(p);
}

int command_watch(const struct ctl *c) {
  bool terminal = page_is_terminal(stdout) && !c->json;
  sigset_t before = hold_signals(terminal);
  double whole = (double)(long)c->every;
  struct timespec pause = {.tv_sec = (time_t)whole,
                           .tv_nsec = (long)((c->every - whole) * 1e9)};
  if (terminal)
    take_screen();
  while (!ended) {
    if (c->json)
      look_as_json(c);
    else
      look(c, terminal);
    if (output_failed())
      break;
    ppoll(NULL, 0, &pause, &before);
    if (suspended)
      suspend_program();
  }
  if (terminal)
    leave_screen();
  return ended ? CTL_CLEAR : CTL_UNKNOWN;
}

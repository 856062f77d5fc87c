#include "actors/program/process.hpp"

#include <csignal>

#include <poll.h>
#include <sys/prctl.h>
#include <sys/stat.h>

namespace nexte::program {
namespace {

sigset_t stop_signals() {
  sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGTERM);
  ::sigaddset(&set, SIGINT);
  return set;
}

} // namespace

void harden_process() {
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  ::umask(S_IRWXG | S_IRWXO);
  std::signal(SIGPIPE, SIG_IGN);
}

bool reader_is_gone(int file) {
  pollfd looked{file, POLLOUT, 0};
  return ::poll(&looked, 1, 0) == 1 && (looked.revents & POLLERR) != 0;
}

void hold_stop_signals() {
  const auto set = stop_signals();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

bool stop_asked() {
  sigset_t pending;
  ::sigemptyset(&pending);
  ::sigpending(&pending);
  return ::sigismember(&pending, SIGTERM) == 1 || ::sigismember(&pending, SIGINT) == 1;
}

int await_stop() {
  const auto set = stop_signals();
  int heard = 0;
  while (::sigwait(&set, &heard) != 0) {}
  return heard;
}

} // namespace nexte::program

// A disk that takes nothing more. For the whole process: one test at a time.
#pragma once

#include <signal.h>
#include <sys/resource.h>

#include <cstddef>

namespace nexte::test {

/// While it lives, no file may be written past `bytes`: a full disk at an exact place.
class full_disk {
public:
  explicit full_disk(size_t bytes) : handler_(::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limited{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limited);
  }
  ~full_disk() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, handler_);
  }
  full_disk(const full_disk&) = delete;
  full_disk& operator=(const full_disk&) = delete;

private:
  rlimit before_{};
  sighandler_t handler_;
};

} // namespace nexte::test

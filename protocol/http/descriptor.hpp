// File descriptors of sockets.
#pragma once

#include <fcntl.h>

namespace nexte {

/// Programs that the host starts (a browser!) must not inherit the socket.
inline void close_on_exec(int descriptor) {
  ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
}

} // namespace nexte

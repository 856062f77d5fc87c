// One process at a time in a data directory.
#pragma once

#include "protocol/core/error.hpp"

#include <filesystem>
#include <utility>

namespace nexte {

/// Holds `DIR/owner.pid` locked (flock) while it lives. A second process would otherwise wait for
/// LMDB's writer lock without end. The lock falls with the process, however it ends.
class directory_lock {
public:
  /// Makes the directory (mode 0700) when missing. `conflict` naming the owner's pid; `storage`
  /// when it cannot be made or written.
  static result<directory_lock> take(const std::filesystem::path& directory);
  directory_lock(directory_lock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  ~directory_lock();

private:
  explicit directory_lock(int fd) : fd_(fd) {}
  int fd_;
};

/// Makes the entries of a directory durable: new files in it survive a power cut. Throws
/// `disk_failure`.
void sync_directory(const std::filesystem::path& directory);

} // namespace nexte

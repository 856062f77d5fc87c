#include "storage/directory_lock.hpp"

#include "storage/lmdb.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>

namespace nexte {
namespace {

/// The pid somebody wrote, or "another" between its lock and its writing.
std::string owner(int fd) {
  char text[32];
  const auto got = ::pread(fd, text, sizeof text, 0);
  std::string pid{text, got > 0 ? static_cast<size_t>(got) : 0};
  pid.resize(std::min(pid.find('\n'), pid.size()));
  return pid.empty() ? "another process" : "process " + pid;
}

} // namespace

result<directory_lock> directory_lock::take(const std::filesystem::path& directory) {
  // Parents get the umask's mode, the directory itself holds sealed tokens and is ours alone.
  std::error_code failed;
  if (directory.has_parent_path())
    std::filesystem::create_directories(directory.parent_path(), failed);
  if (!failed && ::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST)
    failed.assign(errno, std::generic_category());
  if (failed)
    return error{ec::storage,
                 "cannot make the directory " + directory.string() + " (" + failed.message() + ")",
                 "make it, or choose another data_dir"};
  const int fd = ::open((directory / "owner.pid").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0)
    return lmdb::explain(errno, directory);
  directory_lock lock{fd};
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK)
      return lmdb::explain(errno, directory);
    return error{ec::conflict, directory.string() + " is in use by " + owner(fd),
                 "stop it or choose another data_dir"};
  }
  const auto pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(fd, 0) != 0
      || ::pwrite(fd, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size()))
    return lmdb::explain(errno, directory);
  return lock;
}

directory_lock::~directory_lock() {
  if (fd_ >= 0)
    ::close(fd_);
}

void sync_directory(const std::filesystem::path& directory) {
  const int fd = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    throw disk_failure{errno};
  const int failed = ::fsync(fd) != 0 ? errno : 0;
  ::close(fd);
  if (failed != 0)
    throw disk_failure{failed};
}

} // namespace nexte

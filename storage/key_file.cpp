// The master key's file: read with care, made whole or not at all.
#include "protocol/core/text.hpp"
#include "storage/directory_lock.hpp"
#include "storage/failure.hpp"
#include "storage/store.hpp"
#include "storage/vault.hpp"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace nexte {
namespace {

constexpr size_t hex_digits = 2 * master_key_bytes;

error refused(const std::filesystem::path& path, std::string what, std::string mend) {
  return {ec::refused, "the key file " + path.string() + " " + std::move(what), std::move(mend)};
}

/// Closes what it holds.
class descriptor {
public:
  explicit descriptor(int fd) : fd_(fd) {}
  ~descriptor() {
    if (fd_ >= 0)
      ::close(fd_);
  }
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  int get() const {
    return fd_;
  }

private:
  int fd_;
};

/// What counts is the file that was opened, whatever links led to it.
result<secret> read_key(const std::filesystem::path& path, int fd) {
  struct stat about {};
  if (::fstat(fd, &about) != 0)
    return refused(path, std::string{"cannot be read ("} + std::strerror(errno) + ")", "check it");
  if (!S_ISREG(about.st_mode))
    return refused(path, "is no plain file", "name a file that holds the key");
  if ((about.st_mode & 077) != 0)
    return refused(path, "can be read by others", "run `chmod 600 " + path.string() + "`");
  std::string text(hex_digits + 2, '\0'); // one more than the longest that is right
  const auto got = ::read(fd, text.data(), text.size());
  text.resize(got > 0 ? static_cast<size_t>(got) : 0);
  if (text.size() == hex_digits + 1 && text.back() == '\n')
    text.pop_back();
  const secret written{text};
  wipe(text);
  if (written.reveal().size() == master_key_bytes)
    return written;
  auto key = written.reveal().size() == hex_digits ? unhex(written.reveal()) : std::nullopt;
  if (!key)
    return refused(path, "does not hold a key",
                   "it must have 32 raw bytes, or 64 hex digits and a newline");
  secret unhexed{*key};
  wipe(*key);
  return unhexed;
}

/// Writes a new key beside `path` and links it there: whoever looks sees it whole or not at all,
/// and a key that came meanwhile stays. Throws.
void make_key(const std::filesystem::path& path, const random_source& random) {
  std::array<uint8_t, master_key_bytes> key{};
  random(key);
  std::string text = hex(key) + "\n";
  OPENSSL_cleanse(key.data(), key.size());
  const auto draft = path.string() + "." + std::to_string(::getpid()) + ".new";
  ::unlink(draft.c_str()); // of a process of this id that died
  int failed = 0;
  {
    const descriptor to{::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
    if (to.get() < 0) {
      failed = errno;
    } else {
      const auto written = ::write(to.get(), text.data(), text.size());
      if (written != static_cast<ssize_t>(text.size()))
        failed = written < 0 ? errno : ENOSPC;
      else if (::fsync(to.get()) != 0 || ::link(draft.c_str(), path.c_str()) != 0)
        failed = errno == EEXIST ? 0 : errno;
    }
  }
  wipe(text);
  ::unlink(draft.c_str());
  if (failed != 0)
    throw disk_failure{failed};
  sync_directory(std::filesystem::absolute(path).parent_path());
}

} // namespace

result<secret> read_key_file(const std::filesystem::path& path, bool create,
                             const random_source& random) {
  const auto open = [&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK); };
  int fd = open();
  if (fd < 0 && errno == ENOENT && create) {
    try {
      make_key(path, random);
    } catch (const disk_failure& failed) {
      return refused(path, std::string{"cannot be made ("} + std::strerror(failed.code()) + ")",
                     "make its directory writable, or name another key_file");
    }
    fd = open();
  }
  const descriptor from{fd};
  if (fd < 0 && errno == ENOENT)
    return refused(path, "does not exist", "name the right one, or have a new one made");
  if (fd < 0)
    return refused(path, std::string{"cannot be opened ("} + std::strerror(errno) + ")",
                   "let the user this runs as read it");
  return read_key(path, fd);
}

} // namespace nexte

#include "protocol/core/private_file.hpp"

#include "protocol/core/ids.hpp"
#include "protocol/core/text.hpp"

#include <array>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace nexte {
namespace {

class descriptor {
public:
  explicit descriptor(int number) : number_(number) {}
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  ~descriptor() {
    if (number_ >= 0)
      ::close(number_);
  }
  explicit operator bool() const {
    return number_ >= 0;
  }
  int get() const {
    return number_;
  }

private:
  int number_;
};

error failed(std::string_view doing, const std::filesystem::path& path) {
  const auto reason = std::generic_category().message(errno);
  return {ec::storage, "cannot " + std::string{doing} + " " + path.string() + ": " + reason};
}

error refused(const std::filesystem::path& path, std::string_view why, std::string mend) {
  return {ec::refused, path.string() + " " + std::string{why}, std::move(mend)};
}

result<void> write_whole(int file, const std::filesystem::path& path, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0)
      return failed("write", path);
    text.remove_prefix(static_cast<size_t>(written));
  }
  if (::fsync(file) != 0)
    return failed("write", path);
  return {};
}

/// A rename is durable once its folder is.
result<void> sync_folder(const std::filesystem::path& path) {
  const auto parent = path.has_parent_path() ? path.parent_path() : std::filesystem::path{"."};
  const descriptor folder{::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!folder || ::fsync(folder.get()) != 0)
    return failed("write to", parent);
  return {};
}

} // namespace

result<std::string> read_private_file(const std::filesystem::path& path, size_t bytes_max) {
  // Without O_NONBLOCK a pipe of that name would hold us up for ever.
  const descriptor file{::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
  if (!file && errno == ENOENT)
    return error{ec::not_found, "there is no file " + path.string()};
  if (!file && errno == ELOOP)
    return refused(path, "is a symbolic link", "name the file itself");
  if (!file)
    return failed("read", path);
  struct stat about {};
  if (::fstat(file.get(), &about) != 0)
    return failed("read", path);
  if (!S_ISREG(about.st_mode))
    return refused(path, "is not a plain file", "name a file that holds the secret");
  if ((about.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    return refused(path, "can be read by others", "run: chmod 600 " + path.string());
  std::string text;
  std::array<char, 4096> part;
  for (;;) {
    const auto got = ::read(file.get(), part.data(), part.size());
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return failed("read", path);
    if (got == 0)
      return text;
    text.append(part.data(), static_cast<size_t>(got));
    if (text.size() > bytes_max)
      return refused(path, "is longer than " + std::to_string(bytes_max) + " bytes",
                     "name the file that holds the secret alone");
  }
}

result<void> write_private_file(const std::filesystem::path& path, std::string_view text) {
  std::array<uint8_t, 8> digits;
  os_random()(digits);
  const std::filesystem::path draft = path.string() + "." + hex(digits);
  {
    const descriptor file{
        ::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)};
    if (!file)
      return failed("create", draft);
    if (auto written = write_whole(file.get(), draft, text); !written) {
      ::unlink(draft.c_str());
      return written;
    }
  }
  if (::rename(draft.c_str(), path.c_str()) != 0) {
    auto failure = failed("create", path);
    ::unlink(draft.c_str());
    return failure;
  }
  return sync_folder(path);
}

} // namespace nexte

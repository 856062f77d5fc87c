// A directory that goes with its test.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <unistd.h>

namespace nexte::test {

class temp_dir {
public:
  temp_dir() : temp_dir(std::filesystem::temp_directory_path()) {}
  explicit temp_dir(const std::filesystem::path& where) {
    auto pattern = (where / "nexte-sync-XXXXXX").string();
    if (!::mkdtemp(pattern.data()))
      throw std::runtime_error{"no temporary directory"};
    path_ = pattern;
  }
  temp_dir(const temp_dir&) = delete;
  temp_dir& operator=(const temp_dir&) = delete;
  ~temp_dir() {
    std::error_code ignored; // a file that cannot go is the system's to clear
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const {
    return path_;
  }

  /// Where nothing waits for a disk, if there is such a place.
  static std::filesystem::path in_memory() {
    const char* shared = "/dev/shm";
    return ::access(shared, W_OK) == 0 ? shared : std::filesystem::temp_directory_path();
  }

private:
  std::filesystem::path path_;
};

} // namespace nexte::test

// A folder that goes with its owner.
#pragma once

#include "protocol/core/error.hpp"

#include <filesystem>
#include <utility>

namespace nexte::program {

class scratch_folder {
public:
  /// In the system's temporary folder, or in `parent`; mode 0700. `storage` when none can be made.
  static result<scratch_folder> make(std::filesystem::path parent = {});
  /// In memory where the system has a place for that: for data that is nobody's.
  static result<scratch_folder> make_in_memory();
  scratch_folder() = default;
  scratch_folder(scratch_folder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  scratch_folder& operator=(scratch_folder&& other) noexcept {
    std::swap(path_, other.path_);
    return *this;
  }
  ~scratch_folder();
  const std::filesystem::path& path() const {
    return path_;
  }

private:
  std::filesystem::path path_;
};

} // namespace nexte::program

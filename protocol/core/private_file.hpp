// Small files that only their owner may read: tokens and client secrets.
#pragma once

#include "protocol/core/error.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace nexte {

/// Reads a file of at most `bytes_max` bytes, never through a symbolic link at its end.
/// `not_found` when there is none; `refused`, with the mend, when others may read it, when it is
/// too long or no plain file; `storage` when reading fails.
result<std::string> read_private_file(const std::filesystem::path& path, size_t bytes_max);

/// Replaces the file as a whole, with mode 0600: a reader sees the old text or the new one, and
/// the new one is durable when this returns. `storage` when it cannot be written.
result<void> write_private_file(const std::filesystem::path& path, std::string_view text);

} // namespace nexte

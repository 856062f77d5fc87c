// The bearer token of the control API, as a file that only the owner of the engine may read.
#pragma once

#include "protocol/core/ids.hpp"
#include "protocol/core/secret.hpp"

#include <filesystem>

namespace nexte::control {

/// `DATA_DIR/control.token`.
std::filesystem::path token_path(const std::filesystem::path& data_dir);

/// Reads the token of a running engine: 43 characters and a newline. `not_found` when there is
/// none; `refused` when others may read it, `malformed` when it holds something else; each with
/// the mend.
result<secret> read_token(const std::filesystem::path& data_dir);

/// Reads the token, or makes one when there is none. It outlives a restart, so that whoever holds
/// it may go on; to replace it, delete the file and restart.
result<secret> ensure_token(const std::filesystem::path& data_dir,
                            const random_source& random = os_random());

} // namespace nexte::control

// The person at the browser: opens the address, chooses an account, allows, is sent back.
#pragma once

#include "protocol/core/error.hpp"

#include <filesystem>
#include <string_view>

namespace nexte::program {

/// Allows everything that the page behind `authorization_url` asks for, as `account`, and follows
/// the redirect to the app. Blocks. `ca_file`: whom to trust for the page.
result<void> allow_consent(std::string_view authorization_url, std::string_view account,
                           const std::filesystem::path& ca_file);

} // namespace nexte::program

// `nexte-sync serve`.
#pragma once

#include <filesystem>
#include <string_view>

namespace nexte::program {

/// Runs the engine of a configuration file until SIGTERM or SIGINT; logs to stderr, a line of
/// logfmt for each fact of at least `log_level` ("debug", "info", "warning", "error"). Yields the
/// exit code.
int serve(const std::filesystem::path& config_file, std::string_view log_level);

/// Says on stdout that the file and all that it names can be used, or on stderr why not; starts and
/// makes nothing. Yields the exit code.
int check_config(const std::filesystem::path& config_file);

} // namespace nexte::program

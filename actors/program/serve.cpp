#include "actors/program/serve.hpp"

#include "actors/program/cli.hpp"
#include "actors/program/log_line.hpp"
#include "actors/program/process.hpp"
#include "actors/program/service.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdio>

#include <unistd.h>

namespace nexte::program {

namespace {

int fail(const error& failure) {
  std::fprintf(stderr, "nexte-sync: %s\n", failure.line().c_str());
  return exit_failed;
}

service_listeners listeners_that_log(const std::shared_ptr<spdlog::logger>& log) {
  service_listeners made;
  made.on_warning = [log](std::string_view line) { log->warn("{}", log_line(line)); };
  made.on_notification = [log](const notification_row& told) {
    const bool good = told.kind == "recovered";
    log->log(good ? spdlog::level::info : spdlog::level::warn, "{}", log_line(told));
  };
  if (log->should_log(spdlog::level::debug))
    made.on_request = [log](std::string_view method, std::string_view path, int status,
                            milliseconds took) {
      const auto code = std::to_string(status);
      const auto time = std::to_string(took.count());
      log->debug("{}",
                 log_line("request",
                          {{"method", method}, {"path", path}, {"status", code}, {"ms", time}}));
    };
  return made;
}

} // namespace

int check_config(const std::filesystem::path& config_file) {
  const auto file = load_config(config_file, providers());
  if (!file)
    return fail(file.failure());
  if (const auto usable = check_service(*file, providers()); !usable)
    return fail(usable.failure());
  std::printf("%s can be used: %zu provider%s\n", config_file.c_str(), file->providers.size(),
              file->providers.size() == 1 ? "" : "s");
  return exit_done;
}

int serve(const std::filesystem::path& config_file, std::string_view log_level) {
  hold_stop_signals();
  const auto file = load_config(config_file, providers());
  if (!file)
    return fail(file.failure());
  const auto log = spdlog::stderr_logger_mt("nexte-sync");
  // logfmt, a fact a line: https://brandur.org/logfmt, read 2026-11-24.
  log->set_pattern("time=%Y-%m-%dT%H:%M:%S.%eZ level=%l %v", spdlog::pattern_time_type::utc);
  log->set_level(spdlog::level::from_str(std::string{log_level}));
  log->flush_on(spdlog::level::trace);
  auto running = service::start(*file, providers(), listeners_that_log(log));
  if (!running)
    return fail(running.failure());
  if (file->providers.empty())
    log->warn("{}", log_line("no provider is configured, so there is nothing to sync; add one "
                             "under \"providers\""));
  log->info("{}", log_line("the control API listens", {{"url", (*running)->origin()}}));
  if (::isatty(STDERR_FILENO) == 1) { // a log that is kept must not hold what opens the page
    const auto link = (*running)->login_link();
    log->info("{}", log_line("the Apps page, for one use", {{"url", link}}));
  } else {
    log->info("{}", log_line("for the Apps page run: nexte-sync login"));
  }
  await_stop();
  log->info("{}", log_line("stopping"));
  running->reset();
  log->info("{}", log_line("stopped"));
  return exit_done;
}

} // namespace nexte::program

#include "actors/program/serve.hpp"

#include "actors/program/cli.hpp"
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

int serve(const std::filesystem::path& config_file) {
  hold_stop_signals();
  const auto file = load_config(config_file, providers());
  if (!file)
    return fail(file.failure());
  const auto log = spdlog::stderr_logger_mt("nexte-sync");
  log->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
  log->flush_on(spdlog::level::info);
  auto running = service::start(*file, providers(),
                                [log](std::string_view line) { log->warn("{}", printable(line)); });
  if (!running)
    return fail(running.failure());
  if (file->providers.empty())
    log->warn(
        "no provider is configured, so there is nothing to sync; add one under \"providers\"");
  log->info("control API at {}", (*running)->origin());
  if (::isatty(STDERR_FILENO) == 1) // a log that is kept must not hold what opens the page
    log->info("the Apps page, for one use: {}", (*running)->login_link());
  else
    log->info("for the Apps page run: nexte-sync login");
  await_stop();
  log->info("stopping");
  running->reset();
  log->info("stopped");
  return exit_done;
}

} // namespace nexte::program

// The commands that need no running engine.
#include "actors/program/command_tree.hpp"

#include <charconv>
#include <optional>
#include <tuple>

namespace nexte::program {
namespace {

CLI::Option* add_listen(CLI::App* sub, std::string& text) {
  return sub->add_option("--listen", text, "ADDR:PORT; port 0: a free one")
      ->check([](const std::string& given) {
        const auto read = parse_listen(given);
        return read ? std::string{} : read.failure().line();
      });
}

/// `7`, or `1..500`; nullopt for anything else.
std::optional<std::pair<uint64_t, uint64_t>> read_seeds(std::string_view text) {
  const auto number = [](std::string_view digits) -> std::optional<uint64_t> {
    uint64_t value = 0;
    const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return failed == std::errc{} && end == digits.data() + digits.size() ? std::optional{value}
                                                                         : std::nullopt;
  };
  const auto dots = text.find("..");
  const auto first = number(text.substr(0, dots));
  const auto last = dots == text.npos ? first : number(text.substr(dots + 2));
  if (!first || !last || *last < *first)
    return std::nullopt;
  return std::pair{*first, *last};
}

} // namespace

void commands::add_programs() {
  auto* given = given_.get();
  auto* demo = add("demo", "Run everything against simulated providers on this machine",
                   "demo --once --workspaces 3");
  demo->add_flag("--once", given->demo.once, "Exit at the end, also in a terminal");
  demo->add_option("--workspaces", given->demo.workspaces, "How many customers")
      ->capture_default_str()
      ->check(CLI::Range(1, 100));
  demo->add_option("--records", given->demo.records, "Contacts of each of them")
      ->capture_default_str()
      ->check(CLI::Range(100, 1'000'000));
  add_listen(demo, given->listen);
  demo->callback([given] {
    given->chosen = [given](const actions& can) {
      if (!given->listen.empty())
        given->demo.listen = *parse_listen(given->listen);
      return can.demo(given->demo);
    };
  });

  auto* serve = add("serve", "Run the engine and its control API until SIGTERM",
                    "serve --config /etc/nexte-sync/config.json");
  serve->add_option("--config", given->config_file, "The configuration file")
      ->required()
      ->envname("NEXTE_SYNC_CONFIG");
  serve->add_flag("--check-config", given->only_check,
                  "Say whether the file and all that it names can be used, and exit");
  serve->add_option("--log-level", given->log_level, "What is logged: this and what is worse")
      ->capture_default_str()
      ->check(CLI::IsMember({"debug", "info", "warning", "error"}));
  serve->callback([given] {
    given->chosen = [given](const actions& can) {
      return given->only_check ? can.check_config(given->config_file)
                               : can.serve(given->config_file, given->log_level);
    };
  });

  auto* simulators = add("simulators", "Run only the simulated providers",
                         "simulators --listen 127.0.0.1:0 --tls --auto-consent");
  auto& to = given->simulators;
  add_listen(simulators, given->listen)->required();
  simulators->add_flag("--tls", to.tls, "Over TLS, with a certificate of a throw-away authority");
  simulators->add_flag("--auto-consent", to.auto_consent, "Consent without asking anybody");
  simulators->add_option("--providers", to.providers, "Comma-separated; default: all")
      ->delimiter(',');
  simulators->add_option("--records", to.records, "Records per stream")
      ->capture_default_str()
      ->check(CLI::Range(0, 10'000'000));
  simulators->add_option("--seed", to.seed, "Makes other data")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
  simulators->add_option("--fault-plan", to.fault_plan, "JSON file of faults to arm at the start");
  simulators->callback([given] {
    given->chosen = [given](const actions& can) {
      const auto listen = *parse_listen(given->listen);
      given->simulators.listen_address = listen.address;
      given->simulators.port = listen.port;
      return can.simulators(given->simulators);
    };
  });
}

void commands::add_simulate() {
  auto* given = given_.get();
  auto* sub = add("simulate", "Run the whole engine under faults, in simulated time",
                  "simulate --seeds 1..100 --workspaces 20 --hours 24");
  sub->add_option("--seed,--seeds", given->seeds, "One seed, or FIRST..LAST")
      ->default_str("1")
      ->check([](const std::string& text) {
        return read_seeds(text) ? std::string{} : "write a number, or two as in 1..100";
      });
  auto& to = given->simulate;
  sub->add_option("--workspaces", to.workspaces, "How many customers")
      ->capture_default_str()
      ->check(CLI::Range(1, 10'000));
  sub->add_option("--hours", to.hours, "Simulated hours of each seed")
      ->capture_default_str()
      ->check(CLI::Range(1, 24 * 366));
  sub->add_option("--faults", to.faults, "none, mixed, or faults by name, comma-separated")
      ->capture_default_str();
  sub->add_option("--trace", to.trace_file, "Write every event of the (last) seed to this file");
  sub->add_option("--jobs", to.jobs, "Processes; default: one per core")
      ->check(CLI::Range(1, 1024));
  sub->add_flag("--twice", to.twice, "Run each seed again: its digest must be the same");
  sub->callback([given] {
    given->chosen = [given](const actions& can) {
      if (const auto seeds = read_seeds(given->seeds))
        std::tie(given->simulate.first_seed, given->simulate.last_seed) = *seeds;
      return can.simulate(given->simulate);
    };
  });
}

} // namespace nexte::program

#include "actors/program/cli.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <sstream>

using namespace nexte;
using namespace nexte::program;

namespace {

/// Runs a command line against actions that only note what they were asked for.
struct command_line {
  explicit command_line(std::vector<const char*> words) {
    words.insert(words.begin(), "nexte-sync");
    const actions can{
        [this](const shell_request& r) {
          asked = r;
          return 41;
        },
        [this](const std::filesystem::path& file) {
          served = file;
          return 42;
        },
        [this](const demo_options& o) {
          demo = o;
          return 43;
        },
        [this](const simulators_options& o) {
          simulators = o;
          return 44;
        },
        [this](const std::filesystem::path& file) {
          checked = file;
          return 45;
        },
    };
    code = run_command_line(static_cast<int>(words.size()), words.data(), can, out, err);
  }

  int code = -1;
  std::ostringstream out, err;
  shell_request asked;
  std::filesystem::path served;
  std::filesystem::path checked;
  demo_options demo;
  simulators_options simulators;
};

} // namespace

TEST(CommandLine, TeachesEachCommandWithAnExample) {
  for (const auto* name :
       {"demo",    "serve",   "simulators", "connect", "reconnect", "disconnect", "login",
        "status",  "refresh", "mode",       "records", "errors",    "incidents",  "notifications",
        "explain", "put",     "delete",     "edits",   "conflicts", "restore",    "rule"}) {
    const command_line help{{name, "--help"}};
    EXPECT_EQ(help.code, exit_done) << name;
    EXPECT_NE(help.out.str().find("Example:\n  nexte-sync " + std::string{name}), std::string::npos)
        << name;
    EXPECT_EQ(help.err.str(), "") << name;
  }
  EXPECT_EQ(command_line{{"--help"}}.code, exit_done);
  EXPECT_EQ(command_line{{"--version"}}.code, exit_done);
}

TEST(CommandLine, IsWrongUsageWhereItCannotBeRead) {
  const std::vector<std::vector<const char*>> wrong
      = {{},
         {"stauts"},
         {"status", "--colour"},
         {"status", "a", "b"},
         {"serve"},
         {"refresh"},
         {"connect", "acme"},
         {"mode", "cjzb7nfo3hkze", "daily"},
         {"status", "--address", "8686"},
         {"records", "cjzb7nfo3hkze", "contacts", "--limit", "0"},
         {"records", "cjzb7nfo3hkze", "contacts", "--limit", "1001"},
         {"incidents", "--release", "x"},
         {"notifications", "--ack", "0"},
         {"demo", "--workspaces", "0"},
         {"demo", "--listen", "nowhere"},
         {"simulators"},
         {"simulators", "--listen", "127.0.0.1:0", "--seed", "-1"}};
  for (const auto& words : wrong) {
    const command_line line{words};
    EXPECT_EQ(line.code, exit_usage) << (words.empty() ? "nothing" : words.back());
    EXPECT_NE(line.err.str(), "");
    EXPECT_EQ(line.out.str(), "");
  }
}

TEST(CommandLine, NamesTheUnknownCommandAndTheNearest) {
  EXPECT_EQ((command_line{{"stauts"}}.err.str()),
            "nexte-sync: there is no command \"stauts\"; did you mean \"status\"?\n");
  const command_line far{{"frobnicate", "--json"}};
  EXPECT_EQ(
      far.err.str().find("nexte-sync: there is no command \"frobnicate\"; use one of: demo, "), 0u)
      << far.err.str();
  EXPECT_EQ(far.code, exit_usage);
}

TEST(CommandLine, PassesOnTheExitCodeOfWhatItRan) {
  EXPECT_EQ(command_line({"status"}).code, 41);
  EXPECT_EQ(command_line({"serve", "--config", "c"}).code, 42);
  const command_line check{{"serve", "--check-config", "--config", "c"}};
  EXPECT_EQ(check.code, 45);
  EXPECT_EQ(check.checked, "c");
  EXPECT_EQ(check.served, "");
  EXPECT_EQ(command_line({"demo"}).code, 43);
  EXPECT_EQ(command_line({"simulators", "--listen", "127.0.0.1:0"}).code, 44);
}

TEST(CommandLine, FindsTheEngineByWhatWasSaid) {
  const command_line by_file{{"status", "--config", "c.json", "--json"}};
  EXPECT_EQ(by_file.asked.engine.config_file, "c.json");
  EXPECT_TRUE(by_file.asked.json);
  const command_line by_folder{{"status", "--data-dir", "d", "--address", "127.0.0.1:1"}};
  EXPECT_EQ(by_folder.asked.engine.config_file, "");
  EXPECT_EQ(by_folder.asked.engine.data_dir, "d");
  EXPECT_EQ(by_folder.asked.engine.address, "127.0.0.1:1");
  EXPECT_FALSE(by_folder.asked.json);
}

TEST(CommandLine, LetsWhatWasSaidWinOverTheVariable) {
  ::setenv("NEXTE_SYNC_CONFIG", "/from/variable.json", 1);
  for (const auto* name : {"status", "incidents", "notifications"}) {
    EXPECT_EQ((command_line{{name, "--config", "/said.json"}}).asked.engine.config_file,
              "/said.json")
        << name;
    const command_line folder{{name, "--data-dir", "/said"}};
    EXPECT_EQ(folder.asked.engine.data_dir, "/said") << name;
    EXPECT_EQ(folder.asked.engine.config_file, "") << name;
    EXPECT_EQ((command_line{{name}}).asked.engine.config_file, "/from/variable.json") << name;
  }
  ::unsetenv("NEXTE_SYNC_CONFIG");
}

TEST(CommandLine, ReadsTheOptionsOfTheSimulators) {
  const command_line line{{"simulators", "--listen", "[::1]:4711", "--tls", "--auto-consent",
                           "--providers", "hubspot,figma", "--records", "7", "--seed", "9",
                           "--fault-plan", "f.json"}};
  EXPECT_EQ(line.simulators.listen_address, "::1");
  EXPECT_EQ(line.simulators.port, 4711);
  EXPECT_TRUE(line.simulators.tls);
  EXPECT_TRUE(line.simulators.auto_consent);
  EXPECT_EQ(line.simulators.providers, (std::vector<std::string>{"hubspot", "figma"}));
  EXPECT_EQ(line.simulators.records, 7u);
  EXPECT_EQ(line.simulators.seed, 9u);
  EXPECT_EQ(line.simulators.fault_plan, "f.json");
}

TEST(CommandLine, ReadsTheOptionsOfTheDemo) {
  const command_line standard{{"demo"}};
  EXPECT_FALSE(standard.demo.once);
  EXPECT_EQ(standard.demo.workspaces, 3u);
  EXPECT_EQ(standard.demo.records, 15'000u);
  EXPECT_EQ(standard.demo.listen.address, "127.0.0.1");
  const command_line own{
      {"demo", "--once", "--workspaces", "2", "--records", "100", "--listen", "[::1]:4711"}};
  EXPECT_TRUE(own.demo.once);
  EXPECT_EQ(own.demo.workspaces, 2u);
  EXPECT_EQ(own.demo.records, 100u);
  EXPECT_EQ(own.demo.listen.address, "::1");
  EXPECT_EQ(own.demo.listen.port, 4711);
}

#include "actors/program/cli.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <set>
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
        [this](const std::filesystem::path& file, const std::string& level) {
          served = file;
          log_level = level;
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
        [](const simulate_options&) { return 46; },
    };
    code = run_command_line(static_cast<int>(words.size()), words.data(), can, out, err);
  }

  int code = -1;
  std::ostringstream out, err;
  shell_request asked;
  std::filesystem::path served;
  std::string log_level;
  std::filesystem::path checked;
  demo_options demo;
  simulators_options simulators;
};

/// The names that the program's own help lists.
std::vector<std::string> every_command() {
  std::istringstream lines{command_line{{"--help"}}.out.str()};
  std::vector<std::string> names;
  bool listed = false;
  for (std::string line; std::getline(lines, line);) {
    if (listed && line.starts_with("  ") && line[2] != ' ')
      names.push_back(line.substr(2, line.find(' ', 2) - 2));
    listed = line.starts_with("Subcommands:") || (listed && line.starts_with(" "));
  }
  return names;
}

} // namespace

TEST(CommandLine, TeachesEachCommandWithAnExample) {
  const auto all = every_command();
  EXPECT_GE(all.size(), 24u);
  for (const auto& name : all) {
    const command_line help{{name.c_str(), "--help"}};
    EXPECT_EQ(help.code, exit_done) << name;
    const auto example = "Example:\n  nexte-sync " + name;
    const auto at = help.out.str().find(example);
    EXPECT_NE(at, std::string::npos) << name;
    EXPECT_EQ(help.err.str(), "") << name;
    EXPECT_NE(help.out.str().find("Usage: nexte-sync " + name), std::string::npos)
        << help.out.str();
  }
  EXPECT_EQ(command_line{{"--help"}}.code, exit_done);
  EXPECT_EQ(command_line{{"--version"}}.code, exit_done);
}

/// An example that a person types must do.
TEST(CommandLine, UnderstandsTheExampleOfEachCommand) {
  for (const auto& name : every_command()) {
    const auto text = command_line{{name.c_str(), "--help"}}.out.str();
    const std::string mark = "Example:\n  nexte-sync ";
    auto example = text.substr(text.find(mark) + mark.size());
    example = example.substr(0, example.find_first_of("\n|>"));
    std::istringstream in{example};
    const std::vector<std::string> words{std::istream_iterator<std::string>{in}, {}};
    std::vector<const char*> given;
    for (const auto& word : words)
      given.push_back(word.c_str());
    const command_line line{given};
    EXPECT_EQ(line.err.str(), "") << example;
    EXPECT_NE(line.code, exit_usage) << example;
  }
}

TEST(CommandLine, SaysInOneLineWhatIsWrongAndWhereToReadOn) {
  const struct {
    std::vector<const char*> words;
    const char* what; ///< Part of the line.
  } cases[] = {
      {{}, "subcommand is required"},
      {{"stauts"}, "did you mean \"status\"?"},
      {{"completion"}, "SHELL is required"},
      {{"completion", "fish"}, "fish not in {bash,zsh}"},
      {{"conflicts", "--what-if", "x"}, "x not in {merge_fields}"},
      {{"connect", "acme"}, "PROVIDER is required"},
      {{"delete", "cjzb7nfo3hkze", "contacts"}, "RECORD is required"},
      {{"demo", "--workspaces", "0"}, "Value 0 not in range"},
      {{"demo", "--listen", "nowhere"}, "write e.g. 127.0.0.1:8686"},
      {{"disconnect"}, "ID is required"},
      {{"edits", "cjzb7nfo3hkze", "--drop", "0"}, "--drop"},
      {{"errors"}, "ID is required"},
      {{"explain", "cjzb7nfo3hkze", "contacts"}, "RECORD is required"},
      {{"incidents", "--release", "x"}, "--release"},
      {{"login", "now"}, "now"},
      {{"mode", "cjzb7nfo3hkze", "daily"}, "daily not in {real_time,hourly,paused}"},
      {{"notifications", "--ack", "0"}, "--ack"},
      {{"put", "cjzb7nfo3hkze"}, "STREAM is required"},
      {{"reconnect"}, "ID is required"},
      {{"records", "cjzb7nfo3hkze", "contacts", "--limit", "0"}, "Value 0 not in range"},
      {{"records", "cjzb7nfo3hkze", "contacts", "--limit", "1001"}, "Value 1001 not in range"},
      {{"refresh"}, "ID is required"},
      {{"refresh", "cjzb7nfo3hkze", "--wait", "--no-wait"}, "excludes"},
      {{"restore"}, "CONFLICT is required"},
      {{"restore", "x"}, "x"},
      {{"rule", "cjzb7nfo3hkze", "mine"}, "mine not in {last_write_wins,merge_fields}"},
      {{"serve"}, "--config is required"},
      {{"serve", "--config", "c", "--log-level", "loud"}, "loud not in {debug,info,warning,error}"},
      {{"simulate", "--seeds", "9..1"}, "write a number, or two as in 1..100"},
      {{"simulators"}, "--listen is required"},
      {{"simulators", "--listen", "127.0.0.1:0", "--seed", "-1"}, "--seed"},
      {{"status", "--colour"}, "--colour"},
      {{"status", "a", "b"}, "b"},
      {{"status", "--address", "8686"}, "write e.g. 127.0.0.1:8686"},
      {{"watch", "cjzb7nfo3hkze"}, "cjzb7nfo3hkze"},
  };
  std::set<std::string> covered;
  for (const auto& [words, what] : cases) {
    const command_line line{words};
    const auto text = line.err.str();
    EXPECT_EQ(line.code, exit_usage) << text;
    EXPECT_EQ(line.out.str(), "");
    EXPECT_EQ(std::ranges::count(text, '\n'), 1) << text;
    EXPECT_TRUE(text.starts_with("nexte-sync: ")) << text;
    EXPECT_NE(text.find(what), std::string::npos) << text;
    if (words.empty())
      continue;
    covered.insert(words[0]);
    if (std::string_view{what}.find("did you mean") == std::string_view::npos) {
      EXPECT_TRUE(text.ends_with("; see: nexte-sync " + std::string{words[0]} + " --help\n"))
          << text;
    }
  }
  for (const auto& name : every_command())
    EXPECT_TRUE(covered.contains(name)) << "no bad input for " << name;
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
  EXPECT_EQ(command_line({"serve", "--config", "c"}).log_level, "info");
  EXPECT_EQ(command_line({"serve", "--config", "c", "--log-level", "debug"}).log_level, "debug");
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

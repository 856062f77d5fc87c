#include "actors/program/cli.hpp"

#include "actors/program/command_tree.hpp"
#include "actors/program/completion.hpp"
#include "actors/program/nearest.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>

namespace nexte::program {
namespace {

constexpr auto default_config_file = "/etc/nexte-sync/config.json";

} // namespace

CLI::App* commands::add_shell(const char* name, const char* text, const char* example,
                              command run) {
  auto* sub = add(name, text, example);
  // Each command has a choice of its own, and the variable counts only where nothing was chosen:
  // an engine that was named must not be exchanged for another.
  const auto choice = std::make_shared<engine_choice>();
  sub->add_option("--config", choice->config_file,
                  "The running engine's configuration file (else NEXTE_SYNC_CONFIG)");
  sub->add_option("--data-dir", choice->data_dir, "The running engine's data directory");
  sub->add_option("--address", choice->address, "ADDR:PORT where it listens")
      ->check([](const std::string& given) {
        const auto read = parse_listen(given);
        return read ? std::string{} : read.failure().line();
      });
  sub->add_flag("--json", given_->request.json, "Print the API's JSON instead of a table");
  sub->callback([given = given_.get(), choice, run = std::move(run)] {
    given->chosen = [given, choice, run](const actions& can) {
      auto& engine = given->request.engine;
      engine = *choice;
      if (engine.config_file.empty() && engine.data_dir.empty()) {
        const char* const named = std::getenv("NEXTE_SYNC_CONFIG");
        engine.config_file = named && *named ? named : default_config_file;
      }
      given->request.command = [given, run](const shell& with) { return run(with, *given); };
      return can.ask(given->request);
    };
  });
  return sub;
}

void commands::add_consent() {
  add_shell("login", "Print a link that opens the Apps page, once", "login",
            [](const shell& with, const arguments&) { return program::login(with); });

  auto* connect
      = add_shell("connect", "Connect a workspace to a provider", "connect acme hubspot",
                  [](const shell& with, const arguments& given) {
                    return program::connect(with, given.workspace, given.provider, !given.no_wait);
                  });
  connect->add_option("WORKSPACE", given_->workspace, "The customer's name")->required();
  connect->add_option("PROVIDER", given_->provider, "e.g. hubspot")->required();
  may_not_wait(connect);

  auto* reconnect
      = add_shell("reconnect", "Sign in again; records and position stay",
                  "reconnect cjzb7nfo3hkze", [](const shell& with, const arguments& given) {
                    return program::reconnect(with, given.id, !given.no_wait);
                  });
  needs_id(reconnect);
  may_not_wait(reconnect);

  needs_id(add_shell("disconnect", "Revoke and forget the tokens; records stay",
                     "disconnect cjzb7nfo3hkze", [](const shell& with, const arguments& given) {
                       return program::disconnect(with, given.id);
                     }));
}

void commands::add_data() {
  auto* status = add_shell(
      "status", "All integrations, or everything about one", "status cjzb7nfo3hkze",
      [](const shell& with, const arguments& given) { return show_status(with, given.id); });
  status->add_option("ID", given_->id, "Leave it out for all");

  add_shell("watch", "Show all integrations live, until Ctrl-C", "watch --json | jq .event",
            [](const shell& with, const arguments&) { return program::watch(with); });

  auto* again = add_shell("refresh", "Sync everything anew, starting now", "refresh cjzb7nfo3hkze",
                          [](const shell& with, const arguments& given) {
                            const bool shown = with.screen.cursor && !with.json && !given.no_wait;
                            return program::refresh(with, given.id, given.wait || shown);
                          });
  needs_id(again);
  auto* wait
      = again->add_flag("--wait", given_->wait, "End when it has; on a terminal the default");
  again->add_flag("--no-wait", given_->no_wait, "End once it has begun")->excludes(wait);

  auto* mode = add_shell("mode", "Set how often an integration syncs", "mode cjzb7nfo3hkze hourly",
                         [](const shell& with, const arguments& given) {
                           return set_mode(with, given.id, given.mode);
                         });
  needs_id(mode);
  mode->add_option("MODE", given_->mode, "real_time, hourly or paused")
      ->required()
      ->check(CLI::IsMember({"real_time", "hourly", "paused"}));

  auto* records = add_shell("records", "Show synced records", "records cjzb7nfo3hkze contacts",
                            [](const shell& with, const arguments& given) {
                              return show_records(with, given.id, given.stream, given.range);
                            });
  needs_stream(records);
  records->add_option("--after", given_->range.after, "Begin after this record");
  records->add_option("--limit", given_->range.limit, "How many")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000));

  auto* why = add_shell("explain", "Say why a record is, or is not, here",
                        "explain cjzb7nfo3hkze contacts 501",
                        [](const shell& with, const arguments& given) {
                          return program::explain(with, given.id, given.stream, given.record);
                        });
  needs_stream(why);
  why->add_option("RECORD", given_->record, "The provider's id of it")->required();
}

void commands::add_edits() {
  auto* put = add_shell("put", "Edit a record, or make a new one",
                        "put cjzb7nfo3hkze contacts firstname=Zoë phone= --record 501",
                        [](const shell& with, const arguments& given) {
                          return program::put(with, given.id, given.stream, given.edit);
                        });
  needs_stream(put);
  put->add_option("FIELD=VALUE", given_->edit.assignments,
                  "A field's new value; an empty one clears it");
  put->add_option("--record", given_->edit.record, "Which one; leave it out for a new one");
  put->add_option("--fields", given_->edit.fields, "The fields as a JSON object");

  auto* erase = add_shell("delete", "Delete a record, here and at the provider",
                          "delete cjzb7nfo3hkze contacts 501",
                          [](const shell& with, const arguments& given) {
                            return program::erase(with, given.id, given.stream, given.record);
                          });
  needs_stream(erase);
  erase->add_option("RECORD", given_->record, "The provider's id of it")->required();

  auto* edits
      = add_shell("edits", "Show edits that the provider has not confirmed",
                  "edits cjzb7nfo3hkze --drop 7", [](const shell& with, const arguments& given) {
                    return given.number > 0 ? drop_edit(with, given.id, given.number)
                                            : show_edits(with, given.id);
                  });
  needs_id(edits);
  edits->add_option("--drop", given_->number, "Take edit N back")->check(CLI::PositiveNumber);
}

void commands::add_conflicts() {
  auto* conflicts
      = add_shell("conflicts", "Show what was edited on both sides, and which version lost",
                  "conflicts cjzb7nfo3hkze --what-if merge_fields",
                  [](const shell& with, const arguments& given) {
                    return show_conflicts(with, given.conflicts);
                  });
  auto& which = given_->conflicts;
  conflicts->add_option("ID", which.integration, "Leave it out for all");
  conflicts->add_option("--stream", which.stream, "Only those of this stream");
  conflicts->add_option("--record", which.record, "Only those of this record");
  conflicts->add_option("--what-if", which.what_if, "How they would have ended under merge_fields")
      ->check(CLI::IsMember({"merge_fields"}));

  auto* restore = add_shell("restore", "Bring the losing version of a conflict back", "restore 12",
                            [](const shell& with, const arguments& given) {
                              return program::restore(with, given.number);
                            });
  restore->add_option("CONFLICT", given_->number, "Its number, see: nexte-sync conflicts")
      ->required()
      ->check(CLI::PositiveNumber);

  auto* rule
      = add_shell("rule", "Set how conflicts of an integration are settled",
                  "rule cjzb7nfo3hkze merge_fields", [](const shell& with, const arguments& given) {
                    return set_rule(with, given.id, given.mode);
                  });
  needs_id(rule);
  rule->add_option("RULE", given_->mode, "last_write_wins or merge_fields")
      ->required()
      ->check(CLI::IsMember({"last_write_wins", "merge_fields"}));
}

void commands::add_troubles() {
  needs_id(add_shell(
      "errors", "Show the error log of an integration",
      "errors cjzb7nfo3hkze --json > errors.jsonl",
      [](const shell& with, const arguments& given) { return show_errors(with, given.id); }));

  auto* incidents = add_shell(
      "incidents", "Show what is wrong and what to do about it", "incidents --release 7",
      [](const shell& with, const arguments& given) {
        return given.number > 0 ? release(with, given.number) : show_incidents(with, given.all);
      });
  incidents->add_flag("--all", given_->all, "Closed ones too");
  incidents->add_option("--release", given_->number, "Carry out what incident N holds back")
      ->check(CLI::PositiveNumber);

  auto* notifications = add_shell(
      "notifications", "Show what the host must be told", "notifications --ack 12",
      [](const shell& with, const arguments& given) {
        return given.number > 0 ? acknowledge(with, given.number) : show_notifications(with);
      });
  notifications->add_option("--ack", given_->number, "Notification N has been dealt with")
      ->check(CLI::PositiveNumber);
}

namespace {

/// CLI11 would only say that a subcommand is missing.
std::optional<error> unknown_command(const CLI::App& app, int argc, const char* const* argv) {
  const std::string_view word = argc > 1 ? argv[1] : "";
  if (word.empty() || word.starts_with('-'))
    return std::nullopt;
  const auto all = app.get_subcommands([](const CLI::App*) { return true; });
  std::vector<std::string> names;
  for (const auto* one : all)
    names.push_back(one->get_name());
  if (std::ranges::count(names, word))
    return std::nullopt;
  const std::vector<std::string_view> known(names.begin(), names.end());
  return error{ec::refused, "there is no command \"" + printable(word) + "\"",
               suggestion(word, known)};
}

/// What is wrong in one line, and where the right use is told.
std::string usage_line(const CLI::App& app, const CLI::ParseError& wrong) {
  std::string what = wrong.what();
  std::ranges::replace(what, '\n', ' ');
  const auto parsed = app.get_subcommands();
  const auto call = parsed.empty() ? std::string{} : parsed.front()->get_name() + " ";
  return printable(what) + "; see: nexte-sync " + call + "--help";
}

} // namespace

void commands::add_completion() {
  auto* sub = add("completion", "Print what lets a shell complete words of this program",
                  "completion bash > ~/.local/share/bash-completion/completions/nexte-sync");
  sub->add_option("SHELL", given_->mode, "bash or zsh")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh"}));
  sub->callback([app = &app_, given = given_.get()] {
    given->chosen = [app, given](const actions&) {
      *given->out << completion_script(*app, given->mode == "zsh");
      return exit_done;
    };
  });
}

int run_command_line(int argc, const char* const* argv, const actions& can, std::ostream& out,
                     std::ostream& err) {
  CLI::App app{"Keeps the data of outside services current in your workspaces.", "nexte-sync"};
  app.set_version_flag("--version", "nexte-sync 0.1.0");
  app.require_subcommand(1);
  app.footer("Try it with no account at all:\n  nexte-sync demo\n"
             "More about one command:\n  nexte-sync COMMAND --help");
  const auto given = std::make_shared<arguments>();
  given->out = &out;
  commands{app, given}.add_all();
  if (const auto wrong = unknown_command(app, argc, argv)) {
    err << "nexte-sync: " << wrong->line() << "\n";
    return exit_usage;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& wrong) {
    if (wrong.get_exit_code() == 0) { // help and version are thrown, too
      app.exit(wrong, out, err);
      return exit_done;
    }
    err << "nexte-sync: " << usage_line(app, wrong) << "\n";
    return exit_usage;
  }
  return given->chosen(can);
}

} // namespace nexte::program

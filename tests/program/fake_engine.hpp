// An engine that does nothing but remember: what it was asked, and what it shall answer.
#pragma once

#include "actors/engine.hpp"
#include "tests/support/temporary_directory.hpp"

#include <map>
#include <stdexcept>

namespace nexte::program {

class fake_engine final : public engine {
public:
  fake_engine() {
    auto opened = store::open({directory_.path() / "data"}, secret{std::string(32, 'k')});
    if (!opened)
      throw std::runtime_error{opened.failure().line()};
    store_ = *std::move(opened);
  }

  /// Commits, or throws.
  void write(std::vector<store_write> writes, wall_time now = noon) {
    const auto done = store_->commit(writes, now);
    if (!done)
      throw std::runtime_error{done.failure().line()};
    for (const auto& one : *done)
      if (!one)
        throw std::runtime_error{one.failure().line()};
  }
  /// Stores an integration, and its status as of then.
  integration_id put(uint64_t number, std::string workspace, std::string state = "connected") {
    integration_row row;
    row.id = integration_id{number};
    row.workspace = *workspace_id::parse(workspace);
    row.provider = "hubspot";
    row.account = {"147893286", "north.example"};
    row.created_at = noon;
    row.history = {{noon, state, "consented", "You signed in."}};
    integration_status status;
    status.id = row.id;
    status.workspace = row.workspace;
    status.provider = row.provider;
    status.account = row.account;
    status.state = state;
    status.badge = state == "connected" ? "green" : "red";
    status.since = noon;
    status.code = "consented";
    status.because = "You signed in.";
    status.next_step = "Syncs again.";
    status.mode = row.mode;
    status.history = row.history;
    write({put_integration{row}});
    statuses[row.id] = status;
    return row.id;
  }

  void add(workspace_id workspace, std::string provider, reply<integration_id> done) override {
    asked.push_back("add " + workspace.str() + " " + provider);
    answer(done, integration_id{77});
  }
  void connect(integration_id id, reply<std::string> url,
               reply<connect_outcome> on_outcome) override {
    asked.push_back("connect " + id.str());
    outcomes.push_back(on_outcome);
    answer(url, std::string{"https://provider.example/authorize?state=s"});
  }
  void deliver_callback(std::string query, reply<connect_outcome> done) override {
    asked.push_back("callback " + query);
    answer(done, connect_outcome{integration_id{1}, false});
  }
  void status(integration_id id, reply<integration_status> done) override {
    answer(done, statuses.at(id));
  }
  void list(reply<std::vector<integration_status>> done) override {
    std::vector<integration_status> all;
    for (auto at = statuses.rbegin(); at != statuses.rend(); ++at) // in no order to rely on
      all.push_back(at->second);
    answer(done, all);
  }
  void refresh(integration_id id, reply<void> done) override {
    command("refresh " + id.str(), done);
  }
  void disconnect(integration_id id, reply<void> done) override {
    command("disconnect " + id.str(), done);
  }
  void set_mode(integration_id id, std::string mode, reply<void> done) override {
    command("mode " + id.str() + " " + mode, done);
  }
  void release(uint64_t incident, reply<void> done) override {
    command("release " + std::to_string(incident), done);
  }
  void put(integration_id id, std::string stream, std::string record, std::string fields,
           reply<edit_receipt> done) override {
    asked.push_back("put " + id.str() + " " + stream + " " + record + " " + fields);
    answer(done, edit_receipt{record.empty() ? "local:1" : record, 5});
  }
  void erase(integration_id id, std::string stream, std::string record,
             reply<edit_receipt> done) override {
    asked.push_back("erase " + id.str() + " " + stream + " " + record);
    answer(done, edit_receipt{record, 6});
  }
  void drop_edit(integration_id id, uint64_t edit, reply<void> done) override {
    command("drop " + id.str() + " " + std::to_string(edit), done);
  }
  void restore(uint64_t conflict, reply<edit_receipt> done) override {
    asked.push_back("restore " + std::to_string(conflict));
    answer(done, edit_receipt{"101", 7});
  }
  void set_conflict_rule(integration_id id, std::string rule, reply<void> done) override {
    command("rule " + id.str() + " " + rule, done);
  }
  void acknowledge(uint64_t notification, reply<void> done) override {
    command("acknowledge " + std::to_string(notification), done);
  }
  void explain(integration_id, std::string stream, std::string record,
               reply<explanation> done) override {
    asked.push_back("explain " + stream + " " + record);
    answer(done,
           explanation{"archived_at_provider", "It was archived.", {"The provider said so."}});
  }
  void observe(std::function<void(integration_id)> listener) override {
    on_change = std::move(listener);
  }
  engine_figures figures() const override {
    return measured;
  }
  const store& data() const override {
    return *store_;
  }

  static constexpr wall_time noon{milliseconds{1'772'020'800'000}}; ///< 2026-02-25T12:00:00Z

  std::vector<std::string> asked;
  std::vector<reply<connect_outcome>> outcomes;
  std::map<integration_id, integration_status> statuses;
  std::function<void(integration_id)> on_change;
  engine_figures measured;
  std::optional<error> failure; ///< What every call is answered with.

private:
  template <class T>
  void answer(const reply<T>& done, T value) {
    if (failure)
      done(*failure);
    else
      done(std::move(value));
  }
  void command(std::string text, const reply<void>& done) {
    asked.push_back(std::move(text));
    done(failure ? result<void>{*failure} : result<void>{});
  }

  temporary_directory directory_;
  std::unique_ptr<store> store_;
};

} // namespace nexte::program

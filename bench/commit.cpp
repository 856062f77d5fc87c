// How fast does the one writer make records and polls durable?
//
// `raw K` puts the same records into one LMDB table, K pages of 100 a transaction, each synced;
// `raw 16, no sync` leaves the syncs out: what the disk costs. `store 16` is the engine's storage,
// called directly: it keeps versions, checksums, the feed and the checkpoint too. `writers 1,000`
// is the actor that gathers what 1,000 integrations send it at once. `polls` are small commits of
// as many integrations, `lone` those of a single one, beside `raw lone`: one small put and a sync.
// The numbers lie on a RAM disk, and on a disk that others write to.
#include "actors/store_writer.hpp"
#include "actors/timers.hpp"
#include "bench/contact_pages.hpp"
#include "bench/resting_fleet.hpp"
#include "bench/spread.hpp"
#include "bench/suite.hpp"
#include "protocol/hubspot/page_reader.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <lmdb.h>
#include <stdexcept>

namespace fs = std::filesystem;
using namespace nexte;
using namespace nexte::bench;

namespace {

using clock_type = std::chrono::steady_clock;

constexpr size_t map_bytes = size_t{8} << 30;
constexpr unsigned pages_per_commit = 16;
constexpr unsigned many = 1'000;

double seconds_since(clock_type::time_point begun) {
  return std::chrono::duration<double>{clock_type::now() - begun}.count();
}

// ---- raw
// -----------------------------------------------------------------------------------------

void check(int code) {
  if (code != MDB_SUCCESS)
    throw std::runtime_error(std::string{"LMDB: "} + mdb_strerror(code));
}

MDB_val bytes_of(std::string_view text) {
  return {text.size(), const_cast<char*>(text.data())};
}

/// One table in an environment of its own.
class raw_table {
public:
  raw_table(const fs::path& folder, unsigned flags) {
    check(mdb_env_create(&env_));
    check(mdb_env_set_mapsize(env_, map_bytes));
    check(mdb_env_open(env_, folder.c_str(), flags, 0600));
    MDB_txn* txn = nullptr;
    check(mdb_txn_begin(env_, nullptr, 0, &txn));
    check(mdb_dbi_open(txn, nullptr, 0, &table_));
    check(mdb_txn_commit(txn));
  }
  ~raw_table() {
    mdb_env_close(env_);
  }
  raw_table(const raw_table&) = delete;
  raw_table& operator=(const raw_table&) = delete;

  void put(const std::vector<std::pair<std::string, std::string_view>>& rows) {
    MDB_txn* txn = nullptr;
    check(mdb_txn_begin(env_, nullptr, 0, &txn));
    for (const auto& [key, value] : rows) {
      auto k = bytes_of(key);
      auto v = bytes_of(value);
      check(mdb_put(txn, table_, &k, &v, 0));
    }
    check(mdb_txn_commit(txn));
  }

private:
  MDB_env* env_ = nullptr;
  MDB_dbi table_ = 0;
};

page contacts() {
  record_guard guard;
  auto bytes = std::make_shared<const std::string>(contact_pages(contacts_per_page).front());
  return must(hubspot::read_object_page(std::move(bytes), guard)).objects;
}

figures run_raw(const fs::path& folder, unsigned pages, unsigned per_commit, unsigned flags) {
  const auto records = contacts();
  raw_table table{folder, flags};
  const auto begun = clock_type::now();
  std::vector<std::pair<std::string, std::string_view>> rows;
  for (unsigned number = 1; number <= pages; ++number) {
    const auto owner = integration_id{number}.str();
    for (const auto& one : records.records)
      rows.emplace_back(owner + std::string{one.id}, one.body);
    if (number % per_commit != 0 && number != pages)
      continue;
    table.put(rows);
    rows.clear();
  }
  return {{"items/s", pages * double(contacts_per_page) / seconds_since(begun)}};
}

figures commits_of(std::vector<double>& took_ms) {
  return {{"commit p50, ms", percentile(took_ms, 0.5)},
          {"commit p99, ms", percentile(took_ms, 0.99)}};
}

figures run_raw_lone(const fs::path& folder, unsigned commits) {
  raw_table table{folder, 0};
  std::vector<double> took_ms;
  const std::string value(100, 'x');
  for (unsigned i = 0; i < commits; ++i) {
    const auto begun = clock_type::now();
    table.put({{"row", value}});
    took_ms.push_back(seconds_since(begun) * 1e3);
  }
  return commits_of(took_ms);
}

// ---- the store
// -----------------------------------------------------------------------------------

std::shared_ptr<store> signed_in(const fs::path& folder, unsigned integrations) {
  store_options where;
  where.directory = folder / "data";
  std::shared_ptr<store> data = must(store::open(std::move(where), secret{std::string(32, 'k')}));
  std::vector<store_write> rows;
  for (unsigned number = 0; number < integrations; ++number) {
    integration_row row;
    row.id = id_of(number);
    row.workspace = must(workspace_id::parse("workspace-" + std::to_string(number)));
    row.provider = "hubspot";
    rows.emplace_back(put_integration{std::move(row)});
  }
  must(data->commit(rows, clock_now()));
  return data;
}

store_write page_write(integration_id id, uint64_t sequence, const page& records) {
  put_page write{id, fleet_stream, sequence, records, {}};
  write.records.next_checkpoint = "{}";
  return write;
}

figures run_store(const fs::path& folder, unsigned pages) {
  const auto data = signed_in(folder, pages);
  const auto records = contacts();
  const auto begun = clock_type::now();
  std::vector<store_write> writes;
  for (unsigned number = 0; number < pages; ++number) {
    writes.push_back(page_write(id_of(number), 0, records));
    if (writes.size() < pages_per_commit && number + 1 < pages)
      continue;
    for (const auto& done : must(data->commit(writes, clock_now())))
      must(done);
    writes.clear();
  }
  return {{"items/s", pages * double(contacts_per_page) / seconds_since(begun)}};
}

// ---- the writer
// ----------------------------------------------------------------------------------

/// What the integrations of one run share.
struct commit_round {
  std::function<store_write(integration_id, uint64_t sequence)> make;
  unsigned commits_each = 0;
  std::atomic<unsigned> left = 0;
  std::atomic<bool> failed = false;
  std::promise<void> ended;
  std::vector<std::vector<double>> took_ms; ///< Of each integration.
};

struct committing_state {
  explicit committing_state(committer_actor::pointer own) : self(own) {}
  void send() {
    auto writes = std::make_shared<std::vector<store_write>>();
    writes->push_back(round->make(id_of(number), sequence));
    sent_at = clock_type::now();
    caf::anon_send(writer, commit_request{1, std::move(writes), weak(self)});
  }
  void on_committed(const committed& fact) {
    round->took_ms[number].push_back(seconds_since(sent_at) * 1e3);
    if (fact.failure())
      round->failed = true;
    else
      sequence = (*fact.outcomes)[0]->sequence;
    if (++commits < round->commits_each && !round->failed)
      return send();
    writer = nullptr;
    if (--round->left == 0)
      round->ended.set_value();
    self->quit();
  }

  committer_actor::pointer self;
  unsigned number = 0;
  uint64_t sequence = 0;
  unsigned commits = 0;
  store_writer_actor writer;
  std::shared_ptr<commit_round> round;
  clock_type::time_point sent_at;
};

/// Each of so many integrations commits what `make` gives it, so many times, one after the other.
/// Yields the seconds it took.
double run_committers(const fs::path& folder, unsigned integrations,
                      const std::shared_ptr<commit_round>& round) {
  round->left = integrations;
  round->took_ms.resize(integrations);
  const auto data = signed_in(folder, integrations);
  caf::actor_system_config config;
  caf::actor_system system{config};
  auto ports = std::make_shared<engine_ports>();
  ports->wall_now = clock_now;
  ports->steady_now
      = [] { return std::chrono::time_point_cast<steady_time::duration>(clock_type::now()); };
  ports->log = [](std::string_view) {};
  const auto clock = system.spawn(timers, std::shared_ptr<const engine_ports>{ports});
  const auto writer = system.spawn<caf::detached>(
      store_writer, data, std::shared_ptr<const engine_ports>{ports}, clock);
  const auto behave = [&](committer_actor::stateful_pointer<committing_state> self,
                          unsigned number) -> committer_actor::behavior_type {
    auto& own = state_of(self);
    own.number = number;
    own.writer = writer;
    own.round = round;
    own.send();
    return {[&own](const committed& fact) { own.on_committed(fact); }};
  };
  auto ended = round->ended.get_future();
  const auto begun = clock_type::now();
  std::vector<committer_actor> alive; // an actor that is only known weakly is destroyed
  for (unsigned number = 0; number < integrations; ++number)
    alive.push_back(system.spawn(behave, number));
  ended.wait();
  const double took = seconds_since(begun);
  caf::anon_send_exit(writer, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(clock, caf::exit_reason::user_shutdown);
  if (round->failed)
    throw std::runtime_error("a commit failed");
  return took;
}

figures run_writers(const fs::path& folder, unsigned pages) {
  const auto records = contacts();
  auto round = std::make_shared<commit_round>();
  round->commits_each = std::max(1u, pages / many);
  // Each page comes as new records would: an integration's next one has the same ids elsewhere.
  round->make = [&](integration_id id, uint64_t sequence) {
    auto write = page_write(id, sequence, records);
    std::get<put_page>(write).stream += std::to_string(sequence);
    std::get<put_page>(write).expected_sequence = 0;
    return write;
  };
  const double took = run_committers(folder, many, round);
  return {{"items/s", round->commits_each * double(many) * contacts_per_page / took}};
}

std::function<store_write(integration_id, uint64_t)> poll_end() {
  return [](integration_id id, uint64_t sequence) {
    return end_run{id, fleet_stream, sequence, true};
  };
}

figures run_polls(const fs::path& folder, unsigned polls) {
  auto round = std::make_shared<commit_round>();
  round->commits_each = std::max(1u, polls / many);
  round->make = poll_end();
  const double took = run_committers(folder, many, round);
  return {{"polls/s", round->commits_each * double(many) / took}};
}

figures run_lone(const fs::path& folder, unsigned commits) {
  auto round = std::make_shared<commit_round>();
  round->commits_each = commits;
  round->make = poll_end();
  run_committers(folder, 1, round);
  return commits_of(round->took_ms.front());
}

benchmark make(bool quick) {
  const unsigned pages = quick ? 1'000 : 3'000;
  const unsigned commits = quick ? 50 : 500;
  const unsigned polls = quick ? 5'000 : 100'000;
  benchmark made;
  made.name = "commit";
  made.question = "How fast does the one writer make records and polls durable?";
  made.settings = {{"records", readable(pages * double(contacts_per_page))},
                   {"polls", readable(polls)},
                   {"lone commits", readable(commits)}};
  for (const unsigned per_commit : {1u, 4u, 16u, 64u})
    made.ways.push_back({"raw " + std::to_string(per_commit), "",
                         [=](const fs::path& at) { return run_raw(at, pages, per_commit, 0); },
                         "raw LMDB", double(per_commit)});
  made.ways.push_back({"raw 16, no sync", "", [=](const fs::path& at) {
                         return run_raw(at, pages, pages_per_commit, MDB_NOSYNC);
                       }});
  made.ways.push_back({"store 16", "", [=](const fs::path& at) { return run_store(at, pages); }});
  made.ways.push_back(
      {"writers 1,000", "", [=](const fs::path& at) { return run_writers(at, pages); }});
  made.ways.push_back({"polls", "", [=](const fs::path& at) { return run_polls(at, polls); }});
  made.ways.push_back(
      {"raw lone", "", [=](const fs::path& at) { return run_raw_lone(at, commits); }});
  made.ways.push_back({"lone", "", [=](const fs::path& at) { return run_lone(at, commits); }});
  made.comparisons = {
      {"items/s", "store 16", "raw 16"},
      {"items/s", "writers 1,000", "raw 16", aim_bound::at_least, 0.8},
      {"items/s", "writers 1,000", "raw 16, no sync"},
      {"polls/s", "polls", {}, aim_bound::at_least, 15'000},
      {"commit p50, ms", "lone", "raw lone", aim_bound::at_most, 1.2},
  };
  made.charts = {{"items/s", "pages a transaction"}};
  return made;
}

} // namespace

int main(int argc, char** argv) {
  return run_benchmark(argc, argv, make);
}

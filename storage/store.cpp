#include "storage/store.hpp"

#include "storage/conflicts.hpp"
#include "storage/context.hpp"
#include "storage/directory_lock.hpp"
#include "storage/incidents.hpp"
#include "storage/integrations.hpp"
#include "storage/outbox.hpp"
#include "storage/reader_gate.hpp"
#include "storage/records.hpp"
#include "storage/streams.hpp"

#include <algorithm>
#include <cerrno>
#include <mutex>

namespace nexte {
namespace {

constexpr size_t map_bytes_step = size_t{64} << 10; ///< A multiple of every page size in use.

size_t round_up(size_t bytes) {
  return (bytes + map_bytes_step - 1) / map_bytes_step * map_bytes_step;
}

} // namespace

class store::impl {
public:
  impl(store_options options, directory_lock lock, const secret& master_key)
      : options_(std::move(options)), lock_(std::move(lock)), seals_(master_key, options_.random) {
    if (!options_.former_key.empty())
      former_seals_.emplace(std::move(options_.former_key), options_.random);
    options_.map_bytes_max = round_up(options_.map_bytes_max);
  }

  /// Opens the data file, in a map that it fits in. Throws.
  void open() {
    const auto file = options_.directory / "data.mdb";
    std::error_code none;
    const bool fresh = !std::filesystem::exists(file, none);
    size_t map_bytes = fresh ? 0 : std::filesystem::file_size(file, none);
    map_bytes = std::max({map_bytes, options_.map_bytes_initial, map_bytes_step});
    auto env = std::make_unique<lmdb::environment>(
        options_.directory, std::min(round_up(map_bytes), options_.map_bytes_max));
    for (bool opened = false; !opened;) {
      try {
        at_ = open_schema(*env, options_.directory, seals_,
                          former_seals_ ? &*former_seals_ : nullptr);
        opened = true;
      } catch (const disk_failure& failed) { // a migration may need more room
        if (failed.code() != MDB_MAP_FULL || !double_map(*env))
          throw;
      }
    }
    former_seals_.reset();
    if (fresh) {
      sync_directory(options_.directory);
      sync_directory(std::filesystem::absolute(options_.directory).parent_path());
    }
    env_ = std::move(env);
  }

  result<std::vector<result<write_outcome>>>
  commit(std::span<const store_write> writes, wall_time now, const std::optional<uptime>& up) {
    const std::lock_guard one_at_a_time{writer_};
    try {
      if (!env_)
        open_alone();
      for (;;) {
        try {
          return attempt(writes, now, up);
        } catch (const disk_failure& failed) {
          if (failed.code() != MDB_MAP_FULL || !grow())
            throw;
        }
      }
    } catch (const disk_failure& failed) {
      // After a failed write the kernel may show what the disk does not have: look afresh.
      if (failed.code() != MDB_MAP_FULL)
        reopen();
      return lmdb::explain(failed.code(), options_.directory);
    } catch (const damage& found) {
      return found.why();
    }
  }

  /// Runs `look(transaction, tables)` on one unchanging state of the data.
  template <class Look>
  auto read(Look&& look) -> result<decltype(look(std::declval<const lmdb::transaction&>(),
                                                 std::declval<const tables&>()))> {
    const reader_gate::visit inside{gate_};
    if (!env_)
      return error{ec::storage, options_.directory.string() + " is closed since its disk failed",
                   "mend the disk; it opens again with the next change that is stored"};
    try {
      const lmdb::transaction txn{*env_, lmdb::transaction::kind::read};
      return look(txn, at_);
    } catch (const disk_failure& failed) {
      return lmdb::explain(failed.code(), options_.directory);
    } catch (const damage& found) {
      return found.why();
    }
  }

  const vault& seals() const {
    return seals_;
  }

private:
  std::vector<result<write_outcome>> attempt(std::span<const store_write> writes, wall_time now,
                                             const std::optional<uptime>& up) {
    std::vector<result<write_outcome>> outcomes;
    outcomes.reserve(writes.size());
    lmdb::transaction txn{*env_, lmdb::transaction::kind::write};
    {
      write_context in{txn, at_, now, up};
      for (const auto& write : writes)
        outcomes.push_back(apply_one(in, write));
      purge_marks(in);
      purge_incidents(in);
      purge_conflicts(in);
      in.finish();
    }
    txn.commit();
    return outcomes;
  }

  result<write_outcome> apply_one(write_context& in, const store_write& write) {
    try {
      return std::visit(
          [&]<class Write>(const Write& what) {
            if constexpr (std::is_same_v<Write, put_tokens>)
              return apply(in, what, seals_);
            else
              return apply(in, what);
          },
          write);
    } catch (const damage& found) {
      return found.why(); // of a row this write builds on: the others go on
    }
  }

  void open_alone() {
    const reader_gate::closure alone{gate_};
    open();
  }

  /// What keeps it from opening now is told by the next commit, which tries again.
  void reopen() {
    const reader_gate::closure alone{gate_};
    env_.reset();
    try {
      open();
    } catch (const disk_failure&) {
    } catch (const damage&) {}
  }

  bool grow() {
    const reader_gate::closure alone{gate_};
    return double_map(*env_);
  }

  /// Whether the limit leaves room for more.
  bool double_map(lmdb::environment& env) const {
    const auto stands = env.map_bytes();
    if (stands >= options_.map_bytes_max)
      return false;
    env.grow(std::min(stands * 2, options_.map_bytes_max));
    return true;
  }

  store_options options_;
  directory_lock lock_;
  vault seals_;
  std::optional<vault> former_seals_; ///< Until the data is open.
  std::mutex writer_;
  reader_gate gate_{lmdb::readers_max};
  std::unique_ptr<lmdb::environment> env_; ///< Null after a failure of the disk, until reopened.
  tables at_;
};

result<std::unique_ptr<store>> store::open(store_options options, const secret& master_key) {
  const secret& former_key = options.former_key;
  for (const auto* key : {&master_key, former_key.empty() ? &master_key : &former_key})
    if (const auto bytes = key->reveal().size(); bytes != master_key_bytes)
      return error{ec::refused, "the master key has " + std::to_string(bytes) + " bytes",
                   "give one of " + std::to_string(master_key_bytes)};
  if (options.directory.empty())
    return error{ec::refused, "no data directory is named", "set data_dir"};
  auto lock = directory_lock::take(options.directory);
  if (!lock)
    return std::move(lock).failure();
  const auto directory = options.directory;
  auto body = std::make_unique<impl>(std::move(options), *std::move(lock), master_key);
  try {
    body->open();
  } catch (const disk_failure& failed) {
    return lmdb::explain(failed.code(), directory);
  } catch (const damage& found) {
    return found.why();
  }
  return std::unique_ptr<store>{new store{std::move(body)}};
}

store::store(std::unique_ptr<impl> body) : impl_(std::move(body)) {}

store::~store() = default;

result<std::vector<result<write_outcome>>>
store::commit(std::span<const store_write> writes, wall_time now, const std::optional<uptime>& up) {
  return impl_->commit(writes, now, up);
}

result<std::vector<integration_row>> store::integrations() const {
  return impl_->read([](auto& txn, auto& at) { return read_integrations(txn, at); });
}

result<std::optional<integration_row>> store::integration(integration_id id) const {
  return impl_->read([&](auto& txn, auto& at) { return read_integration(txn, at, id); });
}

result<std::optional<token_set>> store::tokens(integration_id id) const {
  return impl_->read([&](auto& txn, auto& at) { return read_tokens(txn, at, id, impl_->seals()); });
}

result<stream_row> store::stream(integration_id id, std::string_view stream_name) const {
  return impl_->read(
      [&](auto& txn, auto& at) { return read_stream(txn, at, id, stream_name).row; });
}

result<std::vector<record_row>> store::records(integration_id id, std::string_view stream_name,
                                               std::string_view after, size_t limit) const {
  return impl_->read(
      [&](auto& txn, auto& at) { return read_records(txn, at, id, stream_name, after, limit); });
}

result<std::optional<record_row>> store::record(integration_id id, std::string_view stream_name,
                                                std::string_view record_id) const {
  return impl_->read(
      [&](auto& txn, auto& at) { return read_record(txn, at, id, stream_name, record_id); });
}

result<std::vector<change_entry>> store::changes(uint64_t after, size_t limit) const {
  return impl_->read([&](auto& txn, auto& at) { return read_changes(txn, at, after, limit); });
}

result<std::vector<error_entry>> store::errors(integration_id id, size_t limit) const {
  return impl_->read([&](auto& txn, auto& at) { return read_errors(txn, at, id, limit); });
}

result<std::optional<wall_time>> store::refresh_noted_at(integration_id id) const {
  return impl_->read([&](auto& txn, auto& at) { return read_refresh_note(txn, at, id); });
}

result<std::vector<incident_row>> store::incidents(std::optional<integration_id> id) const {
  return impl_->read([&](auto& txn, auto& at) { return read_incidents(txn, at, id); });
}

result<std::optional<incident_row>> store::incident(uint64_t id) const {
  return impl_->read([&](auto& txn, auto& at) { return read_incident(txn, at, id); });
}

result<std::vector<notification_row>> store::notifications(uint64_t after, size_t limit) const {
  return impl_->read(
      [&](auto& txn, auto& at) { return read_notifications(txn, at, after, limit); });
}

result<std::vector<quarantine_row>> store::quarantine(integration_id id) const {
  return impl_->read([&](auto& txn, auto& at) { return read_quarantine(txn, at, id); });
}

result<std::vector<edit_row>> store::edits(integration_id id, uint64_t after, size_t limit) const {
  return impl_->read([&](auto& txn, auto& at) { return read_edits(txn, at, id, after, limit); });
}

result<edit_counts> store::count_edits(integration_id id) const {
  return impl_->read([&](auto& txn, auto& at) { return read_edit_counts(txn, at, id); });
}

result<std::optional<edit_to_push>> store::edit(integration_id id, uint64_t edit) const {
  return impl_->read([&](auto& txn, auto& at) { return read_edit(txn, at, id, edit); });
}

result<std::vector<conflict_row>> store::conflicts(const conflict_filter& filter,
                                                   size_t limit) const {
  return impl_->read([&](auto& txn, auto& at) { return read_conflicts(txn, at, filter, limit); });
}

result<std::optional<conflict_row>> store::conflict(uint64_t id) const {
  return impl_->read([&](auto& txn, auto& at) { return read_conflict(txn, at, id); });
}

} // namespace nexte

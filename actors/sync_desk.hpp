// The streams of one integration: which run, which pause and why, when each is due.
// No CAF, no clock, no I/O: effects go through a port.
#pragma once

#include "actors/call_desk.hpp"
#include "actors/stream_pause.hpp"
#include "actors/stream_run.hpp"
#include "protocol/provider.hpp"
#include "storage/store.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace nexte {

struct stream_state {
  const stream_description* what = nullptr;
  stream_row row;                  ///< As last committed.
  std::unique_ptr<stream_run> run; ///< Null: none under way.
  unsigned writes_in_flight = 0;   ///< Of ended runs too: a new one waits for them.
  bool due = false;                ///< Wants a run as soon as one may begin.
  bool full_due = false;           ///< … that enumerates completely.
  bool person_waits = false;       ///< … in the lane of what a person asked for.
  bool verified = false;           ///< By the last run.
  wall_time began_at{};            ///< When the last run began.
  unsigned failures = 0;           ///< Runs that ended in an error, in a row.
  std::map<std::string, quarantine_row, std::less<>> quarantined; ///< By id: stepped over.
  std::optional<stream_pause> pause;
  std::optional<verdict> refusal; ///< Why the provider refused its last call.
};

/// What the desk needs done, and tells.
class sync_effects {
public:
  using continuation = std::function<void(const result<write_outcome>&)>;

  virtual wall_time sync_now() const = 0;
  virtual std::string api_base() const = 0; ///< Of the account, for a run that begins now.
  virtual void begin_call(const std::string& stream, http_request request, quota_lane lane,
                          call_desk::done on_done)
      = 0;
  virtual void cancel_calls(const std::string& stream) = 0;
  virtual void hurry_calls(const std::string& stream) = 0;
  virtual void commit_write(store_write write, continuation then) = 0;
  virtual result<stream_row> stored_stream(std::string_view name) const = 0;
  virtual result<std::vector<quarantine_row>> stored_quarantine() const = 0;
  virtual two_way_rules rules_of(const stream_description& what) const = 0;
  /// A run ended well.
  virtual void stream_synced(const stream_state& stream) = 0;
  /// A run ended in an error (`unauthorized` and `bug` concern the integration as a whole).
  virtual void stream_failed(const stream_state& stream, const error& why) = 0;
  /// A stream began to stand still.
  virtual void stream_paused(const stream_state& stream) = 0;
  /// Records could not be read and are stepped over; `record` is empty where its id is not known.
  virtual void records_unread(const stream_state& stream, std::vector<quarantine_row> rows) = 0;
  /// Records that were stepped over are read again.
  virtual void records_readable(const stream_state& stream, std::vector<std::string> ids) = 0;
  /// A page met local edits of the same records.
  virtual void conflicts_archived(const stream_description& what, uint64_t count) = 0;
  /// The brake kept deletions back.
  virtual void deletes_held(const stream_state& stream) = 0;

protected:
  ~sync_effects() = default;
};

class sync_desk final : private run_effects {
public:
  sync_desk(integration_id id, sync_effects& effects) : id_(id), effects_(&effects) {}

  /// Takes the streams up as they are stored. `storage` when they cannot be read.
  result<void> load(const std::vector<const stream_description*>& streams);
  /// Pauses the streams that lack a scope, and takes up those that no longer do. `granted` empty:
  /// the provider did not say, so nothing is known to be missing.
  void grant(const std::vector<std::string>& granted);

  /// Every stream that may run and does not begins a run.
  void poll();
  /// The same, enumerating completely, in the lane of what a person asked for.
  void refresh();
  void stop();
  /// The stored row was changed from outside of a run.
  void reread(std::string_view name);
  /// Gives every record that is stepped over another chance; yields which they were.
  std::vector<quarantine_row> lift_quarantine();
  /// Whose record is read just now, or was when its connector broke; null: none.
  const stream_state* reading() const;
  /// To be called at the end of every handler: destroys runs that ended, begins those due.
  void settle();

  const std::vector<stream_state>& streams() const {
    return streams_;
  }
  stream_state* find(std::string_view name);
  const stream_state* find(std::string_view name) const;
  bool running() const;

private:
  wall_time run_now() const override;
  void run_calls(stream_run& run, http_request request,
                 std::function<void(result<http_response>)> on_done) override;
  result<void> run_reads(stream_run& run, const page& records) override;
  void run_commits(stream_run& run, put_page write) override;
  void run_commits(stream_run& run, end_run write) override;
  void run_ended(stream_run& run, result<done_t> how) override;

  bool begin_run(stream_state& stream);
  bool wants_full(const stream_state& stream) const;
  stream_run* running(stream_state& stream, uint64_t number);
  stream_state& stream_of(const stream_run& run);
  void keep_full(stream_state& stream, const stream_run& run);
  void fail(stream_state& stream, const error& why);
  size_t quarantined() const;

  integration_id id_;
  sync_effects* effects_;
  std::vector<stream_state> streams_;
  std::vector<std::unique_ptr<stream_run>> ended_;
  uint64_t next_run_ = 1;
  bool stopped_ = true;
};

} // namespace nexte

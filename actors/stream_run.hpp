// One run of one stream: drives the connector's coroutine between calls and commits.
// No CAF, no clock, no I/O: effects go through a port.
#pragma once

#include "protocol/provider.hpp"
#include "protocol/stream_io.hpp"
#include "storage/store.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>

namespace nexte {

/// Pages of one run that were handed over and are not durable yet: the next ones are fetched while
/// the last ones commit, so that a slow disk syncs once for many. At either bound the run waits:
/// memory stays bounded, also where pages are large.
inline constexpr size_t pages_in_flight_max = 16;
inline constexpr size_t bytes_in_flight_max = 1024 * 1024;

class stream_run;

/// What a run needs done. Page and end come back through `page_committed` and `end_committed`, in
/// the order they were handed over.
class run_effects {
public:
  virtual wall_time run_now() const = 0;
  virtual void run_calls(stream_run& run, http_request request,
                         std::function<void(result<http_response>)> on_done)
      = 0;
  /// A page is about to be handed over: what it could not read is to be named, what it could, no
  /// longer held to be unreadable. An error ends the run.
  virtual result<void> run_reads(stream_run& run, const page& records) = 0;
  virtual void run_commits(stream_run& run, put_page write) = 0;
  virtual void run_commits(stream_run& run, end_run write) = 0;
  /// The run is over; nothing of it is under way any more. It may not be destroyed inside.
  virtual void run_ended(stream_run& run, result<done_t> how) = 0;

protected:
  ~run_effects() = default;
};

struct run_counts {
  uint64_t pages = 0;
  uint64_t items = 0;
  uint64_t changed = 0; ///< Records inserted, updated or deleted.
};

/// Pages commit in order or not at all: each names the sequence that the one before it leaves.
class stream_run final : public stream_io {
public:
  stream_run(integration_id owner, const stream_description& what, std::string api_base,
             const stream_row& from, bool full, uint64_t number, run_effects& effects);

  /// Runs until the connector waits for something; may end the run.
  void begin();
  void page_committed(const result<write_outcome>& outcome);
  void end_committed(const result<write_outcome>& outcome);

  const stream_description& what() const {
    return *what_;
  }
  /// Tells runs of the same stream apart.
  uint64_t number() const {
    return number_;
  }
  bool full() const {
    return full_;
  }
  bool verified() const {
    return verified_;
  }
  const run_counts& counts() const {
    return counts_;
  }
  /// Neither a call nor a commit is under way for it, and it has not ended: it hangs.
  bool hangs() const {
    return !over_ && calls_ == 0 && in_flight_.empty() && begun_;
  }

  wall_time now() const override {
    return effects_->run_now();
  }

protected:
  void start_fetch(http_request request,
                   std::function<void(result<http_response>)> on_done) override;
  void start_emit(page records, std::function<void(result<done_t>)> on_done) override;

private:
  void conclude();

  integration_id owner_;
  const stream_description* what_;
  run_effects* effects_;
  uint64_t number_;
  bool full_;
  task<bool> pull_;
  uint64_t next_sequence_; ///< What the stream stands at once all that was handed over commits.
  std::deque<size_t> in_flight_; ///< Bytes of each page, in order.
  size_t bytes_in_flight_ = 0;
  unsigned calls_ = 0;
  std::function<void(result<done_t>)> waiting_emit_;
  std::optional<error> failure_;       ///< Of a commit.
  std::optional<result<bool>> pulled_; ///< What the connector came to.
  bool begun_ = false;
  bool verified_ = false;
  bool over_ = false;
  run_counts counts_;
};

} // namespace nexte

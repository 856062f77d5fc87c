// The one writer of the store: gathers what waits into one durable transaction.
#pragma once

#include "actors/interfaces.hpp"
#include "actors/ports.hpp"

#include <vector>

namespace nexte {

/// Past either bound a transaction is closed, so that a lone small write never waits for long.
/// The knee of items/s was measured at 8 to 16 pages of 100 records.
inline constexpr size_t writes_per_commit_max = 256;
inline constexpr size_t payload_bytes_per_commit_max = 4 * 1024 * 1024;
/// How often what is past its time is looked for where nothing else is written: archived conflicts
/// go within the hour after their 30 days.
inline constexpr std::chrono::minutes purge_every{10};

/// Requests that arrived while the last transaction synced stand in the mailbox: they are gathered
/// until the `flush` that was sent after them. Detached in production (a sync blocks), attached
/// under the testing scheduler.
class store_writer_state {
public:
  static inline constexpr const char* name = "store_writer";
  explicit store_writer_state(store_writer_actor::pointer self) : self_(self) {}
  store_writer_actor::behavior_type make_behavior(std::shared_ptr<store> data,
                                                  std::shared_ptr<const engine_ports> ports,
                                                  timers_actor timers);

private:
  void gather(const commit_request& request);
  void commit();
  std::optional<uptime> uptime_now() const;
  void purge();
  void arm();
  void reply(const commit_request& request, std::vector<result<write_outcome>> outcomes);

  store_writer_actor::pointer self_;
  std::shared_ptr<store> data_;
  std::shared_ptr<const engine_ports> ports_;
  timers_actor timers_;
  std::vector<commit_request> waiting_;
  size_t waiting_writes_ = 0;
  size_t waiting_bytes_ = 0;
  bool flush_sent_ = false;
};

store_writer_actor::behavior_type
store_writer(store_writer_actor::stateful_pointer<store_writer_state> self,
             std::shared_ptr<store> data, std::shared_ptr<const engine_ports> ports,
             timers_actor timers);

} // namespace nexte

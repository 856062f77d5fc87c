#include "actors/store_writer.hpp"

#include <caf/send.hpp>

#include <iterator>
#include <utility>

namespace nexte {

store_writer_actor::behavior_type
store_writer_state::make_behavior(std::shared_ptr<store> data,
                                  std::shared_ptr<const engine_ports> ports, timers_actor timers) {
  data_ = std::move(data);
  ports_ = std::move(ports);
  timers_ = std::move(timers);
  arm();
  return {
      [this](const commit_request& request) { gather(request); },
      [this](flush) {
        flush_sent_ = false;
        commit();
      },
      [this](timer_due) {
        purge();
        arm();
      },
  };
}

void store_writer_state::gather(const commit_request& request) {
  waiting_writes_ += request.writes->size();
  for (const auto& write : *request.writes)
    if (const auto* put = std::get_if<put_page>(&write))
      waiting_bytes_ += put->records.payload_bytes();
  waiting_.push_back(request);
  ports_->meters->writes_waiting = waiting_writes_;
  if (waiting_writes_ >= writes_per_commit_max || waiting_bytes_ >= payload_bytes_per_commit_max)
    return commit();
  if (!std::exchange(flush_sent_, true))
    self_->send(self_, flush{});
}

void store_writer_state::commit() {
  if (waiting_.empty())
    return;
  const auto requests = std::exchange(waiting_, {});
  waiting_writes_ = 0;
  waiting_bytes_ = 0;
  std::vector<store_write> writes;
  for (const auto& request : requests) // each request's writes are its sender's to give away
    std::move(request.writes->begin(), request.writes->end(), std::back_inserter(writes));
  ports_->meters->commit_writes.add(static_cast<double>(writes.size()));
  auto outcomes = data_->commit(writes, ports_->wall_now(), uptime_now());
  ports_->meters->writes_waiting = 0;
  if (!outcomes)
    ports_->log("nothing was stored: " + outcomes.failure().line());
  size_t used = 0;
  for (const auto& request : requests) {
    const auto count = request.writes->size();
    std::vector<result<write_outcome>> own;
    if (outcomes)
      own.assign(outcomes->begin() + static_cast<ptrdiff_t>(used),
                 outcomes->begin() + static_cast<ptrdiff_t>(used + count));
    else
      own.assign(count, outcomes.failure());
    used += count;
    reply(request, std::move(own));
  }
}

std::optional<uptime> store_writer_state::uptime_now() const {
  return ports_->uptime_now ? ports_->uptime_now() : std::nullopt;
}

/// An empty commit removes what is past its time; without an audit log there is nothing of it.
void store_writer_state::purge() {
  const auto archived = data_->conflicts({}, 1);
  if (archived && archived->empty())
    return;
  if (const auto done = data_->commit({}, ports_->wall_now(), uptime_now()); !done)
    ports_->log("the audit log could not be purged: " + done.failure().line());
}

void store_writer_state::arm() {
  self_->send(timers_, set_timer{weak(self_), ports_->steady_now() + purge_every, {0, 0}});
}

void store_writer_state::reply(const commit_request& request,
                               std::vector<result<write_outcome>> outcomes) {
  const auto alive = caf::actor_cast<caf::strong_actor_ptr>(request.who);
  if (!alive)
    return;
  committed fact;
  fact.ticket = request.ticket;
  fact.outcomes = std::make_shared<const std::vector<result<write_outcome>>>(std::move(outcomes));
  self_->send(caf::actor_cast<committer_actor>(alive), std::move(fact));
}

store_writer_actor::behavior_type
store_writer(store_writer_actor::stateful_pointer<store_writer_state> self,
             std::shared_ptr<store> data, std::shared_ptr<const engine_ports> ports,
             timers_actor timers) {
  return state_of(self).make_behavior(std::move(data), std::move(ports), std::move(timers));
}

} // namespace nexte

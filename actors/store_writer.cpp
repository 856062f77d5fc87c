#include "actors/store_writer.hpp"

#include <caf/send.hpp>

#include <iterator>
#include <utility>

namespace nexte {

store_writer_actor::behavior_type
store_writer_state::make_behavior(std::shared_ptr<store> data,
                                  std::shared_ptr<const engine_ports> ports) {
  data_ = std::move(data);
  ports_ = std::move(ports);
  return {
      [this](const commit_request& request) { gather(request); },
      [this](flush) {
        flush_sent_ = false;
        commit();
      },
  };
}

void store_writer_state::gather(const commit_request& request) {
  waiting_writes_ += request.writes->size();
  for (const auto& write : *request.writes)
    if (const auto* put = std::get_if<put_page>(&write))
      waiting_bytes_ += put->records.payload_bytes();
  waiting_.push_back(request);
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
  auto outcomes = data_->commit(writes, ports_->wall_now());
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
             std::shared_ptr<store> data, std::shared_ptr<const engine_ports> ports) {
  return state_of(self).make_behavior(std::move(data), std::move(ports));
}

} // namespace nexte

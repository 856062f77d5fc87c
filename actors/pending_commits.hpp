// What goes on when a commit is answered. For actors that write.
#pragma once

#include "actors/interfaces.hpp"

#include <caf/send.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace nexte {

/// Hands writes to the store writer and keeps the continuation of each until it is answered.
class pending_commits {
public:
  using continuation = std::function<void(const committed&)>;

  /// `then` runs in the handler of the answer, never inside.
  template <class Self>
  void send(Self* self, const store_writer_actor& writer, std::vector<store_write> writes,
            continuation then) {
    const auto ticket = next_ticket_++;
    waiting_.emplace(ticket, std::move(then));
    self->send(writer,
               commit_request{ticket, std::make_shared<std::vector<store_write>>(std::move(writes)),
                              weak(self)});
  }
  void answered(const committed& fact) {
    if (auto node = waiting_.extract(fact.ticket))
      node.mapped()(fact);
  }

private:
  std::map<uint64_t, continuation> waiting_;
  uint64_t next_ticket_ = 1;
};

} // namespace nexte

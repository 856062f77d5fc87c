#include "actors/look_up_desk.hpp"

#include <algorithm>
#include <utility>

namespace nexte {

/// One coroutine of a connector and who waits for it.
class look_up_desk::look_up final : public stream_io {
public:
  look_up(look_up_effects& effects, uint64_t number, steady_time due, done on_done)
      : who("look-up " + std::to_string(number)),
        give_up_due(due),
        told(std::move(on_done)),
        effects_(&effects) {}

  void begin(const stream_description& what, look_up_request request,
             std::function<void(result<sighting>)> on_seen) {
    asking_.emplace(what.look_up(*this, std::move(request)));
    asking_->start(std::move(on_seen));
  }
  wall_time now() const override {
    return effects_->look_up_now();
  }

  const std::string who; ///< Whose its calls are.
  const steady_time give_up_due;
  done told;
  std::optional<verdict> refusal;

protected:
  void start_fetch(http_request request,
                   std::function<void(result<http_response>)> on_done) override {
    effects_->look_up_call(who, std::move(request), std::move(on_done));
  }
  void start_emit(page, std::function<void(result<done_t>)> on_done) override {
    on_done(error{ec::bug, "a look-up handed over a page"});
  }

private:
  look_up_effects* effects_;
  std::optional<task<sighting>> asking_;
};

look_up_desk::look_up_desk(look_up_effects& effects) : effects_(&effects) {}

look_up_desk::~look_up_desk() = default;

void look_up_desk::begin(const stream_description& what, std::string record, steady_time now,
                         done on_done) {
  if (!what.look_up)
    return on_done({std::nullopt, std::nullopt, "it has no way to ask for one record."});
  if (under_way_.size() >= look_ups_max)
    return on_done({std::nullopt, std::nullopt, "too many are asked for at once; ask again."});
  auto made = std::make_unique<look_up>(*effects_, next_id_++, now + look_up_wait_max,
                                        std::move(on_done));
  auto& one = *made;
  under_way_.push_back(std::move(made));
  arm();
  one.begin(what, {effects_->api_base(), std::move(record)}, [this, &one](result<sighting> seen) {
    look_up_outcome outcome;
    outcome.refusal = one.refusal;
    if (seen)
      outcome.seen = *std::move(seen);
    else if (!outcome.refusal)
      outcome.not_asked = seen.failure().line() + ".";
    end(one, std::move(outcome));
  });
}

bool look_up_desk::refused(const std::string& who, const verdict& why) {
  const auto at = std::ranges::find(under_way_, who, [](const held& one) { return one->who; });
  if (at == under_way_.end())
    return false;
  (*at)->refusal = why;
  return true;
}

void look_up_desk::wake(steady_time now) {
  std::vector<look_up*> late;
  for (const auto& one : under_way_)
    if (one->give_up_due <= now)
      late.push_back(one.get());
  for (auto* one : late)
    end(*one,
        {std::nullopt, std::nullopt,
         "it gave no answer within " + std::to_string(look_up_wait_max.count()) + " seconds."});
  arm();
}

void look_up_desk::end_all(const std::string& because) {
  while (!under_way_.empty())
    end(*under_way_.front(), {std::nullopt, std::nullopt, because});
}

void look_up_desk::end(look_up& one, look_up_outcome outcome) {
  const auto at = std::ranges::find(under_way_, &one, &held::get);
  if (at == under_way_.end())
    return;
  effects_->look_up_cancel(one.who);
  ended_.push_back(std::move(*at)); // it may stand on the stack: `settle` destroys it
  under_way_.erase(at);
  const auto told = std::move(one.told);
  told(outcome);
}

void look_up_desk::arm() {
  const auto first
      = std::ranges::min_element(under_way_, {}, [](const held& one) { return one->give_up_due; });
  if (first != under_way_.end())
    effects_->wake_look_ups((*first)->give_up_due);
}

void look_up_desk::settle() {
  ended_.clear();
}

} // namespace nexte

#include "actors/push_run.hpp"

#include <utility>

namespace nexte {

push_run::push_run(const stream_description& what, std::vector<edit_row> edits,
                   push_request request, push_run_effects& effects)
    : what_(&what),
      edits_(std::move(edits)),
      effects_(&effects),
      push_(what.push(*this, std::move(request))) {}

void push_run::begin() {
  begun_ = true;
  push_.start([this](result<std::vector<push_outcome>> outcomes) {
    over_ = true;
    if (outcomes && outcomes->size() != edits_.size())
      outcomes = error{ec::bug, "the connector told of " + std::to_string(outcomes->size())
                                    + " edits out of " + std::to_string(edits_.size())};
    effects_->run_ended(*this, std::move(outcomes));
  });
}

void push_run::start_fetch(http_request request,
                           std::function<void(result<http_response>)> on_done) {
  ++calls_;
  effects_->run_calls(*this, std::move(request),
                      [this, done = std::move(on_done)](result<http_response> response) {
                        --calls_;
                        done(std::move(response));
                      });
}

void push_run::start_emit(page, std::function<void(result<done_t>)> on_done) {
  on_done(error{ec::bug, "a push hands no page over"});
}

} // namespace nexte

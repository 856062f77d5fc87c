// One push of one stream: drives the connector's coroutine through its calls.
// No CAF, no clock, no I/O: effects go through a port.
#pragma once

#include "protocol/provider.hpp"
#include "protocol/stream_io.hpp"
#include "storage/store.hpp"

#include <cstdint>
#include <functional>
#include <vector>

namespace nexte {

class push_run;

/// What a push needs done.
class push_run_effects {
public:
  virtual wall_time run_now() const = 0;
  virtual void run_calls(push_run& run, http_request request,
                         std::function<void(result<http_response>)> on_done)
      = 0;
  /// It is over. It may not be destroyed inside.
  virtual void run_ended(push_run& run, result<std::vector<push_outcome>> how) = 0;

protected:
  ~push_run_effects() = default;
};

class push_run final : public stream_io {
public:
  /// `edits`: those of the request, in its order.
  push_run(const stream_description& what, std::vector<edit_row> edits, push_request request,
           push_run_effects& effects);

  /// Runs until the connector waits for something; may end the push.
  void begin();

  const stream_description& what() const {
    return *what_;
  }
  const std::vector<edit_row>& edits() const {
    return edits_;
  }
  /// No call is under way for it, and it has not ended.
  bool hangs() const {
    return begun_ && !over_ && calls_ == 0;
  }

  wall_time now() const override {
    return effects_->run_now();
  }

protected:
  void start_fetch(http_request request,
                   std::function<void(result<http_response>)> on_done) override;
  void start_emit(page records, std::function<void(result<done_t>)> on_done) override;

private:
  const stream_description* what_;
  std::vector<edit_row> edits_;
  push_run_effects* effects_;
  task<std::vector<push_outcome>> push_;
  unsigned calls_ = 0;
  bool begun_ = false;
  bool over_ = false;
};

} // namespace nexte

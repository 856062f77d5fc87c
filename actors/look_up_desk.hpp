// Single records asked for at the provider, each for a person who waits: bounded in time.
// No CAF, no clock, no I/O: effects go through a port.
#pragma once

#include "actors/call_desk.hpp"
#include "actors/explaining.hpp"
#include "protocol/provider.hpp"
#include "protocol/stream_io.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace nexte {

/// How long a person waits for the provider.
inline constexpr seconds look_up_wait_max{8};
/// Under way at a time; more are answered at once as not asked.
inline constexpr size_t look_ups_max = 16;

/// What the desk needs done.
class look_up_effects {
public:
  virtual wall_time look_up_now() const = 0;
  virtual std::string api_base() const = 0; ///< Of the account, for a question asked now.
  /// In the lane of what a person asked for, and not repeated when refused or lost. A refusal's
  /// reason comes through `refused` before `on_done`.
  virtual void look_up_call(const std::string& who, http_request request, call_desk::done on_done)
      = 0;
  virtual void look_up_cancel(const std::string& who) = 0;
  virtual void wake_look_ups(steady_time due) = 0; ///< Replaces an earlier wish.

protected:
  ~look_up_effects() = default;
};

class look_up_desk {
public:
  /// Hears the outcome once, possibly inside `begin`.
  using done = std::function<void(const look_up_outcome&)>;

  explicit look_up_desk(look_up_effects& effects);
  ~look_up_desk();

  void begin(const stream_description& what, std::string record, steady_time now, done on_done);
  /// Whether `who` is a look-up's; then `why` is taken in.
  bool refused(const std::string& who, const verdict& why);
  /// Gives up those that are late.
  void wake(steady_time now);
  /// Every one is answered: `because` is why the provider was not asked, a sentence.
  void end_all(const std::string& because);
  /// To be called at the end of every handler: destroys what has ended.
  void settle();

private:
  class look_up;
  using held = std::unique_ptr<look_up>;

  void end(look_up& one, look_up_outcome outcome);
  void arm();

  look_up_effects* effects_;
  std::vector<held> under_way_;
  std::vector<held> ended_;
  uint64_t next_id_ = 1;
};

} // namespace nexte

// The API calls of one integration: each is kept until it is answered for good. No CAF, no clock,
// no I/O: effects go through a port.
#pragma once

#include "actors/policy/fair_queue.hpp"
#include "protocol/core/error.hpp"
#include "protocol/core/time.hpp"
#include "protocol/http/transport.hpp"
#include "protocol/provider.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace nexte {

/// How a granted request ended, for the limiter.
struct quota_use {
  enum class outcome : uint8_t {
    answered, ///< The provider has counted it, at the latest now.
    not_sent, ///< It has not.
  };
  outcome ended = outcome::answered;
  bool limited = false; ///< Refused for quota …
  std::string window;   ///< … of this window, when the provider named it …
  /// … for so long at least. Not limited: the service is out for so long, as it says.
  std::optional<milliseconds> wait;
  std::vector<quota_reading> readings; ///< What the answer's headers say of the counters.
};

/// What the end of a call means to the counters at the provider. May throw what the provider's
/// code throws.
quota_use use_of(const provider_description& provider, const http_answer& answer, wall_time now);

/// What the desk needs done, and tells. Answers come back through `granted`, `answered`, `wake`
/// and `token_ready`.
class call_effects {
public:
  virtual void ask_quota(uint64_t call, const quota_class& cost, quota_lane lane) = 0;
  virtual void withdraw_quota(uint64_t call) = 0;
  virtual void hurry_quota(uint64_t call) = 0; ///< A person waits for it now.
  virtual void report_quota(uint64_t call, const quota_use& use) = 0;
  virtual bool token_usable() = 0;
  virtual void want_token() = 0;
  virtual uint64_t token_generation() = 0;
  /// False: the newest token is refused as well.
  virtual bool token_refused(uint64_t generation) = 0;
  virtual void send(uint64_t call, const http_request& request) = 0; ///< Adds the token.
  virtual void wake_desk(steady_time due) = 0;                       ///< Replaces an earlier wish.
  virtual uint32_t draw() = 0;                                       ///< A random number, uniform.
  /// A call began to wait out a refusal or failure (`cause`), or one went through (null): see
  /// `outlook`.
  virtual void calls_changed(const verdict* cause) = 0;
  /// A call of `stream` is about to end in an error, because of this.
  virtual void call_failed(const std::string& stream, const verdict& why) = 0;

protected:
  ~call_effects() = default;
};

/// How the calls fare as a whole.
struct call_outlook {
  size_t limited = 0; ///< Calls that wait out a refusal for quota, or are being repeated after one.
  size_t failing = 0; ///< Calls that failed at least `failures_tolerated` times in a row.
  size_t queued = 0;  ///< Calls that wait for a grant.
  std::optional<steady_time> next_due;  ///< When the first of the pausing ones goes on.
  std::optional<steady_time> quota_due; ///< … of those that were refused for quota.
};

/// So many failures in a row pass in silence: connections drop.
inline constexpr unsigned failures_tolerated = 2;

/// A call that went out so long ago will never be answered: twice what the client's own limits add
/// up to (connect, write, head and body: some 4 minutes), and time to wait for a connection.
inline constexpr std::chrono::minutes flight_max{10};

class call_desk {
public:
  using done = std::function<void(result<http_response>)>;

  /// Calls are numbered from `first_call`, not 0.
  call_desk(const provider_description& provider, call_effects& effects, uint64_t first_call = 1)
      : provider_(&provider), effects_(&effects), next_id_(first_call) {}

  /// Begins a call; `on_done` is called once, never inside `begin`, unless the call is cancelled.
  /// A request that is not `repeatable` ends in `limited` or `transport` where another would be
  /// sent again.
  /// `stream`: whose call it is, for `cancel`.
  uint64_t begin(std::string stream, http_request request, quota_lane lane, done on_done);
  /// The same for a person who waits: it ends at the first refusal for quota (`limited`) or lost
  /// answer (`transport`) instead of being kept.
  uint64_t begin_once(std::string stream, http_request request, quota_lane lane, done on_done);
  /// A person waits for the stream from now on: its calls overtake the background.
  void hurry(const std::string& stream);
  /// Forgets the calls of a stream; their `on_done` is dropped.
  void cancel(const std::string& stream);
  void cancel_all();

  void token_ready(steady_time now);
  void granted(uint64_t call, steady_time now);
  void answered(uint64_t call, const http_answer& answer, wall_time now, steady_time steady_now);
  void wake(steady_time now);

  call_outlook outlook() const;
  /// A stream with a call that the network has lost; null: there is none.
  const std::string* lost(steady_time now) const;
  size_t size() const {
    return calls_.size();
  }

private:
  enum class stage : uint8_t {
    token,  ///< Waits for a usable token.
    quota,  ///< Waits for a grant.
    flight, ///< Sent.
    pause,  ///< Waits out a refusal or failure.
  };
  struct call {
    std::string stream;
    http_request request;
    quota_lane lane = quota_lane::background;
    done on_done;
    stage at = stage::token;
    uint64_t generation = 0; ///< Of the token it was sent with.
    unsigned limited = 0;    ///< Refusals for quota in a row.
    unsigned failed = 0;     ///< Passing failures in a row.
    bool token_renewed = false;
    bool once = false;             ///< Ends where another would pause.
    bool may_have_arrived = false; ///< It was sent before, and left this machine.
    steady_time resume_due{};
    steady_time lost_due{}; ///< When its answer is no longer waited for.
  };
  using entry = std::map<uint64_t, call>::iterator;

  uint64_t add(call fresh);
  void advance(entry at);
  void advance_all(const std::function<bool(const call&)>& which);
  void pause(entry at, milliseconds wait, const verdict& why, steady_time now);
  milliseconds wait_of(call& failed, const verdict& why);
  void arm();
  void hand_back(entry at);
  /// `went_through`: neither quota nor an outage stands in the way.
  void finish(entry at, result<http_response> outcome, bool went_through);
  void fail(entry at, const verdict& why, ec code);
  void act_on(entry at, const verdict& what, const http_answer& answer, steady_time now);

  const provider_description* provider_;
  call_effects* effects_;
  std::map<uint64_t, call> calls_;
  uint64_t next_id_;
};

} // namespace nexte

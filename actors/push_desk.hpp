// The local edits of one integration on their way to the provider: which are pushed, what pauses
// them, what becomes of each. No CAF, no clock, no I/O: effects go through a port.
#pragma once

#include "actors/call_desk.hpp"
#include "actors/push_run.hpp"
#include "actors/stream_pause.hpp"
#include "protocol/provider.hpp"
#include "storage/store.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nexte {

/// A push in a row of failures past this one is told a person.
inline constexpr unsigned push_failures_tolerated = failures_tolerated;
/// Edits' fields in one push; a larger one goes alone.
inline constexpr size_t push_bytes_max = 1024 * 1024;

/// The pushes of one stream: one at a time.
struct push_state {
  const stream_description* what = nullptr;
  std::string owner;              ///< Whose calls they are, see `call_desk::begin`.
  std::unique_ptr<push_run> run;  ///< Null: none under way.
  unsigned commits_in_flight = 0; ///< A new push waits for them.
  bool due = false;               ///< Wants a push as soon as one may begin.
  /// The store may hold edits as in flight that no push of ours carries: after a start, a stop, a
  /// push without an answer. They go back to pending before the next push.
  bool unsettled = true;
  unsigned failures = 0; ///< Pushes that ended in an error, in a row.
  /// Pushes in a row after which every edit stood as before: the provider has something else, and
  /// what it has decides nothing. One goes again at once, on what was just read.
  unsigned standstills = 0;
  size_t alone = 0; ///< So many edits are pushed one by one, to find a bad one.
  std::optional<steady_time> retry_due;
  std::optional<stream_pause> pause;
  bool pause_told = false;
  std::optional<verdict> refusal; ///< Why the provider refused its last call.
};

/// What the desk needs done, and tells.
class push_effects {
public:
  using continuation = std::function<void(const std::vector<result<write_outcome>>&)>;

  virtual wall_time sync_now() const = 0;
  virtual std::string api_base() const = 0; ///< Of the account, for a push that begins now.
  virtual steady_time push_steady_now() const = 0;
  virtual uint32_t draw() = 0; ///< A random number, uniform.
  virtual void begin_push_call(const std::string& owner, http_request request,
                               call_desk::done on_done)
      = 0;
  virtual void cancel_calls(const std::string& owner) = 0;
  /// In order with all other writes of the integration; one result per write.
  virtual void commit_pushes(std::vector<store_write> writes, continuation then) = 0;
  virtual result<std::vector<edit_row>> stored_edits(uint64_t after, size_t limit) const = 0;
  virtual result<std::optional<edit_to_push>> stored_edit(uint64_t edit) const = 0;
  virtual two_way_rules rules_of(const stream_description& what) const = 0;
  virtual void wake_pushes(steady_time due) = 0; ///< Replaces an earlier wish.

  virtual void conflicts_archived(const stream_description& what, uint64_t count) = 0;
  /// A push ended well; some of its edits may have been rejected.
  virtual void push_done(const push_state& stream) = 0;
  virtual void edit_rejected(const push_state& stream, const edit_row& edit,
                             const push_outcome& why)
      = 0;
  /// A push ended in an error (`unauthorized` and `bug` concern the integration as a whole).
  virtual void push_failed(const push_state& stream, const error& why) = 0;
  /// Edits wait for a person.
  virtual void push_paused(const push_state& stream) = 0;

protected:
  ~push_effects() = default;
};

/// A push goes: edits in flight (durable) → the connector's coroutine → its outcomes settled in one
/// transaction. Whatever stops it in between leaves edits in flight, which `requeue_edits` takes
/// back: nothing is lost, and a create that may have arrived is looked up first.
class push_desk final : private push_run_effects {
public:
  push_desk(integration_id id, push_effects& effects) : id_(id), effects_(&effects) {}

  /// Takes up the streams that can be written.
  void load(const std::vector<const stream_description*>& streams);
  /// Pauses the streams that lack a write scope, and takes up those that no longer do.
  void grant(const std::vector<std::string>& granted);
  /// Every stream with edits begins a push, now and whenever one is added.
  void go();
  void stop();
  /// A person asks: pauses that the provider may have lifted meanwhile are tried.
  void retry();
  void added(std::string_view stream);
  void wake(steady_time now);
  /// To be called at the end of every handler: destroys pushes that ended, begins those due.
  void settle();

  const std::vector<push_state>& streams() const {
    return streams_;
  }
  const push_state* find(std::string_view stream) const;
  push_state* find(std::string_view stream);
  /// Notes why a call failed; false: `owner` is none of these streams.
  bool note_refusal(std::string_view owner, const verdict& why);

private:
  wall_time run_now() const override;
  void run_calls(push_run& run, http_request request,
                 std::function<void(result<http_response>)> on_done) override;
  void run_ended(push_run& run, result<std::vector<push_outcome>> how) override;

  push_state& state_of(const push_run& run);
  bool may_begin(const push_state& stream, steady_time now) const;
  void begin(push_state& stream);
  void take_back(push_state& stream);
  result<std::vector<uint64_t>> choose(const push_state& stream) const;
  void begun(push_state& stream, const std::vector<uint64_t>& edits,
             const std::vector<result<write_outcome>>& outcomes);
  void settle_outcomes(push_state& stream, const std::vector<edit_row>& edits,
                       std::vector<push_outcome> outcomes);
  bool has_moved(const std::vector<edit_row>& edits) const;
  void failed(push_state& stream, const error& why);
  void commit(push_state& stream, std::vector<store_write> writes, push_effects::continuation then);
  void tell_conflicts(const push_state& stream, const std::vector<result<write_outcome>>& outcomes);
  void arm();

  integration_id id_;
  push_effects* effects_;
  std::vector<push_state> streams_;
  std::vector<std::unique_ptr<push_run>> ended_;
  bool stopped_ = true;
};

} // namespace nexte

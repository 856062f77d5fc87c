// One account at one provider: owns its token, its connection and the runs of its streams.
#pragma once

#include "actors/call_desk.hpp"
#include "actors/connection.hpp"
#include "actors/crash.hpp"
#include "actors/interfaces.hpp"
#include "actors/look_up_desk.hpp"
#include "actors/pending_commits.hpp"
#include "actors/policy/clock_skew.hpp"
#include "actors/ports.hpp"
#include "actors/provider_context.hpp"
#include "actors/push_desk.hpp"
#include "actors/sync_desk.hpp"
#include "actors/token_keeper.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace nexte {

struct integration_deps {
  std::shared_ptr<const engine_ports> ports;
  std::shared_ptr<const store> data;
  std::shared_ptr<const provider_context> provider;
  store_writer_actor writer;
  timers_actor timers;
  rate_limiter_actor limiter;
  incidents_actor incidents;
  integration_row row;
  unsigned restarts = 0;
  std::string defect; ///< Why it had to be started again; empty: it had not.
  /// Since when progress is waited for, through restarts; zero: since this start.
  wall_time awaited_since{};
};

/// While this is the reason of `reconnecting`, a person is at the consent screen and no sign-in
/// works meanwhile.
inline constexpr std::string_view consent_open_code = "consent_open";

/// The reason of `reconnecting` after a failure of our own.
inline constexpr std::string_view defect_code = "connector_defect";

/// Decides nothing itself: the connection table, the desks and the keeper do; here are order,
/// time and I/O. A defect of the connector ends the actor; the supervisor starts it again.
class integration_state : private call_effects,
                          private token_effects,
                          private sync_effects,
                          private look_up_effects,
                          private push_effects {
public:
  static inline constexpr const char* name = "integration";
  explicit integration_state(integration_actor::pointer self) : self_(self) {}
  virtual ~integration_state() = default; // not final, for CAF derives from it to find its name
  integration_actor::behavior_type make_behavior(integration_deps deps);

private:
  enum slot : uint32_t {
    slot_poll,
    slot_desk,
    slot_keeper,
    slot_watchdog,
    slot_look_ups,
    slot_healthy,
    slot_pushes
  };
  struct cause {
    std::string code;
    std::string sentence;
  };

  // behaviour
  void start();
  void retell();
  bool stopped_at_consent() const;
  void take_scopes();
  void take_mode();
  void on_command(integration_command& command);
  void on(adopt_tokens& command);
  void on(consent_begun&);
  void on(consent_failed& command);
  void on(refresh_command& command);
  void on(disconnect_command& command);
  void on(mode_command& command);
  void on(release_command& command);
  void on(edit_command& command);
  void on(restore_command& command);
  void on(drop_command& command);
  void on(rule_command& command);
  void on(explain_query& query);
  void on(status_query& query);
  void on_timer(timer_due due);
  void on_answer(call_done& fact);
  void forecast(std::optional<steady_time> back_due);
  void settle();

  // transitions
  void apply(signal on, cause why);
  void announce(signal on, const cause& why);
  void start_sync();
  wall_time awaited_since() const;
  void resume();
  void stop_sync();
  void push_on();
  void poll();
  void arm_poll();
  void watch();
  std::optional<crash> hang() const;
  std::optional<cause> no_progress() const;
  void healthy();
  void forget_failures();
  void diagnose();
  void adopted(adopt_tokens& command);
  void give_back(adopt_tokens& command);
  void deny(std::string code, std::string sentence);
  void die(std::string why);
  void die(crash what);
  crash broke(std::string why) const;

  // calls
  void ask_quota(uint64_t call, const quota_class& cost, quota_lane lane) override;
  void withdraw_quota(uint64_t call) override;
  void hurry_quota(uint64_t call) override;
  void report_quota(uint64_t call, const quota_use& use) override;
  bool token_usable() override;
  void want_token() override;
  uint64_t token_generation() override;
  bool token_refused(uint64_t generation) override;
  void send(uint64_t call, const http_request& request) override;
  void wake_desk(steady_time due) override;
  uint32_t draw() override;
  void calls_changed(const verdict* cause) override;
  void call_failed(const std::string& stream, const verdict& why) override;

  // tokens
  void note_refresh() override;
  void send_refresh(uint64_t number, http_request request) override;
  void store_tokens(const token_set& tokens) override;
  std::optional<token_set> stored_tokens() override;
  void wake_keeper(steady_time due) override;
  void tokens_ready() override;
  void tokens_refused(const oauth::token_failure& why) override;
  void tokens_failing(const oauth::token_failure& why, steady_time due) override;

  // streams
  wall_time sync_now() const override;
  std::string api_base() const override;
  void begin_call(const std::string& stream, http_request request, quota_lane lane,
                  call_desk::done on_done) override;
  void cancel_calls(const std::string& stream) override;
  void hurry_calls(const std::string& stream) override;
  void commit_write(store_write write, sync_effects::continuation then) override;
  result<stream_row> stored_stream(std::string_view stream) const override;
  result<std::vector<quarantine_row>> stored_quarantine() const override;
  void stream_synced(const stream_state& stream) override;
  void stream_failed(const stream_state& stream, const error& why) override;
  void stream_paused(const stream_state& stream) override;
  void records_unread(const stream_state& stream, std::vector<quarantine_row> rows) override;
  void records_readable(const stream_state& stream, std::vector<std::string> ids) override;
  void deletes_held(const stream_state& stream) override;

  // look-ups
  wall_time look_up_now() const override;
  void look_up_call(const std::string& who, http_request request, call_desk::done on_done) override;
  void look_up_cancel(const std::string& who) override;
  void wake_look_ups(steady_time due) override;
  result<record_facts> facts_of(const stream_state& stream, const std::string& record) const;

  // edits
  void take_edit(const std::string& stream, const std::string& record,
                 const result<write_outcome>& outcome, const answer<edit_receipt>& done);
  void close_old_conflicts();
  void forget_rejected(const std::string& stream);
  steady_time push_steady_now() const override;
  void begin_push_call(const std::string& owner, http_request request,
                       call_desk::done on_done) override;
  void commit_pushes(std::vector<store_write> writes, push_effects::continuation then) override;
  result<std::vector<edit_row>> stored_edits(uint64_t after, size_t limit) const override;
  result<std::optional<edit_to_push>> stored_edit(uint64_t edit) const override;
  two_way_rules rules_of(const stream_description& what) const override;
  void wake_pushes(steady_time due) override;
  void conflicts_archived(const stream_description& what, uint64_t count) override;
  void push_done(const push_state& stream) override;
  void edit_rejected(const push_state& stream, const edit_row& edit,
                     const push_outcome& why) override;
  void push_failed(const push_state& stream, const error& why) override;
  void push_paused(const push_state& stream) override;

  // effects
  wall_time now() const;
  steady_time steady_now() const;
  void commit(std::vector<store_write> writes, pending_commits::continuation then);
  void set_alarm(slot which, steady_time due);
  void transmit(uint64_t call, uint64_t refresh, http_request request);
  void log_error(std::string stream, std::string code, std::string sentence);
  void tell_trouble(std::string kind, std::string stream, const cause& why);
  void tell_over(std::string kind, std::string stream, bool proved = true);
  void tell_quarantine(const stream_state& stream);
  void lift_quarantine(std::vector<quarantine_row> rows);
  void revoke();
  integration_status status() const;
  stream_status status_of(const stream_state& stream) const;
  std::optional<wall_time> quota_back_at() const;
  void describe_next_step(integration_status& all) const;
  void describe_quota(integration_status& all) const;
  bool row_is_new() const;
  void note_clock();
  std::string clock_warning() const;

  integration_actor::pointer self_;
  integration_deps deps_;
  std::unique_ptr<token_keeper> keeper_;
  std::unique_ptr<call_desk> calls_;
  std::unique_ptr<sync_desk> streams_;
  std::unique_ptr<look_up_desk> look_ups_;
  std::unique_ptr<push_desk> edits_;
  clock_skew skew_;
  std::map<std::string, wall_time> conflicts_at_; ///< The last one of each stream.
  phase at_ = phase::disconnected;
  uint64_t disconnects_asked_ = 0;
  uint64_t epoch_ = 0; ///< Of the sync: bumped when it starts or stops.
  bool consent_open_ = false;
  wall_time next_poll_at_{};
  wall_time sync_began_at_{};
  std::optional<wall_time> quota_back_at_;
  std::optional<steady_time> token_retry_due_;
  unsigned quota_used_ = 0;
  unsigned quota_limit_ = 0;
  steady_time quota_whole_due_{}; ///< From then on nothing of it is used.
  bool clock_wrong_ = false;      ///< A person was told.
  std::optional<error_entry> last_error_;
  std::optional<crash> defect_; ///< Found in this handler: the actor ends with it.
  bool proved_ = false;         ///< A stream was brought up to date since the start …
  bool healthy_ = false;        ///< … and two minutes passed: see `healthy`.
  pending_commits commits_;
};

integration_actor::behavior_type
integration(integration_actor::stateful_pointer<integration_state> self, integration_deps deps);

} // namespace nexte

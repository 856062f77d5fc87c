// One consent attempt: from the address a person opens to tokens and who signed in.
#pragma once

#include "actors/interfaces.hpp"
#include "actors/ports.hpp"
#include "actors/provider_context.hpp"
#include "protocol/oauth/pkce.hpp"
#include "protocol/stream_io.hpp"

#include <memory>
#include <optional>
#include <string>

namespace nexte {

/// A person has this long at the consent screen (oauth.md §5).
inline constexpr std::chrono::minutes consent_max{5};
/// Codes live from a minute up, so an exchange is tried again a few times only.
inline constexpr unsigned exchange_tries_max = 4;

struct authorizer_deps {
  std::shared_ptr<const engine_ports> ports;
  std::shared_ptr<const provider_context> provider;
  timers_actor timers;
  supervisor_actor supervisor;
  uint64_t attempt = 0;
  std::string state; ///< Fresh and random.
  answer<std::string> authorization_url;
};

/// Ends by telling the supervisor `consent_ended`, once, whatever happens.
class authorizer_state : private stream_io {
public:
  static inline constexpr const char* name = "authorizer";
  explicit authorizer_state(authorizer_actor::pointer self) : self_(self) {}
  authorizer_actor::behavior_type make_behavior(authorizer_deps deps);

private:
  enum slot : uint32_t { slot_give_up, slot_retry };

  void open();
  void on_hit(const std::string& query);
  void exchange();
  void on_exchanged(const http_answer& answer);
  void retry_exchange(std::string code, std::string sentence);
  void identify();
  void succeed(account_identity account);
  void fail(std::string code, std::string sentence);
  void give_up();

  wall_time now() const override;
  void start_fetch(http_request request,
                   std::function<void(result<http_response>)> on_done) override;
  void start_emit(page records, std::function<void(result<done_t>)> on_done) override;
  void transmit(http_request request);

  authorizer_actor::pointer self_;
  authorizer_deps deps_;
  std::unique_ptr<oauth::callback_listener> listener_;
  std::string redirect_uri_;
  oauth::pkce pkce_;
  std::optional<secret> code_;
  unsigned tries_ = 0;
  token_set tokens_;
  std::optional<task<account_identity>> identification_;
  std::function<void(result<http_response>)> waiting_fetch_;
  uint64_t call_ = 0; ///< The one in flight: an answer to another is stale.
  bool ended_ = false;
};

authorizer_actor::behavior_type
authorizer(authorizer_actor::stateful_pointer<authorizer_state> self, authorizer_deps deps);

} // namespace nexte

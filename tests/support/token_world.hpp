// The whole engine before an authorization server whose ways a test chooses.
#pragma once

#include "tests/support/virtual_world.hpp"

#include <string_view>
#include <utility>
#include <vector>

namespace nexte::test {

/// A world whose authorization server can be told how to behave.
class token_world : public virtual_world {
protected:
  /// Polls so often that a renewal comes as soon as it is due.
  void poll_often() {
    options.search_lag = 1s;
    configure = [](engine_options& settings) { settings.providers[0].poll_every = 5s; };
  }
  /// The authorization server behaves as `policy` says from now on.
  void set_policy(simulation::oauth_policy policy) {
    auto& server = hubspot().oauth();
    simulation::oauth_server other{std::move(policy), server.client(), server.accounts(),
                                   simulation::seeded_source(++server_seed_)};
    other.auto_consent = server.auto_consent;
    other.authorize_path = server.authorize_path;
    server = std::move(other);
  }
  static bool is_token_call(std::string_view path) {
    return path.find("/token") != std::string_view::npos;
  }
  std::vector<milliseconds> renewals(wall_time from) {
    std::vector<milliseconds> times;
    for (const auto& call : net->log())
      if (is_token_call(call.path))
        times.push_back(call.at - from);
    return times;
  }
  /// From now on the token endpoint answers this.
  void answer_tokens(http_answer instead) {
    net->intercept = [instead](const http_request& request) -> std::optional<http_answer> {
      return is_token_call(request.url) ? std::optional{instead} : std::nullopt;
    };
  }
  token_set vault(integration_id id) {
    const auto stored = engine().data().tokens(id);
    return stored && *stored ? **stored : token_set{};
  }

private:
  uint64_t server_seed_ = 11; ///< No two servers give out the same tokens.
};

} // namespace nexte::test

// How a browser gets to use the control API without ever seeing the engine's own token. Pure.
#pragma once

#include "protocol/core/ids.hpp"
#include "protocol/core/secret.hpp"
#include "protocol/core/time.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nexte::control {

/// A login link holds a code, good for one use within this time.
inline constexpr std::chrono::minutes login_code_life{10};
inline constexpr size_t login_codes_max = 16; ///< The oldest gives way.
/// A session ends when it was not used for this long, or when the engine stops.
inline constexpr std::chrono::hours session_idle_max{12};
inline constexpr size_t sessions_max = 64; ///< The one unused longest gives way.

/// Whoever holds the token of the API (a command on this computer, as the engine's own user) may
/// have a login code made; the page that is opened with it changes the code for a session token.
///
/// Why no cookie: cookies do not tell ports apart (RFC 6265 section 8.5), so one of 127.0.0.1:8686
/// would be sent to any other server on this computer that the person visits, and with any request
/// that a page from there sends here. The page keeps its token where only its own origin, port
/// included, can read it, and sends it by itself: a browser adds nothing to a foreign page's
/// request that would let it pass. The code travels in the link's fragment, which browsers send to
/// no server and in no Referer, and it is void once used.
class sessions {
public:
  explicit sessions(random_source random = os_random()) : random_(std::move(random)) {}

  secret make_code(wall_time now);
  /// A session's token for a code; nullopt when it is unknown, used or too old.
  std::optional<secret> begin(std::string_view code, wall_time now);
  /// Whether the token is of a session; using it keeps the session.
  bool holds(std::string_view token, wall_time now);
  void end(std::string_view token);

private:
  struct ticket {
    secret text;
    wall_time at{}; ///< A code: when it was made. A session: when it was used last.
  };
  using tickets = std::vector<ticket>;
  secret add(tickets& to, size_t most, wall_time now);

  random_source random_;
  tickets codes_;
  tickets sessions_;
};

} // namespace nexte::control

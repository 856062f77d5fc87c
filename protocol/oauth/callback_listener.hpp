// The loopback listener that hears the browser come back (RFC 8252 section 7.3; oauth.md §5).
#pragma once

#include "protocol/core/error.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace nexte::oauth {

/// Hears the callback of one consent attempt.
class callback_listener {
public:
  /// Stops listening, at once and from any thread, also from inside the hit: no further hit is
  /// told, though one under way on another thread may still be running. If an answer was heard,
  /// the browser still gets its page (for a few seconds). @pre its factory still lives
  virtual ~callback_listener() = default;
  /// The redirect URI to send, e.g. `http://127.0.0.1:51004/oauth/hubspot`.
  virtual const std::string& redirect_uri() const = 0;
  /// Whether somebody spoke TLS to it, which it cannot answer: a browser's https-only mode, or a
  /// proxy that upgrades. From any thread.
  virtual bool heard_tls() const {
    return false;
  }
};

/// Opens listeners; a port, so that tests under virtual time can play the browser.
class callback_listeners {
public:
  /// Called for each hit on the callback path, with the raw query, on any thread, one at a time.
  /// Returns whether the hit was an answer to the attempt (the page then says "you can close this
  /// window"); false: a stray one (400, and the listener keeps waiting). After an answer no further
  /// hit is told: repeats of it get the same page, others a 400. May not block or throw.
  using on_callback = std::function<bool(std::string_view query)>;

  virtual ~callback_listeners() = default;
  /// `refused` when no loopback port can be bound.
  virtual result<std::unique_ptr<callback_listener>> open(std::string_view provider,
                                                          on_callback hit)
      = 0;
};

/// Listens on 127.0.0.1, an ephemeral port, path `/oauth/<provider>`. One thread of its own serves
/// all listeners; destroying it joins that thread, so never from inside a hit.
std::unique_ptr<callback_listeners> make_loopback_listeners();

} // namespace nexte::oauth

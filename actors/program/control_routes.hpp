// The routes of the control API by noun, and what they share. Private to the API.
#pragma once

#include "actors/engine.hpp"
#include "actors/program/config.hpp"
#include "actors/program/event_hub.hpp"
#include "actors/program/quota_desk.hpp"
#include "actors/program/session_desk.hpp"
#include "protocol/control/problem.hpp"
#include "protocol/control/router.hpp"
#include "protocol/json/reader.hpp"
#include "protocol/json/writer.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nexte::program {

/// The last consent attempt of each integration: an outcome comes long after the answer to the
/// call that began it, so whoever began it asks again.
class consent_attempts {
public:
  struct attempt {
    uint64_t number = 0;
    std::optional<result<connect_outcome>> outcome; ///< Absent: it is under way.
  };

  /// Begins an attempt, forgetting the one before, and yields its number, ascending from 1.
  uint64_t begin(integration_id id);
  /// Keeps the outcome, unless a newer attempt has begun.
  void end(integration_id id, uint64_t number, result<connect_outcome> outcome);
  std::optional<attempt> find(integration_id id) const;

private:
  mutable std::mutex mutex_;
  std::map<integration_id, attempt> attempts_;
};

/// What handlers work on. Answers that come later keep `attempts` alive, nothing else of it.
struct api_context {
  engine* runs = nullptr;
  known_providers providers;
  std::shared_ptr<consent_attempts> attempts;
  std::shared_ptr<session_desk> sessions;
  std::shared_ptr<event_hub> events;
  std::shared_ptr<quota_desk> quota;
};

/// Where a session begins; open to whoever has a code.
inline constexpr std::string_view session_path = "/v1/sessions";

std::vector<control::route> integration_routes(const api_context& with);
std::vector<control::route> record_routes(const api_context& with);
std::vector<control::route> edit_routes(const api_context& with);
std::vector<control::route> incident_routes(const api_context& with);
std::vector<control::route> quota_routes(const api_context& with);
std::vector<control::route> live_routes(const api_context& with);
std::vector<control::route> page_routes();

// ---- what they share ---------------------------------------------------------------------------

inline constexpr size_t page_limit_default = 100;
inline constexpr size_t page_limit_max = 1000;

/// The page's address with a login code. The fragment, which holds it, is sent to no server.
std::string login_address(std::string_view origin, const secret& code);

/// Answers 200 with what was written.
void send_json(const control::reply& send, json::writer& body, int status = 200);
/// The reply to a call of the engine that has nothing to tell: `status`, or the problem.
reply<void> send_done(control::reply send, int status = 204);

/// The integration named in the path: `not_found` also when it is no id at all.
result<integration_row> read_integration(const api_context& with,
                                         const control::routed_request& request);
/// `integration`: one that exists; nullopt when it is left out.
result<std::optional<integration_id>> read_filter(const api_context& with,
                                                  const control::routed_request& request);
struct named_stream {
  integration_id id;
  std::string name;
};
/// The stream named in the path, of an integration that exists.
result<named_stream> read_stream(const api_context& with, const control::routed_request& request);
/// A number in the path, e.g. of an incident: `not_found` for anything else.
result<uint64_t> read_number(const control::routed_request& request, std::string_view name);
/// `limit`: 1 to page_limit_max.
result<size_t> read_limit(const control::routed_request& request);
/// `after` where it is a number; 0 when it is left out.
result<uint64_t> read_after(const control::routed_request& request);
/// The body: an object with exactly these members, all of them texts.
result<json::value> read_texts(const control::routed_request& request,
                               std::span<const std::string_view> names);

/// Wraps a handler whose whole answer is a result: the problem, or 200 with the written JSON.
template <class Handler>
control::route_handler answering(Handler handler) {
  return [handler](const control::routed_request& request, control::reply send) {
    json::writer to;
    const result<void> done = handler(request, to);
    if (!done)
      return send(control::problem(done.failure()));
    send_json(send, to);
  };
}

} // namespace nexte::program

// Faults armed at a simulated provider: which requests go wrong, how, and how often.
#pragma once

#include "protocol/core/error.hpp"
#include "protocol/core/time.hpp"
#include "protocol/http/message.hpp"
#include "protocol/json/reader.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nexte::simulation {

/// How `Retry-After` is written, where a fault carries one (RFC 9110 section 10.2.3).
enum class retry_after_form : uint8_t { none, delay_seconds, http_date };

/// What goes wrong with a request.
enum class fault_kind : uint8_t {
  answer,    ///< Answers with `status` and `body`.
  limit,     ///< The provider's own 429 of policy `policy`.
  html,      ///< A web page with status 200: a captive portal, a proxy.
  truncated, ///< Acts, and answers with the first half of the body.
  slow,      ///< Acts, and answers after `delay`.
  drop,      ///< Never answers; the connection breaks.
};

struct fault {
  fault_kind kind = fault_kind::answer;
  std::string method = {};             ///< Only requests of this method; empty: any.
  std::string path = {};               ///< Only paths that contain this; empty: any.
  uint64_t count = 1;                  ///< How many requests; the largest value: until `until`.
  std::optional<wall_time> until = {}; ///< Not from this moment on.
  int status = 500;
  std::string body = {};
  std::string content_type = "application/json";
  std::string policy = {}; ///< `limit`: the provider's name of the window; empty: its ordinary one.
  retry_after_form retry_after = retry_after_form::none;
  seconds retry_after_wait{0};
  milliseconds delay{0}; ///< `slow`.
  /// The request is acted on before its answer is spoiled (`answer`, `html`, `drop`).
  bool after_acting = false;
};

/// Reads `{kind, method?, path?, count?, for_seconds?, status?, body?, content_type?, policy?,
/// retry_after_seconds?, retry_after_date?, delay_ms?, after_acting?}`.
/// `refused` names the member that is wrong or unknown. `for_seconds` counts from `now`.
result<fault> read_fault(const json::value& text, wall_time now);

/// The `Retry-After` value of `f` at `now`; nullopt when it has none.
std::optional<std::string> retry_after_value(const fault& f, wall_time now);

/// Plays `f`: `act` performs the request in earnest, where the fault lets it; `limited` is the
/// provider's own refusal for quota.
http_response play(const fault& f, wall_time now, const std::function<http_response()>& act,
                   const std::function<http_response(const fault&)>& limited);

/// Armed faults, in order of arming.
class fault_plan {
public:
  void arm(fault f) {
    armed_.push_back(std::move(f));
  }
  void clear() {
    armed_.clear();
  }
  /// The first fault that this request meets, counted down; nullopt: it goes well.
  std::optional<fault> take(std::string_view method, std::string_view path, wall_time now);
  /// Faults that may still strike.
  size_t armed() const {
    return armed_.size();
  }

private:
  std::vector<fault> armed_;
};

} // namespace nexte::simulation

// Incidents and the notifications that they caused.
#include "actors/program/control_json.hpp"
#include "actors/program/control_routes.hpp"

namespace nexte::program {
namespace {

using control::problem;
using control::route;
using control::routed_request;

result<void> incidents(const api_context& with, const routed_request& request, json::writer& to) {
  const auto after = read_after(request);
  if (!after)
    return after.failure();
  const auto limit = read_limit(request);
  if (!limit)
    return limit.failure();
  const auto of = read_filter(with, request);
  if (!of)
    return of.failure();
  const auto* open = request.parameter("open");
  if (open && *open != "true" && *open != "false")
    return error{ec::malformed, "open is \"" + *open + "\"", "use true or false"};
  auto rows = with.runs->data().incidents(*of);
  if (!rows)
    return std::move(rows).failure();
  std::erase_if(*rows, [&](const incident_row& row) {
    return row.id <= *after || (open && (*open == "true") == row.closed_at.has_value());
  });
  write_page(to, "incidents", *std::move(rows), *limit);
  return {};
}

result<void> notifications(const api_context& with, const routed_request& request,
                           json::writer& to) {
  const auto after = read_after(request);
  if (!after)
    return after.failure();
  const auto limit = read_limit(request);
  if (!limit)
    return limit.failure();
  auto rows = with.runs->data().notifications(*after, *limit + 1);
  if (!rows)
    return std::move(rows).failure();
  write_page(to, "notifications", *std::move(rows), *limit);
  return {};
}

/// Wraps a command on the number in the path.
template <class Command>
control::route_handler commanding(const api_context& with, Command command) {
  return [with, command](const routed_request& request, control::reply send) {
    const auto number = read_number(request, "number");
    if (!number)
      return send(problem(number.failure()));
    (with.runs->*command)(*number, send_done(std::move(send)));
  };
}

} // namespace

std::vector<route> incident_routes(const api_context& with) {
  const auto reading = [with](auto handler) {
    return answering([with, handler](const routed_request& request, json::writer& to) {
      return handler(with, request, to);
    });
  };
  return {
      {"GET", "/v1/incidents", {"integration", "open", "after", "limit"}, reading(incidents)},
      {"POST", "/v1/incidents/{number}/release", {}, commanding(with, &engine::release)},
      {"GET", "/v1/notifications", {"after", "limit"}, reading(notifications)},
      {"POST", "/v1/notifications/{number}/ack", {}, commanding(with, &engine::acknowledge)},
  };
}

} // namespace nexte::program

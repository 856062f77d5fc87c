// How a browser gets in, and the events that keep a page live.
#include "actors/program/control_json.hpp"
#include "actors/program/control_routes.hpp"
#include "protocol/control/guard.hpp"

#include <algorithm>

namespace nexte::program {
namespace {

using control::problem;
using control::route;
using control::routed_request;

void make_code(const api_context& with, const routed_request& request, const control::reply& send) {
  const auto here = parse_url(request.request.url); // the guard knows its host for ours
  json::writer to;
  const auto link = login_address(here->origin(), with.sessions->make_code());
  to.begin_object().key("url").value(link);
  to.key("valid_seconds").value(std::chrono::seconds{control::login_code_life}.count());
  to.end_object();
  send_json(send, to, 201);
}

void begin_session(const api_context& with, const routed_request& request,
                   const control::reply& send) {
  constexpr std::string_view names[] = {"code"};
  const auto body = read_texts(request, names);
  if (!body)
    return send(problem(body.failure()));
  const auto token = with.sessions->begin(body->string_or_empty("code"));
  if (!token)
    return send(problem(403, {ec::refused, "this login link was used already, or is too old",
                              "run `nexte-sync login` for a new one"}));
  json::writer to;
  to.begin_object().key("token").value(token->reveal()).end_object();
  send_json(send, to, 201);
}

void end_session(const api_context& with, const routed_request& request,
                 const control::reply& send) {
  const auto given = request.request.headers.get("Authorization");
  with.sessions->end(given.substr(std::min(given.size(), control::bearer_scheme.size())));
  send({204, {}});
}

void events(const api_context& with, const routed_request& request, const control::reply& send) {
  if (!request.stream)
    return send(problem({ec::bug, "this server cannot send a stream"}));
  auto feed = with.events->open(request.request.headers.get("Last-Event-ID"));
  if (!feed)
    return send(problem(
        503, {ec::limited, "too many read the events already", "close a page that shows them"}));
  request.stream({200, {}, "text/event-stream"}, std::move(feed));
}

} // namespace

std::vector<route> live_routes(const api_context& with) {
  const auto on = [with](auto handler) {
    return [with, handler](const routed_request& request, const control::reply& send) {
      handler(with, request, send);
    };
  };
  return {
      {"POST", "/v1/login-codes", {}, on(make_code)},
      {"POST", std::string{session_path}, {}, on(begin_session)},
      {"DELETE", std::string{session_path}, {}, on(end_session)},
      {"GET", "/v1/events", {}, on(events)},
  };
}

} // namespace nexte::program

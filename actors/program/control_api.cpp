#include "actors/program/control_api.hpp"

#include "actors/program/metrics.hpp"
#include "protocol/control/page.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>

namespace nexte::program {
namespace {

using control::problem;
using control::route;
using control::routed_request;

constexpr std::string_view health_path = "/healthz";

control::guard_options with_doors(control::guard_options who, const api_context& with) {
  for (const auto path : {health_path, session_path})
    who.open_paths.emplace_back(path);
  for (const auto& file : control::page_files())
    who.open_paths.emplace_back(file.path);
  who.accepts
      = [sessions = with.sessions](std::string_view token) { return sessions->holds(token); };
  return who;
}

/// Nobody keeps an answer, guesses its type or takes it into a page of another origin.
void harden(http_response& answer) {
  if (!answer.headers.has("Cache-Control"))
    answer.headers.add("Cache-Control", "no-store");
  answer.headers.add("X-Content-Type-Options", "nosniff");
  answer.headers.add("Cross-Origin-Resource-Policy", "same-origin");
  answer.headers.add("Referrer-Policy", "no-referrer");
}

/// Live is an engine whose store can be read.
route health_route(const api_context& with) {
  return {"GET",
          std::string{health_path},
          {},
          [runs = with.runs](const routed_request&, const control::reply& send) {
            if (const auto read = runs->data().notifications(0, 1); !read)
              return send(problem(503, read.failure()));
            json::writer to;
            to.begin_object().key("status").value("ok").end_object();
            send_json(send, to);
          }};
}

route metrics_route(const api_context& with) {
  return {"GET",
          "/metrics",
          {},
          [runs = with.runs, quota = with.quota](const routed_request&, control::reply send) {
            runs->list([runs, quota, send = std::move(send)](
                           const result<std::vector<integration_status>>& all) {
              if (!all)
                return send(problem(all.failure()));
              send({200, metrics_text(runs->figures(), *all, quota->take(*all)), metrics_type});
            });
          }};
}

std::vector<route> all_routes(const api_context& with) {
  std::vector<route> all = integration_routes(with);
  for (auto more : {record_routes(with), edit_routes(with), incident_routes(with),
                    quota_routes(with), live_routes(with), page_routes()})
    std::ranges::move(more, std::back_inserter(all));
  all.push_back(health_route(with));
  all.push_back(metrics_route(with));
  return all;
}

std::optional<uint64_t> number_in(std::string_view text) {
  uint64_t number = 0;
  const auto [end, failed] = std::from_chars(text.begin(), text.end(), number);
  if (failed != std::errc{} || end != text.end())
    return std::nullopt;
  return number;
}

} // namespace

control_api::control_api(engine& runs, known_providers providers, control::guard_options who)
    : with_{&runs,
            providers,
            std::make_shared<consent_attempts>(),
            std::make_shared<session_desk>(),
            event_hub::start(runs),
            std::make_shared<quota_desk>()},
      guard_(with_doors(std::move(who), with_)),
      router_(all_routes(with_)) {}

control_api::~control_api() {
  with_.events->stop();
}

void control_api::handle(http_request request, control::reply send,
                         control::stream_reply stream) const {
  const control::reply hardened = [send = std::move(send)](http_response answer) {
    harden(answer);
    send(std::move(answer));
  };
  if (auto refusal = guard_.refuse(request))
    return hardened(*std::move(refusal));
  if (stream)
    stream = [stream = std::move(stream)](http_response head, std::shared_ptr<byte_feed> body) {
      harden(head);
      stream(std::move(head), std::move(body));
    };
  router_.handle(std::move(request), hardened, std::move(stream));
}

void control_api::sample_quota() const {
  with_.runs->list([quota = with_.quota](const result<std::vector<integration_status>>& all) {
    if (all)
      quota->take(*all);
  });
}

std::string control_api::login_link(std::string_view origin) const {
  return login_address(origin, with_.sessions->make_code());
}

std::string login_address(std::string_view origin, const secret& code) {
  return std::string{origin} + "/#login=" + std::string{code.reveal()};
}

uint64_t consent_attempts::begin(integration_id id) {
  const std::lock_guard lock{mutex_};
  auto& at = attempts_[id];
  at.outcome.reset();
  return ++at.number;
}

void consent_attempts::end(integration_id id, uint64_t number, result<connect_outcome> outcome) {
  const std::lock_guard lock{mutex_};
  if (auto& at = attempts_[id]; at.number == number)
    at.outcome.emplace(std::move(outcome));
}

std::optional<consent_attempts::attempt> consent_attempts::find(integration_id id) const {
  const std::lock_guard lock{mutex_};
  const auto at = attempts_.find(id);
  return at == attempts_.end() ? std::nullopt : std::optional{at->second};
}

void send_json(const control::reply& send, json::writer& body, int status) {
  send({status, body.take(), "application/json"});
}

reply<void> send_done(control::reply send, int status) {
  return [send = std::move(send), status](const result<void>& done) {
    send(done ? http_response{status, {}} : problem(done.failure()));
  };
}

namespace {

error no_integration(const std::string& text) {
  return {ec::not_found, "there is no integration \"" + text + "\"",
          "`nexte-sync status` lists those that are there"};
}

result<integration_row> find_integration(const api_context& with, const std::string& text) {
  const auto id = integration_id::parse(text);
  if (!id)
    return no_integration(text);
  auto row = with.runs->data().integration(*id);
  if (!row)
    return std::move(row).failure();
  if (!*row)
    return no_integration(text);
  return **std::move(row);
}

} // namespace

result<integration_row> read_integration(const api_context& with, const routed_request& request) {
  return find_integration(with, request.segment("id"));
}

result<std::optional<integration_id>> read_filter(const api_context& with,
                                                  const routed_request& request) {
  const auto* text = request.parameter("integration");
  if (!text)
    return std::optional<integration_id>{};
  const auto row = find_integration(with, *text);
  if (!row)
    return row.failure();
  return std::optional{row->id};
}

result<uint64_t> read_number(const routed_request& request, std::string_view name) {
  const auto& text = request.segment(name);
  if (const auto number = number_in(text))
    return *number;
  return error{ec::not_found, "\"" + text + "\" is no number"};
}

result<size_t> read_limit(const routed_request& request) {
  const auto* text = request.parameter("limit");
  if (!text)
    return page_limit_default;
  const auto number = number_in(*text);
  if (!number || *number < 1 || *number > page_limit_max)
    return error{ec::malformed, "limit is \"" + *text + "\"",
                 "use a whole number from 1 to " + std::to_string(page_limit_max)};
  return size_t{*number};
}

result<uint64_t> read_after(const routed_request& request) {
  const auto* text = request.parameter("after");
  const auto number = text ? number_in(*text) : 0;
  if (!number)
    return error{ec::malformed, "after is \"" + *text + "\"",
                 "use the number under \"next\" in the answer before"};
  return *number;
}

result<json::value> read_texts(const routed_request& request,
                               std::span<const std::string_view> names) {
  auto body = json::parse_value(request.request.body);
  if (!body)
    return std::move(body).failure().with_context("body");
  std::string shape;
  for (const auto name : names)
    shape += (shape.empty() ? "send {\"" : ", \"") + std::string{name} + "\": \"…\"";
  shape += "}";
  if (!body->is_object())
    return error{ec::malformed, "the body is no object", shape};
  for (const auto& [name, member] : body->members)
    if (!std::ranges::count(names, name))
      return error{ec::malformed, "the body has an unknown member \"" + name + "\"", shape};
  for (const auto name : names)
    if (const auto* member = body->find(name); !member || !member->is_string())
      return error{ec::malformed, "the body has no text \"" + std::string{name} + "\"", shape};
  return body;
}

} // namespace nexte::program

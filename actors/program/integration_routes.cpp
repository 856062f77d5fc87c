// Integrations: list, add, status, consent, mode, errors, history.
#include "actors/program/control_json.hpp"
#include "actors/program/control_routes.hpp"
#include "actors/program/nearest.hpp"

#include <algorithm>

namespace nexte::program {
namespace {

using control::problem;
using control::route;
using control::routed_request;

/// Sends the reply's problem, or has `write` put its value on paper.
template <class T, class Write>
reply<T> send_result(control::reply send, Write write, int status = 200) {
  return [send = std::move(send), write = std::move(write), status](result<T> answer) {
    if (!answer)
      return send(problem(answer.failure()));
    json::writer to;
    write(to, *std::move(answer));
    send_json(send, to, status);
  };
}

/// The integrations of one workspace (empty: of all) after an id, in id order.
void write_page(json::writer& to, std::vector<integration_status> all, std::string_view workspace,
                std::string_view after, size_t limit) {
  std::erase_if(all, [&](const integration_status& s) {
    return (!workspace.empty() && s.workspace.str() != workspace) || s.id.str() <= after;
  });
  std::ranges::sort(all, {}, [](const integration_status& s) { return s.id.str(); });
  const bool more = all.size() > limit;
  if (more)
    all.erase(all.begin() + static_cast<std::ptrdiff_t>(limit), all.end());
  to.begin_object().key("integrations");
  write_json_list(to, all);
  to.key("next");
  if (more)
    to.value(all.back().id.str());
  else
    to.null();
  to.end_object();
}

void list(const api_context& with, const routed_request& request, control::reply send) {
  const auto limit = read_limit(request);
  if (!limit)
    return send(problem(limit.failure()));
  const auto text = [&](std::string_view name) {
    const auto* given = request.parameter(name);
    return given ? *given : std::string{};
  };
  with.runs->list(send_result<std::vector<integration_status>>(
      std::move(send), [workspace = text("workspace"), after = text("after"),
                        most = *limit](json::writer& to, std::vector<integration_status> all) {
        write_page(to, std::move(all), workspace, after, most);
      }));
}

result<void> check_provider(known_providers known, std::string_view name) {
  std::vector<std::string_view> names;
  for (const auto* provider : known)
    names.emplace_back(provider->name);
  if (std::ranges::count(names, name))
    return {};
  return error{ec::refused, "there is no provider \"" + std::string{name} + "\"",
               suggestion(name, names)};
}

/// What can be connected.
result<void> list_providers(const api_context& with, const routed_request&, json::writer& to) {
  to.begin_object().key("providers").begin_array();
  for (const auto* provider : with.providers) {
    to.begin_object().key("name").value(provider->name).key("title").value(provider->title);
    to.key("streams").begin_array();
    for (const auto& stream : provider->streams)
      to.begin_object()
          .key("name")
          .value(stream.name)
          .key("title")
          .value(stream.title)
          .end_object();
    to.end_array().end_object();
  }
  to.end_array().end_object();
  return {};
}

void add(const api_context& with, const routed_request& request, control::reply send) {
  constexpr std::string_view names[] = {"workspace", "provider"};
  const auto body = read_texts(request, names);
  if (!body)
    return send(problem(body.failure()));
  auto workspace = workspace_id::parse(body->string_or_empty("workspace"));
  if (!workspace)
    return send(problem(workspace.failure()));
  const std::string provider{body->string_or_empty("provider")};
  if (const auto known = check_provider(with.providers, provider); !known)
    return send(problem(known.failure()));
  const auto write = [](json::writer& to, integration_id id) {
    to.begin_object().key("id").value(id.str()).end_object();
  };
  with.runs->add(*std::move(workspace), provider,
                 send_result<integration_id>(std::move(send), write, 201));
}

void connect(const api_context& with, const routed_request& request, control::reply send) {
  const auto row = read_integration(with, request);
  if (!row)
    return send(problem(row.failure()));
  const auto attempts = with.attempts;
  const auto id = row->id;
  const auto number = attempts->begin(id);
  const auto on_url = [attempts, id, number, send = std::move(send)](result<std::string> url) {
    if (!url) {
      attempts->end(id, number, url.failure());
      return send(problem(url.failure()));
    }
    json::writer to;
    to.begin_object().key("authorization_url").value(*url);
    to.key("attempt").value(number).end_object();
    send_json(send, to);
  };
  with.runs->connect(id, on_url, [attempts, id, number](result<connect_outcome> outcome) {
    attempts->end(id, number, std::move(outcome));
  });
}

void write_outcome(json::writer& to, const result<connect_outcome>& outcome) {
  if (outcome) {
    to.value("connected").key("integration").value(outcome->id.str());
    to.key("other_account").value(outcome->other_account);
    return;
  }
  const auto& failure = outcome.failure();
  to.value("failed").key("problem").begin_object();
  to.key("code").value(to_string(failure.code)).key("detail").value(failure.what);
  to.key("hint").value(failure.hint).end_object();
}

result<void> attempt(const api_context& with, const routed_request& request, json::writer& to) {
  const auto row = read_integration(with, request);
  if (!row)
    return row.failure();
  const auto last = with.attempts->find(row->id);
  if (!last)
    return error{ec::not_found, "no consent was asked for since the engine started",
                 "begin one: Connect on the Apps page, or `nexte-sync reconnect`"};
  to.begin_object().key("attempt").value(last->number).key("outcome");
  if (last->outcome)
    write_outcome(to, *last->outcome);
  else
    to.value("pending");
  to.end_object();
  return {};
}

void callback(const api_context& with, const routed_request& request, control::reply send) {
  constexpr std::string_view names[] = {"query"};
  const auto body = read_texts(request, names);
  if (!body)
    return send(problem(body.failure()));
  const auto write = [](json::writer& to, const connect_outcome& outcome) {
    to.begin_object().key("integration").value(outcome.id.str());
    to.key("other_account").value(outcome.other_account).end_object();
  };
  with.runs->deliver_callback(std::string{body->string_or_empty("query")},
                              send_result<connect_outcome>(std::move(send), write));
}

void set_mode(const api_context& with, const routed_request& request, control::reply send) {
  constexpr std::string_view names[] = {"mode"};
  const auto body = read_texts(request, names);
  if (!body)
    return send(problem(body.failure()));
  const auto row = read_integration(with, request);
  if (!row)
    return send(problem(row.failure()));
  with.runs->set_mode(row->id, std::string{body->string_or_empty("mode")},
                      send_done(std::move(send)));
}

/// Wraps a command that takes nothing but the integration.
template <class Command>
control::route_handler commanding(const api_context& with, Command command, int status) {
  return [with, command, status](const routed_request& request, control::reply send) {
    const auto row = read_integration(with, request);
    if (!row)
      return send(problem(row.failure()));
    (with.runs->*command)(row->id, send_done(std::move(send), status));
  };
}

void status(const api_context& with, const routed_request& request, control::reply send) {
  const auto row = read_integration(with, request);
  if (!row)
    return send(problem(row.failure()));
  with.runs->status(
      row->id, send_result<integration_status>(
                   std::move(send),
                   [](json::writer& to, const integration_status& all) { write_json(to, all); }));
}

/// One JSON text a line: a log is read with grep too.
void errors(const api_context& with, const routed_request& request, const control::reply& send) {
  const auto row = read_integration(with, request);
  if (!row)
    return send(problem(row.failure()));
  const auto entries = with.runs->data().errors(row->id, errors_kept_max);
  if (!entries)
    return send(problem(entries.failure()));
  std::string lines;
  for (const auto& entry : *entries) {
    json::writer to;
    write_json(to, entry);
    lines += to.take() + "\n";
  }
  send({200, std::move(lines), "application/x-ndjson"});
}

result<void> history(const api_context& with, const routed_request& request, json::writer& to) {
  const auto row = read_integration(with, request);
  if (!row)
    return row.failure();
  to.begin_object().key("history");
  write_json_list(to, row->history);
  to.end_object();
  return {};
}

} // namespace

std::vector<route> integration_routes(const api_context& with) {
  const auto on = [with](auto handler) {
    return [with, handler](const routed_request& request, control::reply send) {
      handler(with, request, std::move(send));
    };
  };
  const auto reading = [with](auto handler) {
    return answering([with, handler](const routed_request& request, json::writer& to) {
      return handler(with, request, to);
    });
  };
  const std::string one = "/v1/integrations/{id}";
  return {
      {"GET", "/v1/integrations", {"workspace", "after", "limit"}, on(list)},
      {"POST", "/v1/integrations", {}, on(add)},
      {"GET", one, {}, on(status)},
      {"POST", one + "/connect", {}, on(connect)},
      {"GET", one + "/connect", {}, reading(attempt)},
      {"POST", one + "/disconnect", {}, commanding(with, &engine::disconnect, 204)},
      {"POST", one + "/refresh", {}, commanding(with, &engine::refresh, 202)},
      {"PUT", one + "/mode", {}, on(set_mode)},
      {"GET", one + "/errors", {}, on(errors)},
      {"GET", one + "/history", {}, reading(history)},
      {"POST", "/v1/callbacks", {}, on(callback)},
      {"GET", "/v1/providers", {}, reading(list_providers)},
  };
}

} // namespace nexte::program

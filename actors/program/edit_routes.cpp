// A person's edits, the outbox, and the audit log of conflicts.
#include "actors/program/control_json.hpp"
#include "actors/program/control_routes.hpp"

namespace nexte::program {
namespace {

using control::problem;
using control::route;
using control::routed_request;

/// Answers 202: the edit is durable here, and on its way to the provider.
reply<edit_receipt> send_receipt(control::reply send) {
  return [send = std::move(send)](const result<edit_receipt>& receipt) {
    if (!receipt)
      return send(problem(receipt.failure()));
    json::writer to;
    write_json(to, *receipt);
    send_json(send, to, 202);
  };
}

/// The body of a request that must be a JSON object of fields; the engine judges the fields.
result<std::string> read_fields(const routed_request& request) {
  const auto body = json::parse_value(request.request.body);
  constexpr auto shape = "send the fields to set, as {\"field\": \"value\"}; null clears one";
  if (!body)
    return error{ec::malformed, "the body is no JSON: " + body.failure().what, shape};
  if (!body->is_object())
    return error{ec::malformed, "the body is no object", shape};
  return request.request.body;
}

void put(const api_context& with, const routed_request& request, control::reply send,
         std::string record) {
  const auto stream = read_stream(with, request);
  if (!stream)
    return send(problem(stream.failure()));
  auto fields = read_fields(request);
  if (!fields)
    return send(problem(fields.failure()));
  with.runs->put(stream->id, stream->name, std::move(record), *std::move(fields),
                 send_receipt(std::move(send)));
}

void create(const api_context& with, const routed_request& request, control::reply send) {
  put(with, request, std::move(send), {});
}

void update(const api_context& with, const routed_request& request, control::reply send) {
  put(with, request, std::move(send), request.segment("record"));
}

void erase(const api_context& with, const routed_request& request, control::reply send) {
  const auto stream = read_stream(with, request);
  if (!stream)
    return send(problem(stream.failure()));
  with.runs->erase(stream->id, stream->name, request.segment("record"),
                   send_receipt(std::move(send)));
}

result<void> edits(const api_context& with, const routed_request& request, json::writer& to) {
  const auto row = read_integration(with, request);
  if (!row)
    return row.failure();
  const auto after = read_after(request);
  if (!after)
    return after.failure();
  const auto limit = read_limit(request);
  if (!limit)
    return limit.failure();
  auto rows = with.runs->data().edits(row->id, *after, *limit + 1);
  if (!rows)
    return std::move(rows).failure();
  write_page(to, "edits", *std::move(rows), *limit);
  return {};
}

void drop(const api_context& with, const routed_request& request, control::reply send) {
  const auto row = read_integration(with, request);
  if (!row)
    return send(problem(row.failure()));
  const auto number = read_number(request, "number");
  if (!number)
    return send(problem(number.failure()));
  with.runs->drop_edit(row->id, *number, send_done(std::move(send)));
}

void set_rule(const api_context& with, const routed_request& request, control::reply send) {
  constexpr std::string_view names[] = {"rule"};
  const auto body = read_texts(request, names);
  if (!body)
    return send(problem(body.failure()));
  const auto row = read_integration(with, request);
  if (!row)
    return send(problem(row.failure()));
  with.runs->set_conflict_rule(row->id, std::string{body->string_or_empty("rule")},
                               send_done(std::move(send)));
}

result<void> conflicts(const api_context& with, const routed_request& request, json::writer& to) {
  const auto before = read_after(request); // newest first: the page after goes back in time
  if (!before)
    return before.failure();
  const auto limit = read_limit(request);
  if (!limit)
    return limit.failure();
  conflict_filter filter;
  filter.before = *before;
  const auto of = read_filter(with, request);
  if (!of)
    return of.failure();
  filter.integration = *of;
  if (const auto* text = request.parameter("stream"))
    filter.stream = *text;
  if (const auto* text = request.parameter("record"))
    filter.record = *text;
  auto rows = with.runs->data().conflicts(filter, *limit + 1);
  if (!rows)
    return std::move(rows).failure();
  write_page(to, "conflicts", *std::move(rows), *limit);
  return {};
}

result<void> conflict(const api_context& with, const routed_request& request, json::writer& to) {
  const auto number = read_number(request, "number");
  if (!number)
    return number.failure();
  const auto row = with.runs->data().conflict(*number);
  if (!row)
    return row.failure();
  if (!*row)
    return error{ec::not_found, "there is no conflict " + std::to_string(*number),
                 "they are kept for 30 days; see GET /v1/conflicts for those there are"};
  write_json(to, **row);
  return {};
}

void restore(const api_context& with, const routed_request& request, control::reply send) {
  const auto number = read_number(request, "number");
  if (!number)
    return send(problem(number.failure()));
  with.runs->restore(*number, send_receipt(std::move(send)));
}

} // namespace

std::vector<route> edit_routes(const api_context& with) {
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
      {"POST", one + "/records/{stream}", {}, on(create)},
      {"PUT", one + "/records/{stream}/{record}", {}, on(update)},
      {"DELETE", one + "/records/{stream}/{record}", {}, on(erase)},
      {"GET", one + "/edits", {"after", "limit"}, reading(edits)},
      {"DELETE", one + "/edits/{number}", {}, on(drop)},
      {"PUT", one + "/conflict_rule", {}, on(set_rule)},
      {"GET",
       "/v1/conflicts",
       {"integration", "stream", "record", "after", "limit"},
       reading(conflicts)},
      {"GET", "/v1/conflicts/{number}", {}, reading(conflict)},
      {"POST", "/v1/conflicts/{number}/restore", {}, on(restore)},
  };
}

} // namespace nexte::program

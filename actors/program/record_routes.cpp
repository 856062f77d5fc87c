// Synced records, the feed of their changes, and why one is not here.
#include "actors/program/control_json.hpp"
#include "actors/program/control_routes.hpp"
#include "actors/program/nearest.hpp"

#include <algorithm>

namespace nexte::program {
namespace {

using control::problem;
using control::route;
using control::routed_request;

constexpr size_t rows_per_read = 50;
constexpr size_t answer_bytes_max = 8 * 1024 * 1024; ///< Past it a page ends early, after a read.

result<void> list(const api_context& with, const routed_request& request, json::writer& to) {
  const auto stream = read_stream(with, request);
  if (!stream)
    return stream.failure();
  const auto limit = read_limit(request);
  if (!limit)
    return limit.failure();
  const auto* given = request.parameter("after");
  std::string after = given ? *given : std::string{};
  to.begin_object().key("records").begin_array();
  size_t left = *limit;
  size_t bytes = 0;
  bool more = true;
  while (more && left > 0 && bytes < answer_bytes_max) {
    const auto wanted = std::min(left, rows_per_read);
    const auto rows = with.runs->data().records(stream->id, stream->name, after, wanted);
    if (!rows)
      return rows.failure();
    for (const auto& row : *rows) {
      write_json(to, row);
      bytes += row.body.size();
    }
    if (!rows->empty())
      after = rows->back().id;
    left -= rows->size();
    more = rows->size() == wanted;
  }
  to.end_array().key("next");
  if (more)
    to.value(after);
  else
    to.null();
  to.end_object();
  return {};
}

result<void> get(const api_context& with, const routed_request& request, json::writer& to) {
  const auto stream = read_stream(with, request);
  if (!stream)
    return stream.failure();
  const auto& id = request.segment("record");
  const auto row = with.runs->data().record(stream->id, stream->name, id);
  if (!row)
    return row.failure();
  if (!*row)
    return error{ec::not_found, "there is no record \"" + id + "\" in " + stream->name,
                 "`nexte-sync explain` tells why"};
  write_json(to, **row);
  return {};
}

void explain(const api_context& with, const routed_request& request, control::reply send) {
  const auto stream = read_stream(with, request);
  if (!stream)
    return send(problem(stream.failure()));
  with.runs->explain(stream->id, stream->name, request.segment("record"),
                     [send = std::move(send)](const result<explanation>& why) {
                       if (!why)
                         return send(problem(why.failure()));
                       json::writer to;
                       write_json(to, *why);
                       send_json(send, to);
                     });
}

result<void> changes(const api_context& with, const routed_request& request, json::writer& to) {
  const auto after = read_after(request);
  if (!after)
    return after.failure();
  const auto limit = read_limit(request);
  if (!limit)
    return limit.failure();
  const auto entries = with.runs->data().changes(*after, *limit);
  if (!entries)
    return entries.failure();
  to.begin_object().key("changes");
  write_json_list(to, *entries);
  to.key("next").value(entries->empty() ? *after : entries->back().sequence).end_object();
  return {};
}

} // namespace

result<named_stream> read_stream(const api_context& with, const routed_request& request) {
  const auto row = read_integration(with, request);
  if (!row)
    return row.failure();
  const auto& name = request.segment("stream");
  const auto provider
      = std::ranges::find(with.providers, row->provider, &provider_description::name);
  std::vector<std::string_view> names;
  if (provider != with.providers.end())
    for (const auto& stream : (*provider)->streams)
      names.emplace_back(stream.name);
  if (std::ranges::count(names, name))
    return named_stream{row->id, name};
  return error{ec::not_found, row->provider + " has no stream \"" + name + "\"",
               suggestion(name, names)};
}

std::vector<route> record_routes(const api_context& with) {
  const auto reading = [with](auto handler) {
    return answering([with, handler](const routed_request& request, json::writer& to) {
      return handler(with, request, to);
    });
  };
  const std::string one = "/v1/integrations/{id}";
  return {
      {"GET", one + "/records/{stream}", {"after", "limit"}, reading(list)},
      {"GET", one + "/records/{stream}/{record}", {}, reading(get)},
      {"GET",
       one + "/explain/{stream}/{record}",
       {},
       [with](const routed_request& request, control::reply send) {
         explain(with, request, std::move(send));
       }},
      {"GET", "/v1/changes", {"after", "limit"}, reading(changes)},
  };
}

} // namespace nexte::program

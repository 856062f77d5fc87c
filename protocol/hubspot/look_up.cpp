#include "protocol/hubspot/look_up.hpp"

#include "protocol/http/url.hpp"
#include "protocol/hubspot/errors.hpp"
#include "protocol/json/reader.hpp"

#include <utility>

namespace nexte::hubspot {
namespace {

std::string object_url(std::string_view type, const look_up_request& request, bool archived) {
  auto url = request.api_base + "/crm/v3/objects/" + std::string{type} + "/"
             + percent_encode(request.record);
  return archived ? with_query(url, {{"archived", "true"}}) : url;
}

/// HubSpot answers 404 for an id it does not show, and 400 for one that can be none.
bool says_absent(const http_response& answer) {
  return answer.status == 404 || answer.status == 400;
}

/// Reads the object of a 2xx answer into `seen`.
result<void> read_object(const http_response& answer, std::string_view type,
                         const std::string& record, sighting& seen) {
  const auto object = json::parse_value(*answer.body);
  if (!object)
    return object.failure();
  const std::string id{object->string_or_empty("id")};
  if (id.empty())
    return error{ec::malformed, "the answer is no object"};
  const auto asked = "HubSpot was asked for " + record + " among the " + std::string{type};
  if (id != record) { // hubspot.md §3: a merged one is answered with its survivor
    seen.evidence.push_back(asked + " and showed " + id + ", into which it was merged.");
    return {};
  }
  const auto* flag = object->find("archived");
  const bool archived = flag && flag->truth;
  const auto* member = archived && object->find("archivedAt") ? "archivedAt" : "updatedAt";
  seen.version = object->string_or_empty(member);
  seen.modified_at = parse_iso_time(seen.version).value_or(wall_time{});
  seen.found = archived ? standing::archived : standing::shown;
  const auto when = seen.modified_at == wall_time{} ? std::string{}
                                                    : " at " + format_iso_time(seen.modified_at);
  seen.evidence.push_back(
      asked + " and showed it: " + (archived ? "archived" : "live, last changed") + when + ".");
  return {};
}

} // namespace

task<sighting> look_up(stream_io& io, std::string_view type, look_up_request request) {
  sighting seen;
  constexpr bool both[] = {false, true};
  for (const bool archived : both) {
    http_request get{"GET", object_url(type, request, archived)};
    auto answer = co_await io.fetch(std::move(get));
    if (!answer)
      co_return std::move(answer).failure();
    if (says_absent(*answer))
      continue;
    if (answer->status < 200 || answer->status >= 300)
      co_return error{ec::refused,
                      "HubSpot does not show it (" + classify(*answer, io.now()).code + ")"};
    auto read = read_object(*answer, type, request.record, seen);
    if (!read)
      co_return std::move(read).failure().with_context("HubSpot's answer");
    co_return seen;
  }
  seen.evidence.push_back("HubSpot was asked for " + request.record
                          + " among the live and the "
                            "archived "
                          + std::string{type} + " and knows none of that id.");
  co_return seen;
}

} // namespace nexte::hubspot

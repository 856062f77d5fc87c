#include "protocol/notion/look_up.hpp"

#include "protocol/answers.hpp"
#include "protocol/core/text.hpp"
#include "protocol/notion/errors.hpp"
#include "protocol/notion/requests.hpp"

namespace nexte::notion {
namespace {

/// Notion takes an id with and without hyphens, in either case, and shows it with (notion.md §1.3).
std::string bare_id(std::string_view id) {
  std::string bare;
  for (const char c : id)
    if (c != '-')
      bare += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return bare;
}

/// Reads how the page stands, and says so behind what was `asked`.
void read_record(const json::value& record, const std::string& asked, sighting& seen) {
  const auto holds = [&record](std::string_view name) {
    const auto* mark = record.find(name);
    return mark && mark->truth;
  };
  const bool trashed = holds("in_trash");
  const bool archived = holds("is_archived");
  seen.version = record.string_or_empty("last_edited_time");
  seen.modified_at = parse_iso_time(seen.version).value_or(wall_time{});
  seen.found = trashed || archived ? standing::archived : standing::shown;
  seen.evidence.push_back(
      asked + " and showed it: "
      + (trashed    ? "in the trash"
         : archived ? "archived"
                    : "live")
      + (seen.modified_at == wall_time{} ? "." : ", last edited at " + seen.version + "."));
}

} // namespace

task<sighting> look_up(stream_io& io, look_up_request request) {
  auto get = api_request("GET", request.api_base + "/v1/pages/" + percent_encode(request.record));
  auto answer = co_await io.fetch(std::move(get));
  if (!answer)
    co_return std::move(answer).failure();
  const auto asked = "Notion was asked for the page " + request.record;
  sighting seen;
  if (answer->status == 404 || answer->status == 410 || answer->status == 400) {
    seen.evidence.push_back(
        asked
        + " and shows this connection none of that id: it never was, was deleted for good, or is "
          "not shared with the connection. Whoever owns it can share it by the page's menu, "
          "\"Connections\".");
    co_return seen;
  }
  if (answer->status < 200 || answer->status >= 300)
    co_return error{ec::refused,
                    "Notion does not show it (" + classify(*answer, io.now()).code + ")"};
  const auto record = json::parse_value(*answer->body);
  if (!record || bare_id(record->string_or_empty("id")) != bare_id(request.record))
    co_return error{ec::malformed, "Notion's answer is no page of that id"};
  read_record(*record, asked, seen);
  co_return seen;
}

} // namespace nexte::notion

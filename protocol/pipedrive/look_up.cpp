#include "protocol/pipedrive/look_up.hpp"

#include "protocol/answers.hpp"
#include "protocol/core/text.hpp"
#include "protocol/pipedrive/errors.hpp"
#include "protocol/pipedrive/quota.hpp"

namespace nexte::pipedrive {
namespace {

/// Reads how the record stands, and says so behind what was `asked`.
void read_record(const json::value& record, const std::string& asked, sighting& seen) {
  const auto holds = [&record](std::string_view name) {
    const auto* mark = record.find(name);
    return mark && mark->truth;
  };
  const bool deleted = holds("is_deleted");
  const bool archived = holds("is_archived");
  seen.version = record.string_or_empty("update_time");
  seen.modified_at = parse_iso_time(seen.version).value_or(wall_time{});
  seen.found = deleted || archived ? standing::archived : standing::shown;
  seen.evidence.push_back(
      asked + " and showed it: "
      + (deleted    ? "deleted"
         : archived ? "archived"
                    : "live")
      + (seen.modified_at == wall_time{} ? "." : ", last changed at " + seen.version + "."));
}

} // namespace

task<sighting> look_up(stream_io& io, std::string_view entity, look_up_request request) {
  http_request get{"GET", request.api_base + "/api/v2/" + std::string{entity} + "/"
                              + percent_encode(request.record)};
  get.quota.cost = read_tokens;
  auto answer = co_await io.fetch(std::move(get));
  if (!answer)
    co_return std::move(answer).failure();
  const auto asked
      = "Pipedrive was asked for " + request.record + " among the " + std::string{entity};
  sighting seen;
  if (answer->status == 404 || answer->status == 410 || answer->status == 400) {
    seen.evidence.push_back(asked
                            + " and shows this person none of that id: it never was, was purged "
                              "30 days after its deletion, or is not visible to them.");
    co_return seen;
  }
  if (answer->status < 200 || answer->status >= 300)
    co_return error{ec::refused,
                    "Pipedrive does not show it (" + classify(*answer, io.now()).code + ")"};
  const auto envelope = read_envelope(*answer);
  const auto* record = envelope.find("data");
  const auto* id = record ? record->find("id") : nullptr;
  if (!id || id->text != request.record)
    co_return error{ec::malformed, "Pipedrive's answer is no record of that id"};
  read_record(*record, asked, seen);
  co_return seen;
}

} // namespace nexte::pipedrive

#include "protocol/pipedrive/record_calls.hpp"

#include "protocol/core/time.hpp"
#include "protocol/json/reader.hpp"
#include "protocol/json/writer.hpp"
#include "protocol/pipedrive/quota.hpp"

namespace nexte::pipedrive {
namespace {

constexpr unsigned list_limit = 500; // records a page, pipedrive.md §3.1

} // namespace

const made_list made_lists[3] = {
    {"", "", list_tokens}, {"", "deleted", list_tokens}, {"/archived", "", archived_list_tokens}};

http_request list_request(const std::string& url, query_parameters parameters,
                          const std::string& cursor, unsigned cost) {
  parameters.insert(parameters.begin(), {"limit", std::to_string(list_limit)});
  if (!cursor.empty())
    parameters.emplace_back("cursor", cursor);
  http_request request{"GET", with_query(url, parameters)};
  request.quota.cost = cost;
  return request;
}

http_request made_request(const std::string& url, const made_list& from, wall_time since,
                          const std::string& cursor) {
  query_parameters parameters{{"sort_by", "update_time"},
                              {"sort_direction", "asc"},
                              {"updated_since", format_iso_seconds(since)}};
  if (!from.status.empty())
    parameters.emplace_back("status", std::string{from.status});
  return list_request(url + std::string{from.below}, std::move(parameters), cursor, from.cost);
}

http_request write_request(std::string method, std::string url, std::string body, unsigned cost) {
  http_request request{std::move(method), std::move(url), std::move(body), "application/json"};
  request.repeatable = false;
  request.quota.cost = cost;
  return request;
}

result<remote_record> record_in(const http_response& answer) {
  auto envelope = json::parse_value(*answer.body);
  if (!envelope)
    return std::move(envelope).failure();
  const auto* data = envelope->find("data");
  const auto* id = data ? data->find("id") : nullptr;
  const auto version = data ? data->string_or_empty("update_time") : std::string_view{};
  const auto modified_at = parse_iso_time(version);
  if (!id || !id->as_int() || !modified_at)
    return error{ec::malformed, "Pipedrive's answer is no record"};
  const auto is_marked = [data](std::string_view mark) {
    const auto* member = data->find(mark);
    return member && member->truth;
  };
  remote_record record;
  record.id = id->text;
  record.version = version;
  record.modified_at = *modified_at;
  record.deleted = is_marked("is_deleted") || is_marked("is_archived");
  record.body = json::to_text(*data);
  return record;
}

} // namespace nexte::pipedrive

#include "protocol/pipedrive/writer.hpp"

#include "protocol/answers.hpp"
#include "protocol/core/text.hpp"
#include "protocol/json/writer.hpp"
#include "protocol/pipedrive/errors.hpp"
#include "protocol/pipedrive/page_reader.hpp"
#include "protocol/pipedrive/quota.hpp"
#include "protocol/pipedrive/record_calls.hpp"
#include "protocol/pipedrive/rejections.hpp"
#include "protocol/pipedrive/streams.hpp"

#include <algorithm>

namespace nexte::pipedrive {
namespace {

constexpr std::string_view custom_fields = "custom_fields";

/// What the steps of one push share.
struct push_run {
  stream_io& io;
  const entity& type;
  std::string api_base; ///< With "/api/v2/".
  std::string url;      ///< Of the entities.
  field_shape fields;
  /// The custom fields of the key's name, once they were asked for; a new record gets the first.
  std::optional<std::vector<std::string>> key_codes;
};

error refused(const push_run& run, const http_response& answer, std::string_view what) {
  return {ec::refused,
          "Pipedrive refuses to " + std::string{what} + " " + std::string{run.type.name} + " ("
              + classify(answer, run.io.now()).code + ")",
          "it no longer understands this request: report it to the developer"};
}

push_outcome outcome_of(push_verdict what, std::optional<remote_record> record) {
  push_outcome outcome;
  outcome.what = what;
  outcome.record = std::move(record);
  return outcome;
}

std::string url_of(const push_run& run, const std::string& id) {
  return run.url + "/" + percent_encode(id);
}

// ---- reading ------------------------------------------------------------------------------------

/// The record as it stands; nullopt where Pipedrive shows none.
task<std::optional<remote_record>> look(push_run& run, const std::string& id) {
  http_request get{"GET", url_of(run, id)};
  get.quota.cost = read_tokens;
  auto answer = co_await run.io.fetch(std::move(get));
  if (!answer)
    co_return std::move(answer).failure();
  if (is_missing(*answer))
    co_return std::optional<remote_record>{};
  if (!is_success(*answer))
    co_return refused(run, *answer, "show");
  auto record = record_in(*answer);
  if (!record)
    co_return std::move(record).failure();
  co_return std::optional{*std::move(record)};
}

remote_record copy_of(const record_view& item) {
  return {std::string{item.id}, std::string{item.version}, item.modified_at, item.deleted,
          std::string{item.body}};
}

bool has_key(const push_run& run, std::string_view body, const std::string& key) {
  if (body.find(key) == std::string_view::npos)
    return false;
  const auto fields = read_fields(body, run.fields);
  return fields && std::ranges::any_of(*run.key_codes, [&](const std::string& code) {
           const auto field = fields->find(std::string{custom_fields} + "/" + code);
           return field != fields->end() && field->second == json::quoted(key);
         });
}

/// Looks through one list.
task<std::optional<remote_record>> find_in(push_run& run, const made_list& from,
                                           const outgoing_edit& edit) {
  record_guard unguarded; // each of them is read by the pull as well
  std::string cursor;
  do {
    auto request = made_request(run.url, from, edit.first_sent_at - overlap, cursor);
    auto answer = co_await run.io.fetch(std::move(request));
    if (!answer)
      co_return std::move(answer).failure();
    if (!is_success(*answer))
      co_return refused(run, *answer, "list");
    auto read = read_page(answer->body, unguarded);
    if (!read)
      co_return std::move(read).failure();
    for (const auto& item : read->objects.records)
      if (has_key(run, item.body, edit.key))
        co_return std::optional{copy_of(item)};
    if (read->after && *read->after == cursor)
      co_return cursor_stands_still("Pipedrive");
    cursor = read->after.value_or("");
  } while (!cursor.empty());
  co_return std::optional<remote_record>{};
}

/// What an earlier attempt made, if one arrived.
task<std::optional<remote_record>> find_made(push_run& run, const outgoing_edit& edit) {
  if (run.key_codes->empty()) // none ever did
    co_return std::optional<remote_record>{};
  for (const auto& from : made_lists) {
    if (&from != made_lists && !run.type.tells_departures)
      continue;
    auto found = co_await find_in(run, from, edit);
    if (!found)
      co_return std::move(found).failure();
    if (*found)
      co_return *std::move(found);
  }
  co_return std::optional<remote_record>{};
}

// ---- the key ------------------------------------------------------------------------------------

/// Asks which custom fields have the key's name, in Pipedrive's order.
task<done_t> read_key_codes(push_run& run) {
  std::vector<std::string> codes;
  std::string cursor;
  do {
    auto request
        = list_request(run.api_base + std::string{run.type.fields}, {}, cursor, list_tokens);
    auto answer = co_await run.io.fetch(std::move(request));
    if (!answer)
      co_return std::move(answer).failure();
    if (!is_success(*answer))
      co_return refused(run, *answer, "name the fields of");
    auto listed = json::parse_value(*answer->body);
    if (!listed)
      co_return std::move(listed).failure();
    const auto* fields = listed->find("data");
    for (const auto& field : fields ? fields->items : std::vector<json::value>{})
      if (field.string_or_empty("field_name") == key_field)
        codes.emplace_back(field.string_or_empty("field_code"));
    const auto* more = listed->find("additional_data");
    const std::string after{more ? more->string_or_empty("next_cursor") : std::string_view{}};
    if (!after.empty() && after == cursor)
      co_return cursor_stands_still("Pipedrive");
    cursor = after;
  } while (!cursor.empty());
  run.key_codes = std::move(codes);
  co_return done_t{};
}

task<done_t> define_key(push_run& run) {
  json::writer body;
  body.begin_object().key("field_name").value(key_field).key("field_type").value("varchar");
  body.key("description").value("Tells Nexte which records it has made. Do not edit.");
  auto request = write_request("POST", run.api_base + std::string{run.type.fields},
                               body.end_object().take(), create_tokens);
  auto answer = co_await run.io.fetch(std::move(request));
  if (!answer)
    co_return std::move(answer).failure();
  const auto envelope = read_envelope(*answer);
  const auto* made = envelope.find("data");
  const std::string code{made ? made->string_or_empty("field_code") : std::string_view{}};
  if (!is_success(*answer) || code.empty())
    co_return error{ec::refused,
                    "Pipedrive refuses the custom field \"" + std::string{key_field}
                        + "\", by which new records are told apart ("
                        + classify(*answer, run.io.now()).code + ")",
                    "ask a Pipedrive admin of the company whether its custom fields are used up"};
  run.key_codes->push_back(code);
  co_return done_t{};
}

// ---- one edit -----------------------------------------------------------------------------------

/// The fields that can be given to a new record, and our key.
std::string new_record(const push_run& run, const json::value& fields, const std::string& key) {
  json::writer body;
  body.begin_object();
  for (const auto& field : run.type.editable)
    if (const auto* value = fields.find(field.name))
      body.key(field.name).raw(json::to_text(*value));
  body.key(custom_fields).begin_object();
  if (const auto* custom = fields.find(custom_fields))
    for (const auto& [code, value] : custom->members)
      if (std::ranges::find(*run.key_codes, code) == run.key_codes->end())
        body.key(code).raw(json::to_text(value));
  body.key(run.key_codes->front()).value(key);
  return body.end_object().end_object().take();
}

task<push_outcome> create(push_run& run, const outgoing_edit& edit) {
  const auto fields = json::parse_value(edit.fields);
  if (!fields)
    co_return unreadable(fields.failure());
  if (!run.key_codes) {
    auto asked = co_await read_key_codes(run);
    if (!asked)
      co_return std::move(asked).failure();
  }
  if (edit.attempted) {
    auto made = co_await find_made(run, edit);
    if (!made)
      co_return std::move(made).failure();
    if (*made)
      co_return outcome_of(push_verdict::confirmed, *std::move(made));
  }
  if (run.key_codes->empty()) {
    auto defined = co_await define_key(run);
    if (!defined)
      co_return std::move(defined).failure();
  }
  auto request = write_request("POST", run.url, new_record(run, *fields, edit.key), create_tokens);
  auto answer = co_await run.io.fetch(std::move(request));
  if (!answer)
    co_return std::move(answer).failure();
  if (!is_success(*answer))
    co_return rejection_of(*answer, run.type);
  auto record = record_in(*answer);
  if (!record)
    co_return error{ec::transport, "Pipedrive does not say what it made of a new record",
                    "it is looked for before it is tried again"};
  co_return outcome_of(push_verdict::confirmed, *std::move(record));
}

/// Whether the edit may be written, or what becomes of it.
result<std::optional<push_outcome>> compare(const push_run& run, const outgoing_edit& edit,
                                            const field_map& patch, const remote_record& there) {
  auto now = read_fields(there.body, run.fields);
  if (!now)
    return std::move(now).failure().with_context("record " + there.id);
  const auto base = read_fields(edit.base, run.fields);
  if (edit.kind == edit_kind::update && base && *now == patched(*base, patch))
    return std::optional{outcome_of(push_verdict::confirmed, there)};
  if (!base || *now != *base)
    return std::optional{outcome_of(push_verdict::conflict, there)};
  return std::optional<push_outcome>{};
}

/// The record was not there to be written: an erase has what it wants.
push_outcome gone(const outgoing_edit& edit, std::optional<remote_record> there) {
  const bool wanted = edit.kind == edit_kind::erase;
  return outcome_of(wanted ? push_verdict::confirmed : push_verdict::gone, std::move(there));
}

task<push_outcome> change(push_run& run, const outgoing_edit& edit) {
  const bool erases = edit.kind == edit_kind::erase;
  const auto patch = erases ? result<field_map>{field_map{}} : read_patch(edit.fields, run.fields);
  if (!patch)
    co_return unreadable(patch.failure());
  auto there = co_await look(run, edit.record);
  if (!there)
    co_return std::move(there).failure();
  if (!*there || (*there)->deleted)
    co_return gone(edit, *std::move(there));
  auto compared = compare(run, edit, *patch, **there);
  if (!compared)
    co_return std::move(compared).failure();
  if (*compared)
    co_return **std::move(compared);
  auto request = erases
                     ? write_request("DELETE", url_of(run, edit.record), {}, delete_tokens)
                     : write_request("PATCH", url_of(run, edit.record), edit.fields, update_tokens);
  auto answer = co_await run.io.fetch(std::move(request));
  if (!answer)
    co_return std::move(answer).failure();
  if (is_missing(*answer))
    co_return gone(edit, {}); // since it was read
  if (!is_success(*answer))
    co_return rejection_of(*answer, run.type);
  if (erases) {
    (*there)->deleted = true;
    co_return outcome_of(push_verdict::confirmed, *std::move(there));
  }
  auto record = record_in(*answer);
  if (!record)
    co_return error{ec::transport, "Pipedrive does not say how a record stands that was changed",
                    "it is looked at before it is tried again"};
  co_return outcome_of(push_verdict::confirmed, *std::move(record));
}

} // namespace

task<std::vector<push_outcome>> push(stream_io& io, const entity& type, push_request request) {
  push_run run{io, type, request.api_base + "/api/v2/", {}, shape(), {}};
  run.url = run.api_base + std::string{type.name};
  std::vector<push_outcome> outcomes;
  for (const auto& edit : request.edits) {
    const auto carry = edit.kind == edit_kind::create ? create : change;
    auto outcome = co_await carry(run, edit);
    if (!outcome)
      co_return std::move(outcome).failure().with_context("pipedrive." + std::string{type.name});
    outcomes.push_back(*std::move(outcome));
  }
  co_return outcomes;
}

} // namespace nexte::pipedrive

// `put`, `delete`, `edits`, `conflicts`, `restore`, `rule`.
#include "actors/program/command_support.hpp"
#include "protocol/http/url.hpp"
#include "protocol/json/writer.hpp"

#include <algorithm>

namespace nexte::program {
namespace {

constexpr std::string_view merge_fields = "merge_fields";

/// What a person wrote, as the API takes it: `--fields` as it is, with each FIELD=VALUE beside it.
result<std::string> body_of(const record_edit& edit) {
  auto fields = json::parse_value(edit.fields.empty() ? "{}" : edit.fields);
  if (!fields)
    return error{ec::malformed, "--fields is no JSON: " + fields.failure().what,
                 R"(write it as '{"firstname": "Zoë"}')"};
  if (!fields->is_object())
    return error{ec::malformed, "--fields is no JSON object",
                 R"(write it as '{"firstname": "Zoë"}')"};
  for (const auto& assignment : edit.assignments) {
    const auto sign = assignment.find('=');
    if (sign == std::string::npos || sign == 0)
      return error{ec::malformed, "\"" + assignment + "\" is no FIELD=VALUE",
                   "write it as firstname=Zoë; an empty value clears the field"};
    const auto name = assignment.substr(0, sign);
    if (fields->find(name))
      return error{ec::malformed, "\"" + name + "\" is given twice", "leave one of them out"};
    json::value value;
    value.text = assignment.substr(sign + 1);
    value.type = value.text.empty() ? json::value::kind::null : json::value::kind::string;
    fields->members.emplace_back(name, std::move(value));
  }
  if (fields->members.empty() && !edit.record.empty())
    return error{ec::refused, "there is nothing to change", "give FIELD=VALUE or --fields"};
  return json::to_text(*fields);
}

std::string records_target(const std::string& id, const std::string& stream,
                           const std::string& record) {
  auto rest = "/records/" + segment(stream);
  if (!record.empty())
    rest += "/" + segment(record);
  return integration_target(id, rest);
}

result<void> print_receipt(const shell& with, const result<std::string>& text,
                           const std::string& what) {
  if (!text)
    return text.failure();
  if (print_json(with, *text))
    return {};
  const auto receipt = json::parse_value(*text);
  if (!receipt)
    return receipt.failure();
  const auto edit = count_of(*receipt, "edit");
  with.out << printable(edit == 0 ? "It is so already: nothing is sent."
                                  : what + " " + text_of(*receipt, "record")
                                        + " here; it is sent to the provider as edit "
                                        + std::to_string(edit) + ".")
           << "\n";
  return {};
}

std::string shown(const json::value& value) {
  return value.is_string()                       ? value.text
         : value.type == json::value::kind::null ? std::string{"–"}
                                                 : json::to_text(value);
}

/// `phone: 1 → 2 (lost: 3)` for each field.
std::string differences_of(const json::value& conflict) {
  std::string all;
  for (const auto& one : list_of(conflict, "differences")) {
    const auto value = [&one](std::string_view name) {
      const auto* found = one.find(name);
      return found ? shown(*found) : std::string{};
    };
    all.append(all.empty() ? "" : "; ").append(text_of(one, "field")).append(": ");
    all.append(value("winner")).append(" (lost: ").append(value("loser")).append(")");
  }
  return all;
}

/// How it would have ended under the other rule.
std::string preview_of(const json::value& conflict) {
  const auto* merged = conflict.find("under_merge_fields");
  if (!merged)
    return {};
  const auto kept = texts_of(*merged, "kept");
  const auto decided = texts_of(*merged, "decided");
  std::string text = truth_of(*merged, "conflict") ? "still a conflict" : "no conflict";
  if (!kept.empty())
    text += "; kept from both: " + kept;
  if (!decided.empty())
    text += "; the later one of: " + decided;
  return text;
}

std::string conflicts_target(const conflict_choice& which) {
  query_parameters query;
  if (!which.integration.empty())
    query.emplace_back("integration", which.integration);
  if (!which.stream.empty())
    query.emplace_back("stream", which.stream);
  if (!which.record.empty())
    query.emplace_back("record", which.record);
  return with_query("/v1/conflicts", query);
}

} // namespace

result<void> put(const shell& with, const std::string& id, const std::string& stream,
                 const record_edit& edit) {
  const auto body = body_of(edit);
  if (!body)
    return body.failure();
  const bool is_new = edit.record.empty();
  return print_receipt(
      with,
      with.engine.call(is_new ? "POST" : "PUT", records_target(id, stream, edit.record), *body),
      is_new ? "Made" : "Changed");
}

result<void> erase(const shell& with, const std::string& id, const std::string& stream,
                   const std::string& record) {
  return print_receipt(with, with.engine.call("DELETE", records_target(id, stream, record)),
                       "Deleted");
}

result<void> show_edits(const shell& with, const std::string& id) {
  table rows{{{"EDIT"}, {"STREAM"}, {"RECORD"}, {"KIND"}, {"MADE"}, {"STATE"}, {"WHAT"}}};
  const auto now = with.now();
  const auto done
      = each_row(with, integration_target(id, "/edits"), "edits", [&](const json::value& one) {
          const auto* fields = one.find("fields");
          const auto why = text_of(one, "sentence");
          const bool rejected = text_of(one, "state") == "rejected";
          rows.add({std::to_string(count_of(one, "id")), text_of(one, "stream"),
                    text_of(one, "record"), text_of(one, "kind"),
                    distance_text(time_of(one, "edited_at"), now),
                    cell{text_of(one, "state"), rejected ? tint::red : tint::none},
                    !why.empty() ? why
                    : fields     ? json::to_text(*fields)
                                 : std::string{}});
        });
  if (done && !with.json)
    with.out << (rows.empty() ? "No edits wait.\n" : rows.str(with.screen));
  return done;
}

result<void> drop_edit(const shell& with, const std::string& id, uint64_t number) {
  const auto done
      = with.engine.call("DELETE", integration_target(id, "/edits/" + std::to_string(number)));
  if (!done)
    return done.failure();
  print_done(with, "Dropped: the record is as the provider has it.");
  return {};
}

result<void> show_conflicts(const shell& with, const conflict_choice& which) {
  if (!which.what_if.empty() && which.what_if != merge_fields)
    return error{ec::refused, "there is nothing to be told about \"" + which.what_if + "\"",
                 "use --what-if merge_fields"};
  const bool preview = !which.what_if.empty();
  table rows{{{"ID"},
              {"WHEN"},
              {"STREAM"},
              {"RECORD"},
              {"WON"},
              {preview ? "UNDER MERGE_FIELDS" : "FIELDS"},
              {"RESTORED"}}};
  const auto now = with.now();
  size_t count = 0;
  size_t spared = 0;
  const auto done
      = each_line(with, conflicts_target(which), "conflicts", [&](const json::value& one) {
          ++count;
          const auto* merged = one.find("under_merge_fields");
          spared += merged && !truth_of(*merged, "conflict");
          const auto restored_at = time_of(one, "restored_at");
          rows.add({std::to_string(count_of(one, "id")), distance_text(time_of(one, "at"), now),
                    text_of(one, "stream"), text_of(one, "record"), text_of(one, "won"),
                    preview ? preview_of(one) : differences_of(one),
                    restored_at == wall_time{} ? std::string{} : distance_text(restored_at, now)});
        });
  if (!done || with.json)
    return done;
  with.out << (rows.empty() ? "No conflicts in the last 30 days.\n" : rows.str(with.screen));
  if (preview && count > 0)
    with.out << "Under merge_fields " << spared << " of " << count
             << " would have been no conflict.\n";
  return {};
}

result<void> restore(const shell& with, uint64_t number) {
  return print_receipt(
      with, with.engine.call("POST", "/v1/conflicts/" + std::to_string(number) + "/restore"),
      "Restored");
}

result<void> set_rule(const shell& with, const std::string& id, const std::string& rule) {
  json::writer body;
  body.begin_object().key("rule").value(rule).end_object();
  const auto done = with.engine.call("PUT", integration_target(id, "/conflict_rule"), body.take());
  if (!done)
    return done.failure();
  print_done(with, "Conflicts are settled by " + rule + " from now on.");
  return {};
}

} // namespace nexte::program

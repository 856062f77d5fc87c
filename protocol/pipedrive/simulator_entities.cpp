// Persons, organizations, deals: lists, search, one record (pipedrive.md §2, §3).
#include "protocol/pipedrive/simulator_door.hpp"

#include <algorithm>

namespace nexte::simulation {

using namespace pipedrive;

namespace {

constexpr std::string_view json_type = "application/json; charset=utf-8";
constexpr size_t search_results_max = 100;

void end_list(json::writer& out, const std::string& cursor) {
  out.end_array().key("additional_data").begin_object().key("next_cursor");
  if (cursor.empty())
    out.null();
  else
    out.value(cursor);
  out.end_object().end_object();
}

/// The texts of a field as they are searched: the value, or each detail's.
std::vector<std::string> searchable(const schema& type, const kept_record& record,
                                    std::string_view field) {
  const auto index = type.find(field);
  const auto read = json::parse_value(index ? record.get(*index) : std::string_view{"null"});
  std::vector<std::string> texts;
  if (read && read->is_string())
    texts.push_back(read->text);
  if (read)
    for (const auto& item : read->items)
      texts.emplace_back(item.string_or_empty("value"));
  for (auto& text : texts)
    std::ranges::transform(text, text.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    });
  return texts;
}

/// The fields that `fields=` names, under the names that the records have; nullopt: an unknown one.
std::optional<std::vector<std::string_view>> searched_fields(const schema& type,
                                                             const std::string* named) {
  constexpr std::pair<std::string_view, std::string_view> known[]
      = {{"name", "name"}, {"title", "title"}, {"email", "emails"}, {"phone", "phones"}};
  std::vector<std::string_view> fields;
  for (const auto& [word, field] : known)
    if (type.find(field) && (!named || named->empty() || named->find(word) != std::string::npos))
      fields.push_back(field);
  return fields.empty() ? std::nullopt : std::optional{fields};
}

void write_item(json::writer& out, const schema& type, const kept_record& record) {
  const auto raw = [&](std::string_view name, std::string_view field) {
    if (const auto index = type.find(field))
      out.key(name).raw(record.get(*index));
  };
  out.begin_object().key("result_score").value(1.0).key("item").begin_object();
  out.key("id").value(record.id).key("type").value(type.singular);
  raw("name", "name");
  raw("title", "title");
  raw("visible_to", "visible_to");
  for (const auto* list : {"emails", "phones"})
    if (type.find(list)) {
      out.key(list).begin_array();
      for (const auto& text : searchable(type, record, list))
        out.value(text);
      out.end_array();
    }
  out.key("owner").begin_object().key("id").raw(record.get(*type.find("owner_id"))).end_object();
  out.key("custom_fields").begin_array().end_array();
  out.key("update_time").value(format_iso_seconds(record.updated_at)).end_object().end_object();
}

} // namespace

http_response pipedrive_simulator::serve_entity(door& in, wall_time now) {
  const auto& method = in.request.method;
  const auto count = [&](std::string_view what) {
    ++traffic_.requests[std::string{in.type->name} + "." + std::string{what}];
  };
  if (in.below.empty() && method == "GET") {
    count("list");
    return list(in, false, now);
  }
  if (in.is_archived_list() && method == "GET") {
    count("archived");
    return list(in, true, now);
  }
  if (in.is_search() && method == "GET") {
    count("search");
    return search(in, now);
  }
  if (in.below.empty() && method == "POST") {
    count("create");
    return create(in, now);
  }
  const auto id = in.below.size() == 1 ? read_id(in.below[0]) : std::nullopt;
  if (!id)
    return refused(404, "Unknown path");
  if (method != "GET" && method != "PATCH" && method != "DELETE")
    return refused(405, "Method not allowed");
  count(method == "GET" ? "read" : method == "PATCH" ? "update" : "delete");
  return serve_one(in, *id, now);
}

http_response pipedrive_simulator::list(door& in, bool archived, wall_time now) {
  const auto read = read_list_query(*in.type, in.query, archived, strict_, in.at.cursor_epoch);
  if (const auto* problem = std::get_if<field_problem>(&read))
    return refused(problem->status, problem->message);
  const auto& query = std::get<list_query>(read);
  auto& store = in.at.records(*in.type);
  const auto [records, more] = store.list(query, now);
  json::writer out;
  out.begin_object().key("success").value(true).key("data").begin_array();
  for (const auto* record : records) {
    write_record(out, *in.type, *record);
    ++store.served[record->id];
  }
  end_list(out, more ? make_cursor(in.query, query, *records.back(), in.at.cursor_epoch)
                     : std::string{});
  return {200, out.take(), json_type};
}

http_response pipedrive_simulator::search(door& in, wall_time now) {
  const auto* term = find_parameter(in.query, "term");
  const auto* exact = find_parameter(in.query, "exact_match");
  const bool whole = exact && *exact == "true";
  if (!term || term->size() < (whole ? 1u : 2u))
    return refused(400, "Validation failed: term: must have at least 2 characters");
  const auto fields = searched_fields(*in.type, find_parameter(in.query, "fields"));
  if (!fields)
    return refused(400, "Validation failed: fields: is not allowed");
  auto wanted = *term;
  std::ranges::transform(wanted, wanted.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  const auto fits = [&](const std::string& text) {
    return whole ? text == wanted : text.find(wanted) != std::string::npos;
  };
  list_query everything;
  everything.limit = SIZE_MAX;
  auto& store = in.at.records(*in.type);
  json::writer out;
  out.begin_object().key("success").value(true).key("data").begin_object();
  out.key("items").begin_array();
  size_t found = 0;
  for (const auto* record : store.list(everything, now).first) {
    const bool hit = std::ranges::any_of(*fields, [&](std::string_view field) {
      return std::ranges::any_of(searchable(*in.type, *record, field), fits);
    });
    if (!hit || found == search_results_max)
      continue;
    ++found;
    write_item(out, *in.type, *record);
  }
  out.end_array().end_object().key("additional_data").begin_object();
  out.key("next_cursor").null().end_object().end_object();
  return {200, out.take(), json_type};
}

http_response pipedrive_simulator::serve_one(door& in, int64_t id, wall_time now) {
  const auto* record = in.at.records(*in.type).find(id, now);
  const bool shown = record && (!record->deleted_at || strict_.reads_deleted);
  if (in.request.method == "DELETE" && record && record->deleted_at
      && strict_.delete_twice_is_gone) {
    json::writer out; // recorded of v1, pipedrive.md §1.4
    out.begin_object().key("success").value(true).key("data").begin_object();
    out.key("id").value(id).end_object().end_object();
    return {410, out.take(), json_type};
  }
  if (!record || (in.request.method == "GET" ? !shown : record->deleted_at.has_value()))
    return refused(404, std::string{in.type->title} + " not found");
  if (in.request.method == "GET")
    return record_answer(in, 200, *record);
  return in.request.method == "PATCH" ? update(in, *record, now) : remove(in, *record, now);
}

http_response pipedrive_simulator::record_answer(door& in, int status, const kept_record& record) {
  ++in.at.records(*in.type).served[record.id];
  json::writer out;
  out.begin_object().key("success").value(true).key("data");
  write_record(out, *in.type, record);
  out.end_object();
  return {status, out.take(), json_type};
}

} // namespace nexte::simulation

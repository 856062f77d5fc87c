#include "protocol/hubspot/object_batch.hpp"

#include "protocol/hubspot/page_reader.hpp"
#include "protocol/json/writer.hpp"

namespace nexte::hubspot {
namespace {

constexpr std::string_view json_type = "application/json";

std::string_view verb_of(edit_kind kind) {
  constexpr std::string_view verbs[] = {"upsert", "update", "archive"};
  return verbs[static_cast<size_t>(kind)];
}

/// Where HubSpot shows the property: the group that every account has from the beginning
/// (unconfirmed but for contacts).
std::string_view group_of(const object_type& type) {
  return type.name == "companies" ? "companyinformation"
         : type.name == "deals"   ? "dealinformation"
                                  : "contactinformation";
}

remote_record copy_of(const record_view& object) {
  remote_record copy;
  copy.id = object.id;
  copy.version = object.version;
  copy.modified_at = object.modified_at;
  copy.deleted = object.deleted;
  copy.body = object.body;
  return copy;
}

} // namespace

http_request read_batch(const std::string& objects_url, const object_type& type,
                        const std::vector<std::string>& ids, look how) {
  json::writer body;
  body.begin_object().key("properties").begin_array();
  for (const auto property : type.properties)
    body.value(property);
  if (how == look::by_key)
    body.value(key_property);
  body.end_array();
  if (how == look::by_key)
    body.key("idProperty").value(key_property);
  body.key("inputs").begin_array();
  for (const auto& id : ids)
    body.begin_object().key("id").value(id).end_object();
  body.end_array().end_object();
  auto url = objects_url + "/batch/read";
  if (how == look::archived)
    url += "?archived=true";
  return http_request{"POST", std::move(url), body.take(), json_type};
}

result<records> read_records(const http_response& answer, look how) {
  record_guard unguarded; // each of them was read before
  auto read = read_object_page(answer.body, unguarded);
  if (!read)
    return std::move(read).failure();
  // An edit is not decided on what cannot be read: it would pass for a record that is gone.
  if (!read->objects.unread.empty())
    return error{ec::malformed, "HubSpot's record " + std::string{read->objects.unread.front().id}
                                    + " cannot be read"};
  records found;
  for (const auto& object : read->objects.records) {
    if (how != look::by_key) {
      found.emplace(object.id, copy_of(object));
      continue;
    }
    const auto properties = read_properties(object.body);
    if (!properties)
      return properties.failure();
    found.emplace(value_of(*properties, key_property), copy_of(object));
  }
  return found;
}

http_request write_batch(const std::string& objects_url, const std::vector<write_input>& inputs,
                         edit_kind kind) {
  json::writer body;
  body.begin_object().key("inputs").begin_array();
  for (const auto& input : inputs) {
    body.begin_object().key("id").value(input.id);
    if (kind == edit_kind::create)
      body.key("idProperty").value(key_property);
    if (input.fields) {
      body.key("properties").begin_object();
      for (const auto& [name, value] : *input.fields)
        body.key(name).value(value);
      body.end_object();
    }
    body.end_object();
  }
  body.end_array().end_object();
  http_request request{"POST", objects_url + "/batch/" + std::string{verb_of(kind)}, body.take(),
                       json_type};
  request.repeatable = false;
  return request;
}

http_request define_key(const std::string& api_base, const object_type& type) {
  json::writer body;
  body.begin_object().key("name").value(key_property).key("label").value("Nexte Sync key");
  body.key("description").value("Tells Nexte which records it has made. Do not edit.");
  body.key("groupName").value(group_of(type)).key("type").value("string");
  body.key("fieldType").value("text").key("hasUniqueValue").value(true).end_object();
  return http_request{"POST", api_base + "/crm/v3/properties/" + std::string{type.name},
                      body.take(), json_type};
}

} // namespace nexte::hubspot

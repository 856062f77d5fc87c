// What a person at HubSpot, or fate, may do while it runs: the actions of `admin`.
#include "protocol/hubspot/simulator_admin.hpp"

#include <algorithm>

namespace nexte::simulation {

using namespace hubspot;

namespace {

using outcome = hubspot_admin::outcome;

using action = admin_action<hubspot_admin>;

constexpr action actions[] = {
    {{"revoke",
      "Uninstalls the app from an account: its refresh tokens die, with at_once its access tokens "
      "too.",
      R"({"account":"147893286","at_once":true})"},
     &hubspot_admin::revoke},
    {{"expire", "Lets the access tokens of an account expire now.", R"({"account":"147893286"})"},
     &hubspot_admin::expire},
    {{"consent", "Says what the person does at the consent page when it asks nobody.",
      R"({"deny":false,"without":["crm.objects.deals.read"],"account":"147893286"})"},
     &hubspot_admin::consent},
    {{"remove_portal", "Deletes an account: refreshes answer BAD_HUB.",
      R"({"account":"147893286","gone":true})"},
     &hubspot_admin::remove_portal},
    {{"forbid", "Takes the person's permission for an object type, or gives it back.",
      R"({"type":"deals","forbidden":true,"account":"147893286"})"},
     &hubspot_admin::forbid},
    {{"limit",
      "Answers 429 for a number of requests or seconds. policy is TEN_SECONDLY_ROLLING, "
      "SECONDLY (searches), DAILY or RATE_LIMITS.",
      R"({"policy":"TEN_SECONDLY_ROLLING","for_seconds":30,"retry_after_seconds":10})"},
     &hubspot_admin::limit},
    {{"fail", "Arms a fault. kind is answer, limit, html, truncated, slow or drop.",
      R"({"kind":"answer","status":503,"path":"/search","method":"POST","count":3})"},
     &hubspot_admin::fail},
    {{"clear_faults", "Disarms every fault and limit.", "{}"}, &hubspot_admin::clear_faults},
    {{"create", "Creates a record as a person would.",
      R"({"type":"contacts","properties":{"firstname":"Ada"}})"},
     &hubspot_admin::create},
    {{"edit", "Edits a record as a person would; silent leaves last-modified alone.",
      R"({"type":"contacts","id":"713492000001","properties":{"city":"Bonn"},"silent":false})"},
     &hubspot_admin::edit},
    {{"archive", "Archives a record.", R"({"type":"contacts","id":"713492000001"})"},
     &hubspot_admin::archive},
    {{"restore", "Restores an archived record.", R"({"type":"contacts","id":"713492000001"})"},
     &hubspot_admin::restore},
    {{"erase", "Removes a record without a trace (privacy deletion).",
      R"({"type":"contacts","id":"713492000001"})"},
     &hubspot_admin::erase},
    {{"token", "Issues tokens of an account that has consented, to all scopes or to those named.",
      R"({"account":"147893286","scopes":["oauth","crm.objects.contacts.read"]})"},
     &hubspot_admin::token},
    {{"stats",
      "Counts requests, statuses, quota use and how often records were served; records "
      "lists each record, reset starts counting anew afterwards.",
      R"({"records":false,"reset":false})"},
     &hubspot_admin::stats},
};

} // namespace

http_response hubspot_simulator::admin(std::string_view name, const std::string& body,
                                       wall_time now) {
  return administer<hubspot_admin>(provider(), actions, name, body, [&](const json::value& read) {
    return hubspot_admin{*this, read, now};
  });
}

result<portal_stream*> hubspot_admin::stream() const {
  const auto* type = find_schema(body_.string_or_empty("type"));
  if (!type)
    return wrong("\"type\" is missing or unknown", "use contacts, companies or deals");
  auto which = account();
  if (!which)
    return std::move(which).failure();
  return &at_.portals_[*which].stream(*type);
}

result<hubspot_admin::target> hubspot_admin::record(bool archived) const {
  auto held = stream();
  if (!held)
    return std::move(held).failure();
  auto found = find_record((*held)->store, body_.string_or_empty("id"),
                           body_.string_or_empty("idProperty"), archived);
  if (std::holds_alternative<api_error>(found))
    return wrong("no such record", archived ? "\"id\" must be that of an archived record"
                                            : "\"id\" must be that of a live record");
  return target{*held, std::get<object_ptr>(std::move(found))};
}

result<property_values> hubspot_admin::properties(const schema& type) const {
  auto read = read_properties(type, body_.find("properties"));
  if (auto* failure = std::get_if<api_error>(&read))
    return wrong(std::move(failure->message), "");
  return std::get<property_values>(std::move(read));
}

std::string hubspot_admin::shown(const portal_stream& held, const object& state) const {
  projection all = project(held.store.type(), {"hs_object_id"}, {});
  all.all = true;
  json::writer out;
  write_record(out, held.store.type(), state, all, "");
  return out.take();
}

outcome hubspot_admin::remove_portal() {
  auto which = account();
  if (!which)
    return std::move(which).failure();
  at_.portals_[*which].gone = is_not_false("gone");
  return std::string{"{}"};
}

outcome hubspot_admin::forbid() {
  auto which = account();
  const auto* type = find_schema(body_.string_or_empty("type"));
  if (!which)
    return std::move(which).failure();
  if (!type)
    return wrong("\"type\" is missing or unknown", "use contacts, companies or deals");
  auto& forbidden = at_.portals_[*which].forbidden;
  if (is_not_false("forbidden"))
    forbidden.insert(type->name);
  else
    forbidden.erase(type->name);
  return std::string{"{}"};
}

outcome hubspot_admin::limit() {
  auto read = read_fault(body_, now_);
  if (!read)
    return std::move(read).failure();
  read->kind = fault_kind::limit;
  if (read->path.empty())
    read->path = read->policy == "SECONDLY" ? "/search" : "/crm/";
  faults_.arm(*std::move(read));
  return std::string{"{}"};
}

outcome hubspot_admin::create() {
  auto held = stream();
  if (!held)
    return std::move(held).failure();
  auto values = properties((*held)->store.type());
  if (!values)
    return std::move(values).failure();
  if (const auto taken = refuse_taken((*held)->store, *values, 0))
    return wrong(taken->message, "");
  return shown(**held, *(*held)->store.create(*values, now_, "CRM_UI"));
}

outcome hubspot_admin::edit() {
  auto found = record(false);
  if (!found)
    return std::move(found).failure();
  auto& store = found->stream->store;
  auto values = properties(store.type());
  if (!values)
    return std::move(values).failure();
  if (const auto taken = refuse_taken(store, *values, found->state->id))
    return wrong(taken->message, "");
  return shown(*found->stream,
               *store.update(found->state->id, *values, now_, "CRM_UI", is_true("silent")));
}

outcome hubspot_admin::archive() {
  auto found = record(false);
  if (!found)
    return std::move(found).failure();
  found->stream->store.archive(found->state->id, now_);
  return shown(*found->stream, *found->stream->store.find(found->state->id));
}

outcome hubspot_admin::restore() {
  auto found = record(true);
  if (!found)
    return std::move(found).failure();
  found->stream->store.restore(found->state->id, now_);
  return shown(*found->stream, *found->stream->store.find(found->state->id));
}

outcome hubspot_admin::erase() {
  auto found = record(false);
  if (!found)
    found = record(true);
  if (!found)
    return std::move(found).failure();
  found->stream->store.erase(found->state->id, now_);
  return std::string{"{}"};
}

} // namespace nexte::simulation

// What a person at HubSpot, or fate, may do while it runs: the actions of `admin`.
#include "protocol/hubspot/simulator_admin.hpp"

#include <algorithm>

namespace nexte::simulation {

using namespace hubspot;

namespace {

using outcome = hubspot_admin::outcome;

error wrong(std::string what, std::string mend) {
  return {ec::refused, std::move(what), std::move(mend)};
}

struct action {
  std::string_view name;
  std::string_view does;
  std::string_view body; ///< An example.
  outcome (hubspot_admin::*perform)();
};

constexpr action actions[] = {
    {"revoke",
     "Uninstalls the app from an account: its refresh tokens die, with at_once its access tokens "
     "too.",
     R"({"account":"147893286","at_once":true})", &hubspot_admin::revoke},
    {"expire", "Lets the access tokens of an account expire now.", R"({"account":"147893286"})",
     &hubspot_admin::expire},
    {"consent", "Says what the person does at the consent page when it asks nobody.",
     R"({"deny":false,"without":["crm.objects.deals.read"],"account":"147893286"})",
     &hubspot_admin::consent},
    {"remove_portal", "Deletes an account: refreshes answer BAD_HUB.",
     R"({"account":"147893286","gone":true})", &hubspot_admin::remove_portal},
    {"forbid", "Takes the person's permission for an object type, or gives it back.",
     R"({"type":"deals","forbidden":true,"account":"147893286"})", &hubspot_admin::forbid},
    {"limit",
     "Answers 429 for a number of requests or seconds. policy is TEN_SECONDLY_ROLLING, "
     "SECONDLY (searches), DAILY or RATE_LIMITS.",
     R"({"policy":"TEN_SECONDLY_ROLLING","for_seconds":30,"retry_after_seconds":10})",
     &hubspot_admin::limit},
    {"fail", "Arms a fault. kind is answer, limit, html, truncated, slow or drop.",
     R"({"kind":"answer","status":503,"path":"/search","method":"POST","count":3})",
     &hubspot_admin::fail},
    {"clear_faults", "Disarms every fault and limit.", "{}", &hubspot_admin::clear_faults},
    {"create", "Creates a record as a person would.",
     R"({"type":"contacts","properties":{"firstname":"Ada"}})", &hubspot_admin::create},
    {"edit", "Edits a record as a person would; silent leaves last-modified alone.",
     R"({"type":"contacts","id":"713492000001","properties":{"city":"Bonn"},"silent":false})",
     &hubspot_admin::edit},
    {"archive", "Archives a record.", R"({"type":"contacts","id":"713492000001"})",
     &hubspot_admin::archive},
    {"restore", "Restores an archived record.", R"({"type":"contacts","id":"713492000001"})",
     &hubspot_admin::restore},
    {"erase", "Removes a record without a trace (privacy deletion).",
     R"({"type":"contacts","id":"713492000001"})", &hubspot_admin::erase},
    {"token", "Issues tokens of an account that has consented, to all scopes or to those named.",
     R"({"account":"147893286","scopes":["oauth","crm.objects.contacts.read"]})",
     &hubspot_admin::token},
    {"stats",
     "Counts requests, statuses, quota use and how often records were served; records "
     "lists each record, reset starts counting anew afterwards.",
     R"({"records":false,"reset":false})", &hubspot_admin::stats},
};

http_response json_answer(int status, std::string body) {
  return {status, std::move(body), "application/json"};
}

http_response problem(int status, const error& failure) {
  json::writer out;
  out.begin_object().key("error").value(failure.line()).end_object();
  return json_answer(status, out.take());
}

std::string describe() {
  json::writer out;
  out.begin_object().key("provider").value("hubspot").key("actions").begin_object();
  for (const auto& one : actions) {
    out.key(one.name).begin_object().key("does").value(one.does);
    out.key("example").raw(one.body).end_object();
  }
  out.end_object().end_object();
  return out.take();
}

std::string names_of_actions() {
  std::string names;
  for (const auto& one : actions)
    names.append(names.empty() ? "" : ", ").append(one.name);
  return names;
}

} // namespace

http_response hubspot_simulator::admin(std::string_view name, const std::string& body,
                                       wall_time now) {
  if (name.empty())
    return json_answer(200, describe());
  const auto* found = std::ranges::find(actions, name, &action::name);
  if (found == std::end(actions))
    return problem(404, wrong("there is no such action", "actions are " + names_of_actions()));
  const auto read
      = json::parse_value(body.empty() ? std::string_view{"{}"} : std::string_view{body});
  if (!read || !read->is_object())
    return problem(
        400, wrong("the body is not a JSON object", "send one like " + std::string{found->body}));
  hubspot_admin call{*this, *read, now};
  auto done = (call.*found->perform)();
  return done ? json_answer(200, *std::move(done)) : problem(400, done.failure());
}

result<size_t> hubspot_admin::account() const {
  const auto* wanted = body.find("account");
  if (!wanted)
    return size_t{0};
  if (const auto found = at.oauth_.find_account(wanted->text))
    return *found;
  std::string known;
  for (const auto& one : at.portals_)
    known.append(known.empty() ? "" : ", ").append(std::to_string(one.hub_id));
  return wrong("there is no such account", "accounts are " + known);
}

result<portal_stream*> hubspot_admin::stream() const {
  const auto* type = find_schema(body.string_or_empty("type"));
  if (!type)
    return wrong("\"type\" is missing or unknown", "use contacts, companies or deals");
  auto which = account();
  if (!which)
    return std::move(which).failure();
  return &at.portals_[*which].stream(*type);
}

result<hubspot_admin::target> hubspot_admin::record(bool archived) const {
  auto held = stream();
  if (!held)
    return std::move(held).failure();
  auto found = find_record((*held)->store, body.string_or_empty("id"),
                           body.string_or_empty("idProperty"), archived);
  if (std::holds_alternative<api_error>(found))
    return wrong("no such record", archived ? "\"id\" must be that of an archived record"
                                            : "\"id\" must be that of a live record");
  return target{*held, std::get<object_ptr>(std::move(found))};
}

result<property_values> hubspot_admin::properties(const schema& type) const {
  auto read = read_properties(type, body.find("properties"));
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

outcome hubspot_admin::revoke() {
  auto which = account();
  if (!which)
    return std::move(which).failure();
  const auto* at_once = body.find("at_once");
  at.oauth_.grants().revoke_account(*which, !at_once || at_once->truth);
  return std::string{"{}"};
}

outcome hubspot_admin::expire() {
  auto which = account();
  if (!which)
    return std::move(which).failure();
  at.oauth_.grants().expire_access(*which, now);
  return std::string{"{}"};
}

outcome hubspot_admin::consent() {
  auto which = account();
  if (!which)
    return std::move(which).failure();
  at.oauth_.choice
      = {is_true("deny"), read_texts(body.find("without")), at.oauth_.accounts()[*which].id};
  return std::string{"{}"};
}

outcome hubspot_admin::remove_portal() {
  auto which = account();
  if (!which)
    return std::move(which).failure();
  const auto* gone = body.find("gone");
  at.portals_[*which].gone = !gone || gone->truth;
  return std::string{"{}"};
}

outcome hubspot_admin::forbid() {
  auto which = account();
  const auto* type = find_schema(body.string_or_empty("type"));
  if (!which)
    return std::move(which).failure();
  if (!type)
    return wrong("\"type\" is missing or unknown", "use contacts, companies or deals");
  auto& forbidden = at.portals_[*which].forbidden;
  const auto* on = body.find("forbidden");
  if (!on || on->truth)
    forbidden.insert(type->name);
  else
    forbidden.erase(type->name);
  return std::string{"{}"};
}

outcome hubspot_admin::limit() {
  auto read = read_fault(body, now);
  if (!read)
    return std::move(read).failure();
  read->kind = fault_kind::limit;
  if (read->path.empty())
    read->path = read->policy == "SECONDLY" ? "/search" : "/crm/";
  at.faults_.arm(*std::move(read));
  return std::string{"{}"};
}

outcome hubspot_admin::fail() {
  auto read = read_fault(body, now);
  if (!read)
    return std::move(read).failure();
  at.faults_.arm(*std::move(read));
  return std::string{"{}"};
}

outcome hubspot_admin::clear_faults() {
  at.faults_.clear();
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
  return shown(**held, *(*held)->store.create(*values, now, "CRM_UI"));
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
               *store.update(found->state->id, *values, now, "CRM_UI", is_true("silent")));
}

outcome hubspot_admin::archive() {
  auto found = record(false);
  if (!found)
    return std::move(found).failure();
  found->stream->store.archive(found->state->id, now);
  return shown(*found->stream, *found->stream->store.find(found->state->id));
}

outcome hubspot_admin::restore() {
  auto found = record(true);
  if (!found)
    return std::move(found).failure();
  found->stream->store.restore(found->state->id, now);
  return shown(*found->stream, *found->stream->store.find(found->state->id));
}

outcome hubspot_admin::erase() {
  auto found = record(false);
  if (!found)
    found = record(true);
  if (!found)
    return std::move(found).failure();
  found->stream->store.erase(found->state->id, now);
  return std::string{"{}"};
}

outcome hubspot_admin::token() {
  auto which = account();
  if (!which)
    return std::move(which).failure();
  const auto issued = at.issue_tokens(now, *which, read_texts(body.find("scopes")));
  json::writer out;
  out.begin_object().key("access_token").value(issued.access_token);
  out.key("refresh_token").value(issued.refresh_token);
  out.key("account").value(at.oauth_.accounts()[*which].id).end_object();
  return out.take();
}

} // namespace nexte::simulation

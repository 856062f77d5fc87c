// What a person at Pipedrive, or fate, may do while it runs: the actions of `admin`.
#include "protocol/pipedrive/simulator.hpp"
#include "protocol/simulation/admin.hpp"

namespace nexte::simulation {

using namespace pipedrive;

/// One call of an action, and the actions that only Pipedrive has.
class pipedrive_admin : public admin_call {
public:
  pipedrive_admin(pipedrive_simulator& simulator, const json::value& content, wall_time time)
      : admin_call(simulator.oauth_, simulator.faults_, content, time), at_(simulator) {}

  outcome create();
  outcome edit();
  outcome remove();
  outcome restore();
  outcome erase();
  outcome limit();
  outcome budget();
  outcome suspend();
  outcome cap();
  outcome rename();
  outcome expire_cursors();
  outcome token_of_company();
  outcome stats();

private:
  result<record_store*> store() const;
  struct target {
    record_store* held = nullptr;
    int64_t id = 0;
    bool deleted = false;
  };
  result<target> record() const;
  result<written_record> values(const schema& type) const;
  static std::string shown(const record_store& held, const kept_record& record);
  void write_quota(json::writer& out);
  void write_served(json::writer& out);

  pipedrive_simulator& at_;
};

namespace {

using outcome = pipedrive_admin::outcome;
using action = admin_action<pipedrive_admin>;

constexpr action actions[] = {
    {{"revoke", "Uninstalls the app from a company; at_once ends its access tokens too.",
      R"({"account":"7412903","at_once":true})"},
     &pipedrive_admin::revoke},
    {{"expire", "Lets the access tokens of a company expire now.", R"({"account":"7412903"})"},
     &pipedrive_admin::expire},
    {{"consent", "Says what the person does at the consent page when it asks nobody.",
      R"({"deny":false,"without":["deals:full"],"account":"7412903"})"},
     &pipedrive_admin::consent},
    {{"token", "Issues tokens of a company that has consented, and tells its api_domain.",
      R"({"account":"7412903","scopes":["base","deals:read"]})"},
     &pipedrive_admin::token_of_company},
    {{"limit", "Answers 429. policy is BURST, SEARCH, DAILY_TOKENS, or CLOUDFLARE (a 403 page).",
      R"({"policy":"BURST","for_seconds":30,"retry_after_seconds":10})"},
     &pipedrive_admin::limit},
    {{"budget", "Another app spends all but so many tokens of the company's day.",
      R"({"account":"7412903","remaining":100})"},
     &pipedrive_admin::budget},
    {{"suspend", "The company stops paying: every call answers 402. Or pays again.",
      R"({"account":"7412903","unpaid":true})"},
     &pipedrive_admin::suspend},
    {{"cap", "The plan lets nobody add to a kind any more, or again.",
      R"({"type":"deals","capped":true,"account":"7412903"})"},
     &pipedrive_admin::cap},
    {{"rename", "The company changes its domain; tokens tell at the next refresh.",
      R"({"account":"7412903","domain":"north-and-sons"})"},
     &pipedrive_admin::rename},
    {{"expire_cursors", "Cursors given out so far are refused.", R"({"account":"7412903"})"},
     &pipedrive_admin::expire_cursors},
    {{"fail", "Arms a fault. kind is answer, limit, html, truncated, slow or drop.",
      R"({"kind":"answer","status":503,"path":"/deals","method":"GET","count":3})"},
     &pipedrive_admin::fail},
    {{"clear_faults", "Disarms every fault and limit.", "{}"}, &pipedrive_admin::clear_faults},
    {{"create", "Creates a record as a person would.",
      R"({"type":"persons","fields":{"name":"Ada Byron"}})"},
     &pipedrive_admin::create},
    {{"edit", "Edits a record as a person would; archives a deal by is_archived.",
      R"({"type":"deals","id":1,"fields":{"title":"Bigger","is_archived":false}})"},
     &pipedrive_admin::edit},
    {{"delete", "Deletes a record; it is purged after 30 days.", R"({"type":"persons","id":1})"},
     &pipedrive_admin::remove},
    {{"restore", "Brings a deleted record back.", R"({"type":"persons","id":1})"},
     &pipedrive_admin::restore},
    {{"erase", "Removes a record without a trace.", R"({"type":"persons","id":1})"},
     &pipedrive_admin::erase},
    {{"stats",
      "Counts requests, statuses, quota use and how often records were served; reset "
      "starts counting anew afterwards.",
      R"({"reset":false})"},
     &pipedrive_admin::stats},
};

} // namespace

http_response pipedrive_simulator::admin(std::string_view name, const std::string& body,
                                         wall_time now) {
  return administer<pipedrive_admin>(provider(), actions, name, body, [&](const json::value& read) {
    return pipedrive_admin{*this, read, now};
  });
}

result<record_store*> pipedrive_admin::store() const {
  const auto* type = find_schema(body_.string_or_empty("type"));
  if (!type)
    return wrong("\"type\" is missing or unknown", "use persons, organizations or deals");
  auto which = account();
  if (!which)
    return std::move(which).failure();
  return &at_.companies_[*which].records(*type);
}

result<pipedrive_admin::target> pipedrive_admin::record() const {
  auto held = store();
  if (!held)
    return std::move(held).failure();
  const auto* named = body_.find("id");
  const auto id = named ? named->as_int() : std::nullopt;
  const auto* found = id ? (*held)->find(*id, now_) : nullptr;
  if (!found)
    return wrong("no such record", "\"id\" must be that of a record that is not purged");
  return target{*held, *id, found->deleted_at.has_value()};
}

result<written_record> pipedrive_admin::values(const schema& type) const {
  const auto* fields = body_.find("fields");
  if (!fields || !fields->is_object())
    return wrong("\"fields\" is missing", "give an object of fields");
  auto read = read_body(type, *fields);
  if (auto* problem = std::get_if<field_problem>(&read))
    return wrong(std::move(problem->message), "");
  return std::get<written_record>(std::move(read));
}

std::string pipedrive_admin::shown(const record_store& held, const kept_record& record) {
  json::writer out;
  write_record(out, held.type(), record);
  return out.take();
}

outcome pipedrive_admin::create() {
  auto held = store();
  if (!held)
    return std::move(held).failure();
  auto written = values((*held)->type());
  if (!written)
    return std::move(written).failure();
  return shown(**held, (*held)->create(*written, now_));
}

outcome pipedrive_admin::edit() {
  auto found = record();
  if (!found)
    return std::move(found).failure();
  auto written = values(found->held->type());
  if (!written)
    return std::move(written).failure();
  return shown(*found->held, found->held->update(found->id, *written, now_));
}

outcome pipedrive_admin::remove() {
  auto found = record();
  if (!found)
    return std::move(found).failure();
  return shown(*found->held, found->held->remove(found->id, now_));
}

outcome pipedrive_admin::restore() {
  auto found = record();
  if (!found)
    return std::move(found).failure();
  if (!found->deleted)
    return wrong("the record is not deleted", "restore one that is");
  return shown(*found->held, found->held->restore(found->id, now_));
}

outcome pipedrive_admin::erase() {
  auto found = record();
  if (!found)
    return std::move(found).failure();
  found->held->erase(found->id);
  return std::string{"{}"};
}

outcome pipedrive_admin::limit() {
  auto read = read_fault(body_, now_);
  if (!read)
    return std::move(read).failure();
  read->kind = fault_kind::limit;
  if (read->path.empty())
    read->path = read->policy == "SEARCH" ? "/search" : "/api/";
  faults_.arm(*std::move(read));
  return std::string{"{}"};
}

outcome pipedrive_admin::budget() {
  auto which = account();
  if (!which)
    return std::move(which).failure();
  const auto* left = body_.find("remaining");
  const auto tokens = left ? left->as_int() : std::nullopt;
  if (!tokens || *tokens < 0)
    return wrong("\"remaining\" is missing", "give a number of tokens, 0 or more");
  at_.companies_[*which].budget.leave(static_cast<unsigned>(*tokens), now_);
  return std::string{"{}"};
}

outcome pipedrive_admin::suspend() {
  auto which = account();
  if (!which)
    return std::move(which).failure();
  at_.companies_[*which].unpaid = is_not_false("unpaid");
  return std::string{"{}"};
}

outcome pipedrive_admin::cap() {
  auto held = store();
  if (!held)
    return std::move(held).failure();
  auto& capped = at_.companies_[*account()].capped;
  if (is_not_false("capped"))
    capped.insert((*held)->type().name);
  else
    capped.erase((*held)->type().name);
  return std::string{"{}"};
}

outcome pipedrive_admin::rename() {
  auto which = account();
  if (!which)
    return std::move(which).failure();
  const auto domain = body_.string_or_empty("domain");
  const auto fits
      = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  if (domain.empty() || !std::ranges::all_of(domain, fits))
    return wrong("\"domain\" is missing or no host label", "use small letters, digits, hyphens");
  at_.companies_[*which].domain = domain;
  return std::string{"{}"};
}

outcome pipedrive_admin::expire_cursors() {
  auto which = account();
  if (!which)
    return std::move(which).failure();
  ++at_.companies_[*which].cursor_epoch;
  return std::string{"{}"};
}

outcome pipedrive_admin::token_of_company() {
  auto issued = token();
  if (!issued)
    return issued;
  issued->pop_back();
  return *issued + ",\"api_domain\":" + json::quoted(at_.api_domain(*account())) + "}";
}

void pipedrive_admin::write_quota(json::writer& out) {
  out.begin_object();
  write_rules(out, at_.quota_);
  out.key("DAILY_TOKENS").begin_object(); // what is left of the day
  for (auto& company : at_.companies_)
    out.key(std::to_string(company.id)).value(company.budget.remaining(now_));
  out.end_object().end_object();
}

void pipedrive_admin::write_served(json::writer& out) {
  out.begin_object();
  for (auto& company : at_.companies_) {
    out.key(std::to_string(company.id)).begin_object();
    for (const auto& type : schemas()) {
      const auto& held = company.records(type);
      uint64_t live = 0;
      held.each([&](const kept_record& r) { live += !r.deleted_at && !r.archived_at; });
      out.key(type.name);
      begin_served(out, live, held.served);
      out.end_object();
    }
    out.end_object();
  }
  out.end_object();
}

outcome pipedrive_admin::stats() {
  json::writer out;
  out.begin_object();
  write_traffic(out, at_.traffic_);
  out.key("quota");
  write_quota(out);
  out.key("faults_armed").value(static_cast<uint64_t>(faults_.armed())).key("served");
  write_served(out);
  out.end_object();
  if (is_true("reset")) {
    at_.traffic_ = {};
    at_.quota_.reset_reports();
    for (auto& company : at_.companies_)
      for (const auto& type : schemas())
        company.records(type).served.clear();
  }
  return out.take();
}

} // namespace nexte::simulation

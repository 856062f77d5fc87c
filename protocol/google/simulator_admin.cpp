// What a person at Google, an administrator or fate may do while it runs: the actions of `admin`.
#include "protocol/google/simulator.hpp"
#include "protocol/simulation/admin.hpp"

namespace nexte::simulation {

using namespace google;

/// One call of an action, and the actions that only Google has.
class google_admin : public admin_call {
public:
  google_admin(google_simulator& simulator, const json::value& content, wall_time time)
      : admin_call(simulator.oauth_, simulator.faults_, content, time), at_(simulator) {}

  outcome create();
  outcome edit();
  outcome remove();
  outcome restore();
  outcome erase();
  outcome label();
  outcome limit();
  outcome testing();
  outcome refuse_refresh();
  outcome block();
  outcome expire_cursors();
  outcome forget_history();
  outcome forget_tokens();
  outcome select();
  outcome stats();

private:
  result<record_store*> store() const;
  struct target {
    record_store* held = nullptr;
    std::string id;
  };
  result<target> record() const;
  result<google::account*> whose() const;
  outcome done(const target& changed) const;
  void write_served(json::writer& out);

  google_simulator& at_;
};

namespace {

using outcome = google_admin::outcome;
using action = admin_action<google_admin>;

constexpr action actions[] = {
    {{"revoke", "The person takes the app's access away; at_once ends its access tokens too.",
      R"({"account":"110248495921238986042","at_once":true})"},
     &google_admin::revoke},
    {{"expire", "Lets the access tokens of an account expire now.",
      R"({"account":"110248495921238986042"})"},
     &google_admin::expire},
    {{"consent", "Says what the person does at the consent page when it asks nobody.",
      R"({"deny":false,"without":["https://www.googleapis.com/auth/gmail.readonly"]})"},
     &google_admin::consent},
    {{"token", "Issues tokens of an account that has consented.",
      R"({"account":"110248495921238986042","scopes":["openid"]})"},
     &google_admin::token},
    {{"testing", "Puts the app into testing: refresh tokens last 7 days from then on. Or out.",
      R"({"testing":true})"},
     &google_admin::testing},
    {{"refuse_refresh",
      "Refuses every refresh: invalid_rapt, account_deleted, deleted_client, "
      "admin_policy_enforced or access_denied. Empty: none any more.",
      R"({"kind":"invalid_rapt"})"},
     &google_admin::refuse_refresh},
    {{"block",
      "Shows an error of Google's own page in place of the consent: admin_policy_enforced, "
      "org_internal, access_not_configured. Empty: none any more.",
      R"({"error":"admin_policy_enforced"})"},
     &google_admin::block},
    {{"limit",
      "Refuses for quota. policy is rateLimitExceeded, userRateLimitExceeded, dailyLimitExceeded, "
      "quotaExceeded (403) or concurrent (429).",
      R"({"policy":"userRateLimitExceeded","for_seconds":30})"},
     &google_admin::limit},
    {{"expire_cursors", "Page tokens given out so far are refused.", "{}"},
     &google_admin::expire_cursors},
    {{"forget_history", "Gmail's history so far is gone.", "{}"}, &google_admin::forget_history},
    {{"forget_tokens", "Calendar's sync tokens given out so far are refused (410).", "{}"},
     &google_admin::forget_tokens},
    {{"select", "The person selects a calendar to be shown, or no longer.",
      R"({"calendar":"en.swiss#holiday@group.v.calendar.google.com","selected":true})"},
     &google_admin::select},
    {{"fail", "Arms a fault. kind is answer, limit, html, truncated, slow or drop.",
      R"({"kind":"answer","status":503,"path":"/messages","method":"GET","count":3})"},
     &google_admin::fail},
    {{"clear_faults", "Disarms every fault and limit.", "{}"}, &google_admin::clear_faults},
    {{"create", "A message arrives, a person makes an event or a file.",
      R"({"type":"gmail_messages","text":"Lunch?"})"},
     &google_admin::create},
    {{"edit",
      "Changes a record as a person would: a star on a message or off, an event's title, a file's "
      "name.",
      R"({"type":"gmail_messages","id":"18c2f0a1b2c001f3"})"},
     &google_admin::edit},
    {{"label", "Puts labels on a message, and takes labels off.",
      R"({"id":"18c2f0a1b2c001f3","add":["IMPORTANT"],"remove":["UNREAD"]})"},
     &google_admin::label},
    {{"delete", "Puts a message or file into the bin, cancels an event.",
      R"({"type":"gmail_messages","id":"18c2f0a1b2c001f3"})"},
     &google_admin::remove},
    {{"restore", "Takes a record out of the bin or of spam; an event takes place after all.",
      R"({"type":"gmail_messages","id":"18c2f0a1b2c001f3"})"},
     &google_admin::restore},
    {{"erase", "Deletes a message for ever; a file is no longer shared with this account.",
      R"({"type":"gmail_messages","id":"18c2f0a1b2c001f3"})"},
     &google_admin::erase},
    {{"stats",
      "Counts requests, statuses, quota use and how often records were served; reset starts "
      "counting anew afterwards.",
      R"({"reset":false})"},
     &google_admin::stats},
};

} // namespace

http_response google_simulator::admin(std::string_view name, const std::string& body,
                                      wall_time now) {
  return administer<google_admin>(provider(), actions, name, body, [&](const json::value& read) {
    return google_admin{*this, read, now};
  });
}

result<google::account*> google_admin::whose() const {
  auto which = account();
  if (!which)
    return std::move(which).failure();
  return &at_.accounts_[*which];
}

result<record_store*> google_admin::store() const {
  auto who = whose();
  if (!who)
    return std::move(who).failure();
  if (auto* held = (*who)->store(body_.string_or_empty("type")))
    return held;
  std::string known;
  for (const auto name : stream_names())
    known.append(known.empty() ? "" : " or ").append(name);
  return wrong("\"type\" is missing or unknown", "use " + known);
}

result<google_admin::target> google_admin::record() const {
  auto held = store();
  if (!held)
    return std::move(held).failure();
  std::string id{body_.string_or_empty("id")};
  if (!(*held)->holds(id))
    return wrong("no such record", "\"id\" must be that of a record that was not deleted for ever");
  return target{*held, std::move(id)};
}

outcome google_admin::done(const target& changed) const {
  json::writer out;
  out.begin_object().key("id").value(changed.id).end_object();
  return out.take();
}

outcome google_admin::create() {
  auto held = store();
  if (!held)
    return std::move(held).failure();
  return done({*held, (*held)->create(body_.string_or_empty("text"), now_)});
}

outcome google_admin::edit() {
  auto found = record();
  if (!found)
    return std::move(found).failure();
  found->held->edit(found->id, body_.string_or_empty("text"), now_);
  return done(*found);
}

outcome google_admin::remove() {
  auto found = record();
  if (!found)
    return std::move(found).failure();
  found->held->remove(found->id, now_);
  return done(*found);
}

outcome google_admin::restore() {
  auto found = record();
  if (!found)
    return std::move(found).failure();
  found->held->restore(found->id, now_);
  return done(*found);
}

outcome google_admin::erase() {
  auto found = record();
  if (!found)
    return std::move(found).failure();
  found->held->erase(found->id, now_);
  return done(*found);
}

outcome google_admin::label() {
  auto who = whose();
  if (!who)
    return std::move(who).failure();
  const std::string id{body_.string_or_empty("id")};
  auto& mail = (*who)->mail();
  if (!mail.find(id))
    return wrong("no such message", "\"id\" must be that of a message");
  mail.change_labels(id, json::texts_of(body_.find("add")), json::texts_of(body_.find("remove")),
                     now_);
  return done({&mail, id});
}

outcome google_admin::limit() {
  auto read = read_fault(body_, now_);
  if (!read)
    return std::move(read).failure();
  read->kind = fault_kind::limit;
  if (read->path.empty())
    read->path = "/v"; // the APIs, not the sign-in
  faults_.arm(*std::move(read));
  return std::string{"{}"};
}

outcome google_admin::testing() {
  at_.testing_ = is_not_false("testing");
  return std::string{"{}"};
}

outcome google_admin::refuse_refresh() {
  constexpr std::string_view kinds[] = {"",
                                        "invalid_rapt",
                                        "account_deleted",
                                        "deleted_client",
                                        "admin_policy_enforced",
                                        "access_denied"};
  const auto kind = body_.string_or_empty("kind");
  if (std::ranges::find(kinds, kind) == std::end(kinds))
    return wrong("\"kind\" is unknown", "use one that the description names, or none");
  at_.refused_with_ = kind;
  return std::string{"{}"};
}

outcome google_admin::block() {
  at_.blocked_with_ = body_.string_or_empty("error");
  return std::string{"{}"};
}

outcome google_admin::expire_cursors() {
  auto who = whose();
  if (!who)
    return std::move(who).failure();
  ++(*who)->mail().cursor_epoch;
  ++(*who)->events().cursor_epoch;
  ++(*who)->drive().cursor_epoch;
  return std::string{"{}"};
}

outcome google_admin::forget_history() {
  auto who = whose();
  if (!who)
    return std::move(who).failure();
  (*who)->mail().forget_history();
  return std::string{"{}"};
}

outcome google_admin::forget_tokens() {
  auto who = whose();
  if (!who)
    return std::move(who).failure();
  for (auto& one : (*who)->events().list())
    ++one.token_epoch;
  return std::string{"{}"};
}

outcome google_admin::select() {
  auto who = whose();
  if (!who)
    return std::move(who).failure();
  auto* found = (*who)->events().find(body_.string_or_empty("calendar"));
  if (!found)
    return wrong("no such calendar", "\"calendar\" must be the id of one");
  found->selected = is_not_false("selected");
  return std::string{"{}"};
}

void google_admin::write_served(json::writer& out) {
  out.begin_object();
  for (auto& who : at_.accounts_) {
    out.key(who.id).begin_object();
    for (const auto name : stream_names()) {
      const auto& held = *who.store(name);
      const auto all = held.all();
      out.key(name);
      begin_served(out, static_cast<uint64_t>(std::ranges::count(all, false, &seen_record::gone)),
                   held.served);
      out.end_object();
    }
    out.end_object();
  }
  out.end_object();
}

outcome google_admin::stats() {
  json::writer out;
  out.begin_object();
  write_traffic(out, at_.traffic_);
  out.key("quota").begin_object();
  write_rules(out, at_.quota_);
  out.end_object();
  out.key("faults_armed").value(static_cast<uint64_t>(faults_.armed())).key("served");
  write_served(out);
  out.end_object();
  if (is_true("reset")) {
    at_.traffic_ = {};
    at_.quota_.reset_reports();
    for (auto& who : at_.accounts_)
      for (const auto name : stream_names())
        who.store(name)->served.clear();
  }
  return out.take();
}

} // namespace nexte::simulation

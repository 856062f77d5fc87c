// What a person at Notion, or fate, may do while it runs: the actions of `admin`.
#include "protocol/notion/simulator.hpp"
#include "protocol/notion/simulator_render.hpp"
#include "protocol/simulation/admin.hpp"

namespace nexte::simulation {

using namespace notion;

/// One call of an action, and the actions that only Notion has.
class notion_admin : public admin_call {
public:
  notion_admin(notion_simulator& simulator, const json::value& content, wall_time time)
      : admin_call(simulator.oauth_, simulator.faults_, content, time), at_(simulator) {}

  outcome create();
  outcome edit();
  outcome trash();
  outcome archive();
  outcome share();
  outcome move();
  outcome purge();
  outcome restrict();
  outcome limit();
  outcome expire_cursors();
  outcome stats();

private:
  struct target {
    workspace* at = nullptr;
    std::string id;
  };
  result<workspace*> space() const;
  result<target> page(std::string_view member = "id") const;
  page_changes changes() const;
  static std::string shown(const workspace& at, const page_state& page);
  void write_served(json::writer& out);

  notion_simulator& at_;
};

namespace {

using outcome = notion_admin::outcome;
using action = admin_action<notion_admin>;

constexpr action actions[] = {
    {{"revoke", "Removes the connection from a workspace; at_once ends its access tokens too.",
      R"({"account":"<bot id>","at_once":true})"},
     &notion_admin::revoke},
    {{"expire", "Lets the access tokens of a connection expire now.", R"({"account":"<bot id>"})"},
     &notion_admin::expire},
    {{"consent", "Says what the person does at the consent page when it asks nobody.",
      R"({"deny":false,"account":"<bot id>"})"},
     &notion_admin::consent},
    {{"token", "Issues tokens of a connection that has consented.", R"({"account":"<bot id>"})"},
     &notion_admin::token},
    {{"limit",
      "Answers 429. policy is public_api_request_rate_limit, "
      "public_api_space_request_rate_limit, public_api_request_blocked or another reason, or "
      "service_overload (529).",
      R"({"policy":"public_api_request_rate_limit","for_seconds":30,"retry_after_seconds":10})"},
     &notion_admin::limit},
    {{"restrict", "Takes a capability from the integration (read, update, insert), or gives it.",
      R"({"capability":"read","restricted":true})"},
     &notion_admin::restrict},
    {{"expire_cursors", "Cursors given out so far are refused.", R"({"account":"<bot id>"})"},
     &notion_admin::expire_cursors},
    {{"fail", "Arms a fault. kind is answer, limit, html, truncated, slow or drop.",
      R"({"kind":"answer","status":503,"path":"/search","method":"POST","count":3})"},
     &notion_admin::fail},
    {{"clear_faults", "Disarms every fault and limit.", "{}"}, &notion_admin::clear_faults},
    {{"create",
      "Creates a page as a person would: in a data source, below a page, or in the workspace.",
      R"({"title":"Plan","data_source":"<id>","page":"<id>"})"},
     &notion_admin::create},
    {{"edit", "Edits a page as a person would; note, amount and stage are those of rows.",
      R"({"id":"<page id>","title":"Bigger","note":"","amount":"12","stage":"Won"})"},
     &notion_admin::edit},
    {{"trash", "Moves a page to the trash with those below it, or takes it out.",
      R"({"id":"<page id>","in_trash":true})"},
     &notion_admin::trash},
    {{"archive", "Archives a page, or takes it back.", R"({"id":"<page id>","archived":true})"},
     &notion_admin::archive},
    {{"share", "Shows a page and those below to the connection, or no longer.",
      R"({"id":"<page id>","shared":false})"},
     &notion_admin::share},
    {{"move", "Moves a page below another one.", R"({"id":"<page id>","page":"<page id>"})"},
     &notion_admin::move},
    {{"purge", "Deletes a page for good, with those below.", R"({"id":"<page id>"})"},
     &notion_admin::purge},
    {{"stats",
      "Counts requests, statuses, quota use and how often pages were served; reset starts "
      "counting anew afterwards.",
      R"({"reset":false})"},
     &notion_admin::stats},
};

std::optional<std::string> text_of(const json::value& body, std::string_view name) {
  const auto* member = body.find(name);
  return member ? std::optional{member->text} : std::nullopt;
}

} // namespace

http_response notion_simulator::admin(std::string_view name, const std::string& body,
                                      wall_time now) {
  return administer<notion_admin>(provider(), actions, name, body, [&](const json::value& read) {
    return notion_admin{*this, read, now};
  });
}

result<workspace*> notion_admin::space() const {
  auto which = account();
  if (!which)
    return std::move(which).failure();
  return &at_.workspaces_[*which];
}

result<notion_admin::target> notion_admin::page(std::string_view member) const {
  auto at = space();
  if (!at)
    return std::move(at).failure();
  const auto* found = (*at)->find(body_.string_or_empty(member));
  if (!found)
    return wrong("no such page", "\"" + std::string{member} + "\" must be the id of a page");
  return target{*at, found->id};
}

page_changes notion_admin::changes() const {
  page_changes made;
  made.title = text_of(body_, "title");
  made.note = text_of(body_, "note");
  made.amount = text_of(body_, "amount");
  made.stage = text_of(body_, "stage");
  return made;
}

std::string notion_admin::shown(const workspace& at, const page_state& page) {
  json::writer out;
  begin_page(out, at, page, "2026-03-11");
  return out.end_object().take();
}

outcome notion_admin::create() {
  auto at = space();
  if (!at)
    return std::move(at).failure();
  if (const auto* source = body_.find("data_source")) {
    if (!(*at)->find_source(source->text))
      return wrong("no such data source", "give the id of one, or none");
    return shown(**at, (*at)->create(parent_kind::data_source, source->text, changes(),
                                     (*at)->owner_id, now_));
  }
  if (!body_.find("page"))
    return shown(**at, (*at)->create(parent_kind::workspace, {}, changes(), (*at)->owner_id, now_));
  auto above = page("page");
  if (!above)
    return std::move(above).failure();
  return shown(**at, (*at)->create(parent_kind::page, above->id, changes(), (*at)->owner_id, now_));
}

outcome notion_admin::edit() {
  auto found = page();
  if (!found)
    return std::move(found).failure();
  return shown(*found->at, found->at->change(found->id, changes(), found->at->owner_id, now_));
}

outcome notion_admin::trash() {
  auto found = page();
  if (!found)
    return std::move(found).failure();
  page_changes made;
  made.in_trash = is_not_false("in_trash");
  return shown(*found->at, found->at->change(found->id, made, found->at->owner_id, now_));
}

outcome notion_admin::archive() {
  auto found = page();
  if (!found)
    return std::move(found).failure();
  page_changes made;
  made.archived = is_not_false("archived");
  return shown(*found->at, found->at->change(found->id, made, found->at->owner_id, now_));
}

outcome notion_admin::share() {
  auto found = page();
  if (!found)
    return std::move(found).failure();
  found->at->share(found->id, is_not_false("shared"), now_);
  return std::string{"{}"};
}

outcome notion_admin::move() {
  auto found = page();
  if (!found)
    return std::move(found).failure();
  auto above = page("page");
  if (!above)
    return std::move(above).failure();
  if (found->at->is_below(above->id, found->id))
    return wrong("a page cannot be moved below itself", "name another \"page\"");
  found->at->move(found->id, above->id, now_);
  return shown(*found->at, *found->at->find(found->id));
}

outcome notion_admin::purge() {
  auto found = page();
  if (!found)
    return std::move(found).failure();
  found->at->purge(found->id);
  return std::string{"{}"};
}

outcome notion_admin::restrict() {
  const auto capability = body_.string_or_empty("capability");
  if (capability != "read" && capability != "update" && capability != "insert")
    return wrong("\"capability\" is missing or unknown", "use read, update or insert");
  if (is_not_false("restricted"))
    at_.capabilities_.erase(std::string{capability});
  else
    at_.capabilities_.emplace(capability);
  return std::string{"{}"};
}

outcome notion_admin::limit() {
  auto read = read_fault(body_, now_);
  if (!read)
    return std::move(read).failure();
  read->kind = fault_kind::limit;
  if (read->path.empty())
    read->path = "/v1/";
  faults_.arm(*std::move(read));
  return std::string{"{}"};
}

outcome notion_admin::expire_cursors() {
  auto at = space();
  if (!at)
    return std::move(at).failure();
  ++(*at)->cursor_epoch;
  return std::string{"{}"};
}

void notion_admin::write_served(json::writer& out) {
  out.begin_object();
  for (const auto& one : at_.workspaces_) {
    uint64_t live = 0;
    one.each(now_, [&](const page_state& page) {
      live += page.shared && !page.in_trash() && !page.archived;
    });
    out.key(one.bot_id).begin_object().key("pages");
    begin_served(out, live, one.served);
    out.end_object().end_object();
  }
  out.end_object();
}

outcome notion_admin::stats() {
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
    for (auto& one : at_.workspaces_)
      one.served.clear();
  }
  return out.take();
}

} // namespace nexte::simulation

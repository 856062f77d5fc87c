// What a person at Microsoft 365, an administrator, or fate may do while it runs: the actions of
// `admin`.
#include "protocol/microsoft/simulator.hpp"
#include "protocol/simulation/admin.hpp"

namespace nexte::simulation {

using namespace microsoft;

/// One call of an action, and the actions that only Microsoft 365 has.
class microsoft_admin : public admin_call {
public:
  microsoft_admin(microsoft_simulator& simulator, const json::value& content, wall_time time)
      : admin_call(simulator.oauth_, simulator.faults_, content, time), at_(simulator) {}

  outcome create();
  outcome edit();
  outcome remove();
  outcome restore();
  outcome move();
  outcome create_folder();
  outcome delete_folder();
  outcome limit();
  outcome expire_links();
  outcome challenge();
  outcome sign_in_policy();
  outcome unlicense();
  outcome stats();

private:
  result<mailbox*> box() const;
  struct target {
    mailbox* in = nullptr;
    uint64_t number = 0;
    bool gone = false;
  };
  result<target> item() const;
  result<uint64_t> folder(const mailbox& in, std::string_view member) const;
  result<named_values> values() const;
  outcome shown(const mailbox& in, uint64_t number) const;

  microsoft_simulator& at_;
};

namespace {

using outcome = microsoft_admin::outcome;
using action = admin_action<microsoft_admin>;

constexpr action actions[] = {
    {{"revoke", "Ends every grant of an account; at_once ends its access tokens too.",
      R"({"at_once":true})"},
     &microsoft_admin::revoke},
    {{"expire", "Lets the access tokens of an account expire now.", "{}"},
     &microsoft_admin::expire},
    {{"consent", "Says what the person does at the consent page when it asks nobody.",
      R"({"deny":false,"without":["Mail.Read"]})"},
     &microsoft_admin::consent},
    {{"token", "Issues tokens of an account that has consented.",
      R"({"scopes":["User.Read","Contacts.Read"]})"},
     &microsoft_admin::token},
    {{"limit", "Answers 429.", R"({"for_seconds":30,"retry_after_seconds":10})"},
     &microsoft_admin::limit},
    {{"challenge", "Conditional Access: ended tokens get a claims challenge until a refresh.",
      "{}"},
     &microsoft_admin::challenge},
    {{"sign_in_policy", "Entra refuses every refresh by this AADSTS number; 0: no longer.",
      R"({"aadsts":53003})"},
     &microsoft_admin::sign_in_policy},
    {{"unlicense", "The account loses its mailbox, or gets it back.", R"({"has_mailbox":false})"},
     &microsoft_admin::unlicense},
    {{"expire_links", "Links of deltas given out so far are refused.", "{}"},
     &microsoft_admin::expire_links},
    {{"fail", "Arms a fault. kind is answer, limit, html, truncated, slow or drop.",
      R"({"kind":"answer","status":503,"path":"/contacts","method":"GET","count":3})"},
     &microsoft_admin::fail},
    {{"clear_faults", "Disarms every fault and limit.", "{}"}, &microsoft_admin::clear_faults},
    {{"create", "Creates an item as a person would.",
      R"({"type":"contacts","fields":{"displayName":"Ada Byron"},"folder":"inbox"})"},
     &microsoft_admin::create},
    {{"edit", "Edits an item as a person would.",
      R"({"type":"contacts","id":"ID","fields":{"displayName":"Ada"}})"},
     &microsoft_admin::edit},
    {{"delete", "Deletes an item for good.", R"({"type":"contacts","id":"ID"})"},
     &microsoft_admin::remove},
    {{"restore", "Brings a deleted item back.", R"({"type":"contacts","id":"ID"})"},
     &microsoft_admin::restore},
    {{"move", "Moves a message to another folder, by its id or well-known name.",
      R"({"type":"mail_messages","id":"ID","folder":"archive"})"},
     &microsoft_admin::move},
    {{"create_folder", "Creates a mail folder.", R"({"name":"Bids","parent":"inbox"})"},
     &microsoft_admin::create_folder},
    {{"delete_folder", "Deletes a mail folder for good, with its messages.", R"({"folder":"ID"})"},
     &microsoft_admin::delete_folder},
    {{"stats",
      "Counts requests, statuses, quota use and how often items were served; reset starts "
      "counting anew afterwards.",
      R"({"reset":false})"},
     &microsoft_admin::stats},
};

} // namespace

http_response microsoft_simulator::admin(std::string_view name, const std::string& body,
                                         wall_time now) {
  return administer<microsoft_admin>(provider(), actions, name, body, [&](const json::value& read) {
    return microsoft_admin{*this, read, now};
  });
}

result<mailbox*> microsoft_admin::box() const {
  auto which = account();
  if (!which)
    return std::move(which).failure();
  return &at_.mailbox_at(*which, now_);
}

result<microsoft_admin::target> microsoft_admin::item() const {
  auto in = box();
  if (!in)
    return std::move(in).failure();
  const auto kind = find_kind(body_.string_or_empty("type"));
  if (!kind)
    return wrong("\"type\" is missing or unknown",
                 "use contacts, mail_messages or calendar_events");
  const auto* found = (*in)->find(*kind, body_.string_or_empty("id"));
  if (!found)
    return wrong("no such item", "\"id\" must be that of an item of this type");
  return target{*in, found->number, found->gone};
}

result<uint64_t> microsoft_admin::folder(const mailbox& in, std::string_view member) const {
  const auto* found = in.find_folder(body_.string_or_empty(member));
  if (!found)
    return wrong("\"" + std::string{member} + "\" names no folder",
                 "use its id or a well-known name, as inbox");
  return found->number;
}

result<named_values> microsoft_admin::values() const {
  const auto* fields = body_.find("fields");
  if (!fields || !fields->is_object())
    return wrong("\"fields\" is missing", "give an object of fields");
  named_values read;
  for (const auto& [name, value] : fields->members)
    read[name] = json::to_text(value);
  return read;
}

outcome microsoft_admin::shown(const mailbox& in, uint64_t number) const {
  json::writer out;
  write_item(out, *in.find(number), true, false, at_.strict_);
  return out.take();
}

outcome microsoft_admin::create() {
  auto in = box();
  if (!in)
    return std::move(in).failure();
  const auto kind = find_kind(body_.string_or_empty("type"));
  if (!kind)
    return wrong("\"type\" is missing or unknown",
                 "use contacts, mail_messages or calendar_events");
  auto written = values();
  if (!written)
    return std::move(written).failure();
  uint64_t where = 0;
  if (*kind == item_kind::message) {
    auto named = body_.find("folder") ? folder(**in, "folder") : result<uint64_t>{uint64_t{1}};
    if (!named)
      return std::move(named).failure();
    where = *named;
  }
  return shown(**in, (*in)->create(*kind, where, *written, now_).number);
}

outcome microsoft_admin::edit() {
  auto found = item();
  if (!found)
    return std::move(found).failure();
  if (found->gone)
    return wrong("the item is deleted", "restore it first");
  auto written = values();
  if (!written)
    return std::move(written).failure();
  found->in->edit(found->number, *written, now_);
  return shown(*found->in, found->number);
}

outcome microsoft_admin::remove() {
  auto found = item();
  if (!found)
    return std::move(found).failure();
  if (found->gone)
    return wrong("the item is deleted already", "name one that is not");
  found->in->remove(found->number, now_);
  return shown(*found->in, found->number);
}

outcome microsoft_admin::restore() {
  auto found = item();
  if (!found)
    return std::move(found).failure();
  if (!found->gone)
    return wrong("the item is not deleted", "restore one that is");
  found->in->restore(found->number, now_);
  return shown(*found->in, found->number);
}

outcome microsoft_admin::move() {
  auto found = item();
  if (!found)
    return std::move(found).failure();
  if (found->in->find(found->number)->kind != item_kind::message || found->gone)
    return wrong("only a message that is not deleted can be moved", "name one of mail_messages");
  auto where = folder(*found->in, "folder");
  if (!where)
    return std::move(where).failure();
  found->in->move(found->number, *where, now_);
  return shown(*found->in, found->number);
}

outcome microsoft_admin::create_folder() {
  auto in = box();
  if (!in)
    return std::move(in).failure();
  uint64_t parent = 0;
  if (body_.find("parent")) {
    auto named = folder(**in, "parent");
    if (!named)
      return std::move(named).failure();
    parent = *named;
  }
  const auto name = body_.string_or_empty("name");
  if (name.empty())
    return wrong("\"name\" is missing", "give the folder's name");
  json::writer out;
  write_folder(out, **in, *(*in)->find_folder((*in)->create_folder(std::string{name}, parent)));
  return out.take();
}

outcome microsoft_admin::delete_folder() {
  auto in = box();
  if (!in)
    return std::move(in).failure();
  auto named = folder(**in, "folder");
  if (!named)
    return std::move(named).failure();
  (*in)->remove_folder(*named, now_);
  return std::string{"{}"};
}

outcome microsoft_admin::limit() {
  auto read = read_fault(body_, now_);
  if (!read)
    return std::move(read).failure();
  read->kind = fault_kind::limit;
  if (read->path.empty())
    read->path = "/me";
  faults_.arm(*std::move(read));
  return std::string{"{}"};
}

outcome microsoft_admin::expire_links() {
  auto in = box();
  if (!in)
    return std::move(in).failure();
  ++(*in)->link_epoch;
  return std::string{"{}"};
}

outcome microsoft_admin::challenge() {
  auto in = box();
  if (!in)
    return std::move(in).failure();
  (*in)->claims_wanted = true;
  return expire();
}

outcome microsoft_admin::sign_in_policy() {
  auto in = box();
  if (!in)
    return std::move(in).failure();
  const auto* number = body_.find("aadsts");
  const auto read = number ? number->as_int() : std::nullopt;
  if (!read || *read < 0)
    return wrong("\"aadsts\" is missing", "give the number, as 53003, or 0");
  (*in)->refused_by = *read;
  return std::string{"{}"};
}

outcome microsoft_admin::unlicense() {
  auto in = box();
  if (!in)
    return std::move(in).failure();
  (*in)->has_mailbox = is_true("has_mailbox");
  return std::string{"{}"};
}

outcome microsoft_admin::stats() {
  json::writer out;
  out.begin_object();
  write_traffic(out, at_.traffic_);
  out.key("quota").begin_object();
  write_rules(out, at_.quota_);
  out.end_object().key("faults_armed").value(static_cast<uint64_t>(faults_.armed()));
  out.key("served").begin_object();
  for (const auto& in : at_.mailboxes_) {
    out.key(in.id).begin_object();
    for (const auto kind : {item_kind::contact, item_kind::message, item_kind::event}) {
      std::unordered_map<uint64_t, uint32_t> served;
      uint64_t live = 0;
      for (const auto& [number, item] : in.items()) {
        if (item.kind != kind)
          continue;
        live += in.is_shown(item) ? 1 : 0;
        if (const auto times = in.served.find(number); times != in.served.end())
          served.insert(*times);
      }
      out.key(stream_of(kind));
      begin_served(out, live, served);
      out.end_object();
    }
    out.end_object();
  }
  out.end_object().end_object();
  if (is_true("reset")) {
    at_.traffic_ = {};
    at_.quota_.reset_reports();
    for (auto& in : at_.mailboxes_)
      in.served.clear();
  }
  return out.take();
}

} // namespace nexte::simulation

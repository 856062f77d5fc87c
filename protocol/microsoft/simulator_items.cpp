// Items and folders of the simulated mailbox as Graph writes them (microsoft.md §3.1, §4.1, §5).
#include "protocol/core/text.hpp"
#include "protocol/json/reader.hpp"
#include "protocol/microsoft/simulator_mailbox.hpp"
#include "protocol/simulation/data_set.hpp"

#include <algorithm>

namespace nexte::simulation::microsoft {
namespace {

std::string address_of(std::string_view name, std::string_view address) {
  json::writer out;
  out.begin_object().key("emailAddress").begin_object().key("name").value(name);
  out.key("address").value(address).end_object().end_object();
  return out.take();
}

std::string body_of(std::string_view text) {
  json::writer out;
  out.begin_object().key("contentType").value("text").key("content").value(text).end_object();
  return out.take();
}

std::string list_of(const std::string& value) {
  return value.empty() ? "[]" : "[" + value + "]";
}

std::string texts(std::string_view value) {
  return list_of(value.empty() ? std::string{} : json::quoted(value));
}

named_values contact_values(const person& p) {
  const auto full = p.first_name + (p.last_name.empty() ? "" : " " + p.last_name);
  json::writer mail;
  mail.begin_object().key("name").value(full).key("address").value(p.email).end_object();
  return {{"displayName", json::quoted(full)},
          {"givenName", json::quoted(p.first_name)},
          {"surname", p.last_name.empty() ? "null" : json::quoted(p.last_name)},
          {"companyName", json::quoted(p.company)},
          {"jobTitle", p.job_title.empty() ? "null" : json::quoted(p.job_title)},
          {"emailAddresses", list_of(p.email.empty() ? "" : mail.take())},
          {"businessPhones", texts(p.phone)},
          {"personalNotes", json::quoted(p.note)},
          {"categories", "[]"}};
}

named_values message_values(const person& p, const opportunity& o, uint64_t index) {
  const auto sender = p.email.empty() ? "info@example.org" : p.email;
  return {{"subject", json::quoted(o.title)},
          {"body", body_of(p.note.empty() ? "Hello" : p.note)},
          {"bodyPreview", json::quoted(o.title)},
          {"importance", "\"normal\""},
          {"isRead", index % 3 == 0 ? "false" : "true"},
          {"isDraft", "false"},
          {"hasAttachments", "false"},
          {"internetMessageId", json::quoted("<" + std::to_string(index) + "@example.org>")},
          {"from", address_of(p.first_name, sender)},
          {"toRecipients", "[]"},
          {"flag", R"({"flagStatus":"notFlagged"})"},
          {"inferenceClassification", "\"focused\""},
          {"categories", "[]"}};
}

named_values event_values(const person& p, const opportunity& o) {
  return {{"subject", json::quoted(o.title)},
          {"body", body_of(p.note)},
          {"bodyPreview", "\"\""},
          {"importance", "\"normal\""},
          {"sensitivity", "\"normal\""},
          {"showAs", "\"busy\""},
          {"isAllDay", "false"},
          {"isCancelled", "false"},
          {"location", "{\"displayName\":" + json::quoted(p.city) + "}"},
          {"organizer", address_of(p.first_name, "organizer@example.org")},
          {"attendees", "[]"},
          {"categories", "[]"}};
}

/// Without an offset and with seven digits (microsoft.md §4.1).
void write_event_time(json::writer& out, std::string_view name, wall_time at) {
  auto text = format_iso_time(at);
  text.pop_back();
  out.key(name).begin_object().key("dateTime").value(text + "0000");
  out.key("timeZone").value("UTC").end_object();
}

std::string_view type_name(item_kind kind) {
  constexpr std::string_view names[]
      = {"#microsoft.graph.contact", "#microsoft.graph.message", "#microsoft.graph.event"};
  return names[static_cast<size_t>(kind)];
}

void write_event(json::writer& out, const kept_item& item, bool immutable) {
  out.key("type").value(item.type);
  out.key("seriesMasterId");
  if (item.master == 0) {
    out.null();
  } else {
    kept_item master;
    master.number = item.master;
    out.value(mailbox::id_of(master, immutable));
  }
  write_event_time(out, "start", item.start_at);
  write_event_time(out, "end", item.end_at);
}

} // namespace

std::optional<wall_time> read_event_time(std::string_view value) {
  const auto read = json::parse_value(value);
  if (!read)
    return std::nullopt;
  return parse_iso_time(std::string{read->string_or_empty("dateTime")} + "Z");
}

named_values seeded_values(item_kind kind, uint64_t seed, uint64_t account, uint64_t index) {
  const data_set data{seed, account};
  const auto p = data.person_at(index);
  switch (kind) {
    case item_kind::contact: return contact_values(p);
    case item_kind::message: return message_values(p, data.opportunity_at(index), index);
    default: return event_values(p, data.opportunity_at(index));
  }
}

void write_item(json::writer& out, const kept_item& item, bool immutable, bool partial,
                const strictness& rules) {
  const auto key = mailbox::change_key(item);
  out.begin_object().key("@odata.type").value(type_name(item.kind));
  if (item.type == "occurrence" && partial && rules.sparse_occurrences) {
    out.key("id").value(mailbox::id_of(item, immutable));
    write_event(out, item, immutable);
    out.end_object();
    return;
  }
  out.key("@odata.etag").value("W/\"" + key + "\"");
  out.key("id").value(mailbox::id_of(item, immutable));
  if (partial && item.type != "occurrence") {
    for (const auto& member : item.edited)
      out.key(member).raw(item.values.at(member));
    out.end_object();
    return;
  }
  out.key("createdDateTime").value(format_iso_time(item.created_at));
  out.key("lastModifiedDateTime").value(format_iso_time(item.modified_at));
  out.key("changeKey").value(key);
  for (const auto& [member, value] : item.values)
    out.key(member).raw(value);
  if (item.kind == item_kind::event)
    write_event(out, item, immutable);
  else
    out.key("parentFolderId")
        .value(mailbox::id_of_folder(item.gone ? recoverable_folder : item.folder));
  out.end_object();
}

void write_folder(json::writer& out, const mailbox& in, const mail_folder& folder) {
  const auto& all = in.folders();
  const auto children = std::ranges::count_if(all, [&](const auto& one) {
    return one.second.parent == folder.number && !one.second.hidden;
  });
  const auto held = std::ranges::count_if(in.items(), [&](const auto& one) {
    return one.second.kind == item_kind::message && one.second.folder == folder.number
           && !one.second.gone;
  });
  out.begin_object().key("id").value(mailbox::id_of_folder(folder.number));
  out.key("displayName").value(folder.name);
  out.key("parentFolderId").value(mailbox::id_of_folder(folder.parent));
  out.key("childFolderCount").value(static_cast<int64_t>(children));
  out.key("unreadItemCount").value(0).key("totalItemCount").value(static_cast<int64_t>(held));
  out.key("isHidden").value(folder.hidden).end_object();
}

} // namespace nexte::simulation::microsoft

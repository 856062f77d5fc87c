#include "protocol/notion/simulator_render.hpp"

#include <algorithm>

namespace nexte::simulation::notion {
namespace {

constexpr size_t text_bytes_max = 1900; ///< Of one rich text, below Notion's 2,000 characters.

void write_user(json::writer& out, std::string_view name, std::string_view id) {
  out.key(name).begin_object().key("object").value("user").key("id").value(id).end_object();
}

void write_text(json::writer& out, std::string_view text) {
  out.begin_object().key("type").value("text").key("text").begin_object();
  out.key("content").value(text).key("link").null().end_object();
  out.key("annotations").begin_object();
  for (const auto* mark : {"bold", "italic", "strikethrough", "underline", "code"})
    out.key(mark).value(false);
  out.key("color").value("default").end_object();
  out.key("plain_text").value(text).key("href").null().end_object();
}

/// In pieces, cut between characters.
void write_rich_text(json::writer& out, std::string_view text) {
  out.begin_array();
  while (!text.empty()) {
    auto size = std::min(text.size(), text_bytes_max);
    while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0u) == 0x80u)
      --size;
    write_text(out, text.substr(0, size));
    text.remove_prefix(size);
  }
  out.end_array();
}

void begin_property(json::writer& out, std::string_view name, std::string_view id,
                    std::string_view type) {
  out.key(name).begin_object().key("id").value(id).key("type").value(type).key(type);
}

void write_properties(json::writer& out, const page_state& page) {
  const bool is_row = page.kind == parent_kind::data_source;
  out.key("properties").begin_object();
  begin_property(out, is_row ? "Name" : "title", "title", "title");
  write_rich_text(out, page.title);
  out.end_object();
  if (is_row) {
    begin_property(out, "Note", "n%3Fte", "rich_text");
    write_rich_text(out, page.note);
    out.end_object();
    begin_property(out, "Amount", "amnt", "number");
    out.raw(page.amount.empty() ? "null" : page.amount).end_object();
    begin_property(out, "Stage", "stge", "select");
    if (page.stage.empty())
      out.null();
    else
      out.begin_object().key("name").value(page.stage).end_object();
    out.end_object();
  }
  out.end_object();
}

void write_parent(json::writer& out, const workspace& of, const page_state& page) {
  out.key("parent").begin_object();
  if (page.kind == parent_kind::workspace) {
    out.key("type").value("workspace").key("workspace").value(true);
  } else if (page.kind == parent_kind::page) {
    out.key("type").value("page_id").key("page_id").value(page.parent);
  } else {
    out.key("type").value("data_source_id").key("data_source_id").value(page.parent);
    out.key("database_id").value(of.find_source(page.parent)->database);
  }
  out.end_object();
}

void write_times(json::writer& out, wall_time created_at, wall_time edited_at) {
  out.key("created_time").value(format_iso_time(shown_time(created_at)));
  out.key("last_edited_time").value(format_iso_time(shown_time(edited_at)));
}

std::string url_of(std::string_view id) {
  std::string url = "https://app.notion.com/p/";
  for (const char c : id)
    if (c != '-')
      url += c;
  return url;
}

} // namespace

wall_time shown_time(wall_time at) {
  return std::chrono::floor<std::chrono::minutes>(at);
}

void begin_page(json::writer& out, const workspace& of, const page_state& page,
                std::string_view version) {
  out.begin_object().key("object").value("page").key("id").value(page.id);
  write_times(out, page.created_at, page.edited_at);
  write_user(out, "created_by", of.owner_id);
  write_user(out, "last_edited_by", page.edited_by);
  out.key("cover").null().key("icon").null();
  write_parent(out, of, page);
  out.key("in_trash").value(page.in_trash()).key("is_archived").value(page.archived);
  out.key("is_locked").value(false);
  if (version < "2026-03-11") // the old alias of in_trash
    out.key("archived").value(page.in_trash());
  write_properties(out, page);
  out.key("url").value(url_of(page.id)).key("public_url").null();
}

void begin_data_source(json::writer& out, const workspace& of, const data_source& source,
                       std::string_view version) {
  out.begin_object().key("object").value("data_source").key("id").value(source.id);
  write_times(out, source.created_at, source.created_at);
  write_user(out, "created_by", of.owner_id);
  write_user(out, "last_edited_by", of.owner_id);
  out.key("title");
  write_rich_text(out, source.name);
  out.key("description").begin_array().end_array();
  out.key("parent").begin_object().key("type").value("database_id");
  out.key("database_id").value(source.database).end_object();
  out.key("database_parent").begin_object().key("type").value("workspace");
  out.key("workspace").value(true).end_object();
  out.key("icon").null().key("cover").null().key("in_trash").value(false);
  if (version < "2026-03-11")
    out.key("archived").value(false);
  out.key("properties").begin_object();
  struct column {
    std::string_view name, id, type;
  };
  for (const auto& [name, id, type] :
       {column{"Name", "title", "title"}, column{"Note", "n%3Fte", "rich_text"},
        column{"Amount", "amnt", "number"}, column{"Stage", "stge", "select"}}) {
    out.key(name).begin_object().key("id").value(id).key("name").value(name);
    out.key("type").value(type).key(type).begin_object().end_object().end_object();
  }
  out.end_object().key("url").value(url_of(source.database)).key("public_url").null();
}

void begin_database(json::writer& out, const workspace& of, std::string_view database) {
  out.begin_object().key("object").value("database").key("id").value(database);
  out.key("title").begin_array().end_array().key("description").begin_array().end_array();
  out.key("parent").begin_object().key("type").value("workspace");
  out.key("workspace").value(true).end_object();
  out.key("is_inline").value(false).key("in_trash").value(false).key("is_locked").value(false);
  out.key("data_sources").begin_array();
  for (const auto& source : of.sources)
    if (source.database == database)
      out.begin_object().key("id").value(source.id).key("name").value(source.name).end_object();
  out.end_array().key("icon").null().key("cover").null();
  out.key("url").value(url_of(database)).key("public_url").null();
  write_times(out, of.sources.front().created_at, of.sources.front().created_at);
}

void begin_bot(json::writer& out, const workspace& of) {
  out.begin_object().key("object").value("user").key("id").value(of.bot_id);
  out.key("name").value("Nexte Sync").key("avatar_url").null().key("type").value("bot");
  out.key("bot").begin_object().key("owner").begin_object().key("type").value("user");
  out.key("user").begin_object().key("object").value("user").key("id").value(of.owner_id);
  out.key("name").value("Owner of " + of.name).key("avatar_url").null();
  out.key("type").value("person").key("person").begin_object().key("email").value(of.login);
  out.end_object().end_object().end_object();
  out.key("workspace_name").value(of.name).key("workspace_id").value(of.id).end_object();
}

} // namespace nexte::simulation::notion

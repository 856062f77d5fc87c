// Creating and changing pages (notion.md §4).
#include "protocol/notion/simulator_door.hpp"

#include <algorithm>

namespace nexte::simulation {

using namespace notion;

namespace {

constexpr size_t text_max = 2000; ///< Of one rich text.

using problem = std::string; ///< Empty: there is none.

problem should_be(const std::string& where, std::string_view what) {
  return "body failed validation: " + where + " should be " + std::string{what} + ".";
}

/// The text of an array of rich texts.
problem read_text(const json::value& from, const std::string& where, std::string& text) {
  if (!from.is_array())
    return should_be(where, "an array");
  for (const auto& item : from.items) {
    const auto* inner = item.find("text");
    const auto* content = inner ? inner->find("content") : nullptr;
    if (!content || !content->is_string())
      return should_be(where + "[0].text.content", "a string");
    if (content->text.size() > text_max)
      return should_be(where + "[0].text.content", "of at most 2000 characters");
    text += content->text;
  }
  return {};
}

problem read_stage(const json::value& from, const std::string& where, std::string& stage) {
  if (from.type == json::value::kind::null)
    return {};
  stage = from.string_or_empty("name");
  return std::ranges::count(stages, stage) > 0 ? problem{}
                                               : should_be(where, "one of the existing options");
}

problem read_property(const std::string& name, const json::value& from, bool is_row,
                      page_changes& to) {
  const auto where = "body.properties." + name;
  const auto value = [&](std::string_view type) { return from.find(type); };
  std::string text;
  if (name == "title" || (is_row && name == "Name")) {
    const auto* list = from.is_array() ? &from : value("title");
    auto wrong = list ? read_text(*list, where, text) : should_be(where + ".title", "defined");
    to.title = std::move(text);
    return wrong;
  }
  if (is_row && name == "Note" && value("rich_text")) {
    auto wrong = read_text(*value("rich_text"), where, text);
    to.note = std::move(text);
    return wrong;
  }
  if (is_row && name == "Amount" && value("number")) {
    const auto& number = *value("number");
    to.amount = number.text;
    const bool fits
        = number.type == json::value::kind::number || number.type == json::value::kind::null;
    return fits ? problem{} : should_be(where + ".number", "a number");
  }
  if (is_row && name == "Stage" && value("select")) {
    auto wrong = read_stage(*value("select"), where, text);
    to.stage = std::move(text);
    return wrong;
  }
  return name + " is not a property that exists.";
}

problem read_properties(const json::value& body, bool is_row, page_changes& to) {
  const auto* properties = body.find("properties");
  if (!properties)
    return {};
  if (!properties->is_object())
    return should_be("body.properties", "an object");
  for (const auto& [name, value] : properties->members)
    if (auto wrong = read_property(name, value, is_row, to); !wrong.empty())
      return wrong;
  return {};
}

} // namespace

http_response notion_simulator::create(door& in) {
  const auto* parent = in.body.find("parent");
  const auto source = parent ? parent->string_or_empty("data_source_id") : std::string_view{};
  const auto page = parent ? parent->string_or_empty("page_id") : std::string_view{};
  const auto* whole = parent ? parent->find("workspace") : nullptr;
  auto kind = parent_kind::workspace;
  if (!source.empty()) {
    kind = parent_kind::data_source;
    if (!in.at.find_source(source))
      return missing("data_source", source);
  } else if (!page.empty()) {
    kind = parent_kind::page;
    const auto* above = in.at.find(page);
    if (!above || !above->shared)
      return missing("page", page);
  } else if (!whole || !whole->truth) {
    return invalid(should_be("body.parent", "a data source, a page or the workspace"));
  }
  page_changes content;
  if (const auto wrong = read_properties(in.body, !source.empty(), content); !wrong.empty())
    return invalid(wrong);
  ++traffic_.writes;
  return page_answer(in, in.at.create(kind, std::string{source.empty() ? page : source}, content,
                                      in.at.bot_id, in.now));
}

http_response notion_simulator::update(door& in) {
  const auto* page = in.at.find(in.path[1]);
  if (!page || !page->shared)
    return missing("page", in.path[1]);
  page_changes changes;
  if (const auto wrong = read_properties(in.body, page->kind == parent_kind::data_source, changes);
      !wrong.empty())
    return invalid(wrong);
  const bool old = in.is_before("2026-03-11"); // which calls the trash `archived`
  for (const auto& [name, to] : {std::pair{"in_trash", &changes.in_trash},
                                 std::pair{"archived", old ? &changes.in_trash : nullptr},
                                 std::pair{"is_archived", &changes.archived}})
    if (const auto* mark = in.body.find(name)) {
      if (!to || mark->type != json::value::kind::boolean)
        return invalid(should_be("body." + std::string{name}, to ? "a boolean" : "not present"));
      *to = mark->truth;
    }
  if (page->in_trash() && changes.in_trash != false)
    return invalid("Can't edit block that is archived. You must unarchive the block before "
                   "editing.");
  ++traffic_.writes;
  return page_answer(in, in.at.change(in.path[1], changes, in.at.bot_id, in.now));
}

} // namespace nexte::simulation

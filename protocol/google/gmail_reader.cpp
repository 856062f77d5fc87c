#include "protocol/google/gmail_reader.hpp"

#include "protocol/google/checkpoint.hpp"
#include "protocol/json/reader.hpp"
#include "protocol/listing_reader.hpp"

#include <algorithm>
#include <map>

namespace nexte::google {
namespace {

/// Each level of a forwarded message is two of JSON.
constexpr json::limits message_limits{.depth_max = 256};

error malformed(std::string what) {
  return {ec::malformed, std::move(what)};
}

result<json::value> read_object(const std::string& body, const json::limits& caps = {}) {
  auto tree = json::parse_value(body, caps);
  if (tree && !tree->is_object())
    return malformed("Gmail's answer is no object");
  return tree;
}

bool is_id(std::string_view text) {
  return is_cursor(text, record_id_bytes_max);
}

/// The token of the next page, which may be missing.
result<std::string> read_next(const json::value& tree) {
  const auto* next = tree.find("nextPageToken");
  if (!next)
    return std::string{};
  if (!next->is_string() || !is_cursor(next->text, cursor_bytes_max))
    return malformed("the token of Gmail's next page cannot be one");
  return next->text;
}

/// A history id is a number written as a text; as one it is kept.
result<std::string> read_history_id(const json::value& tree, std::string_view name) {
  const auto* id = tree.find(name);
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (!id || id->text.empty() || id->text.size() > 20 || !std::ranges::all_of(id->text, is_digit))
    return malformed("Gmail's answer has no \"" + std::string{name} + "\"");
  return id->text;
}

/// Which messages changed by what, in one entry of the history.
struct change_kind {
  std::string_view member;
  bool deletes;
};
constexpr change_kind change_kinds[] = {{"messagesAdded", false},
                                        {"labelsAdded", false},
                                        {"labelsRemoved", false},
                                        {"messagesDeleted", true}};

/// The object alone, without the space around it. @pre `body` was read as one
std::string_view object_of(std::string_view body) {
  const auto begin = body.find('{');
  return body.substr(begin, body.rfind('}') + 1 - begin);
}

/// The messages of one entry, in the page's order of first mention.
result<void> read_entry(const json::value& entry, history_page& page,
                        std::map<std::string, size_t>& places) {
  auto at = read_history_id(entry, "id");
  if (!at)
    return std::move(at).failure();
  for (const auto& kind : change_kinds) {
    const auto* list = entry.find(kind.member);
    if (!list)
      continue;
    for (const auto& one : list->items) {
      const auto* message = one.find("message");
      const std::string id{message ? message->string_or_empty("id") : std::string_view{}};
      if (!is_id(id))
        return malformed("Gmail's history names a message by no id");
      const auto [place, fresh] = places.emplace(id, page.changes.size());
      if (fresh)
        page.changes.push_back({id, {}, false});
      page.changes[place->second].at = *at;
      page.changes[place->second].deleted = kind.deletes;
    }
  }
  return {};
}

} // namespace

result<message_ids> read_message_ids(const std::string& body) {
  const auto tree = read_object(body);
  if (!tree)
    return tree.failure();
  auto next = read_next(*tree);
  if (!next)
    return std::move(next).failure();
  message_ids page;
  page.next = *std::move(next);
  const auto* messages = tree->find("messages");
  if (!messages && !tree->find("resultSizeEstimate") && page.next.empty())
    return malformed("Gmail's answer is no list of messages");
  if (!messages)
    return page;
  if (!messages->is_array())
    return malformed("Gmail's list of messages is no list");
  for (const auto& message : messages->items) {
    page.ids.emplace_back(message.string_or_empty("id"));
    if (!is_id(page.ids.back()))
      return malformed("Gmail's list names a message by no id");
  }
  return page;
}

result<history_page> read_history(const std::string& body) {
  const auto tree = read_object(body);
  if (!tree)
    return tree.failure();
  auto next = read_next(*tree);
  if (!next)
    return std::move(next).failure();
  auto history_id = read_history_id(*tree, "historyId");
  if (!history_id)
    return std::move(history_id).failure();
  history_page page;
  page.next = *std::move(next);
  page.history_id = *std::move(history_id);
  const auto* history = tree->find("history");
  if (!history)
    return page;
  if (!history->is_array())
    return malformed("Gmail's history is no list");
  std::map<std::string, size_t> places;
  for (const auto& entry : history->items)
    if (auto read = read_entry(entry, page, places); !read)
      return std::move(read).failure();
  return page;
}

result<std::string> read_profile(const std::string& body) {
  const auto tree = read_object(body);
  if (!tree)
    return tree.failure();
  return read_history_id(*tree, "historyId");
}

result<void> read_message(const std::string& body, const std::string& asked, page& into,
                          record_guard& guard) {
  const auto tree = read_object(body, message_limits);
  if (!tree)
    return tree.failure();
  if (tree->string_or_empty("id") != asked)
    return malformed("Gmail's answer is another message than was asked for");
  record_view record;
  record.id = into.keep(asked);
  const auto version = read_history_id(*tree, "historyId");
  if (!version) {
    into.unread.push_back({record.id, {}, "message " + asked + " has no history id"});
    return {};
  }
  record.version = into.keep(*version);
  if (!guard.enter(record.id, record.version)) {
    into.unread.push_back({record.id, record.version, {}});
    return {};
  }
  const auto labels = json::texts_of(tree->find("labelIds"));
  record.deleted = std::ranges::any_of(
      labels, [](const std::string& label) { return label == "TRASH" || label == "SPAM"; });
  record.body = object_of(into.keep(std::string{body}));
  into.records.push_back(record);
  guard.leave();
  return {};
}

} // namespace nexte::google

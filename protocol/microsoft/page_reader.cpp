#include "protocol/microsoft/page_reader.hpp"

#include "protocol/core/text.hpp"
#include "protocol/http/url.hpp"
#include "protocol/json/reader.hpp"

#include <algorithm>
#include <utility>

namespace nexte::microsoft {
namespace {

/// The members that are read; a bit each, to notice one that comes twice.
enum member : unsigned {
  other = 0,
  entries = 1u << 0,
  next_link = 1u << 1,
  delta_link = 1u << 2,
  id = 1u << 3,
  change_key = 1u << 4,
  etag = 1u << 5,
  modified = 1u << 6,
  created = 1u << 7,
  type = 1u << 8,
  folder = 1u << 9,
  removed = 1u << 10,
};

constexpr unsigned links = next_link | delta_link;
constexpr unsigned item_members = ~(entries | links);

struct known_member {
  std::string_view name;
  member which;
};

// microsoft.md §3.1, §3.3, §4.1.
constexpr known_member answer_members[]
    = {{"value", entries}, {"@odata.nextLink", next_link}, {"@odata.deltaLink", delta_link}};
constexpr known_member members_of_items[] = {{"id", id},
                                             {"changeKey", change_key},
                                             {"@odata.etag", etag},
                                             {"lastModifiedDateTime", modified},
                                             {"createdDateTime", created},
                                             {"type", type},
                                             {"parentFolderId", folder},
                                             {"@removed", removed}};

template <size_t Size>
member find_member(const known_member (&among)[Size], std::string_view name) {
  const auto* found = std::ranges::find(among, name, &known_member::name);
  return found == std::end(among) ? other : found->which;
}

std::string_view name_of(member which) {
  for (const auto& known : answer_members)
    if (known.which == which)
      return known.name;
  const auto* found = std::ranges::find(members_of_items, which, &known_member::which);
  return found == std::end(members_of_items) ? std::string_view{} : found->name;
}

bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

/// `W/"KEY"`: the change key as an entry without the member has it.
std::string_view key_in(std::string_view tag) {
  constexpr std::string_view begin = "W/\"";
  return tag.starts_with(begin) && tag.ends_with('"') && tag.size() > begin.size()
             ? tag.substr(begin.size(), tag.size() - begin.size() - 1)
             : std::string_view{};
}

/// Which container the reader stands in; those it does not know are counted, not entered.
enum class place : uint8_t { outside, answer, entries_array, entry };

class item_events final : public json::events {
public:
  /// `single`: the document is one item.
  item_events(std::string_view text, page& into, record_guard& guard, bool single)
      : text_(text), into_(into), guard_(guard), single_(single) {}

  std::vector<item> items;
  std::string next;
  std::string delta;
  bool has_entries = false;

  bool on_null(size_t offset) override {
    if (skipped_ > 0 || member_ == other)
      return skipped_ > 0 || in_object() || wrong_type(offset);
    return (member_ & (id | entries | links)) == 0 || wrong_type(offset);
  }
  bool on_bool(bool, size_t offset) override {
    return on_scalar(offset);
  }
  bool on_number(std::string_view, size_t offset) override {
    return on_scalar(offset);
  }
  bool on_string(std::string_view decoded, size_t offset) override {
    if (skipped_ > 0)
      return true;
    switch (member_) {
      case next_link: return read_link(decoded, offset, next);
      case delta_link: return read_link(decoded, offset, delta);
      case id: return read_id(decoded, offset);
      case change_key: return read_text(decoded, offset, key_);
      case etag: return read_text(decoded, offset, tag_);
      case modified: return read_time(decoded, offset);
      case created: item_.whole = true; return true;
      case type: item_.whole = item_.whole || decoded == "occurrence"; return true;
      case folder: return read_text(decoded, offset, item_.folder);
      default: return on_scalar(offset);
    }
  }
  bool on_key(std::string_view name) override {
    if (skipped_ > 0)
      return true;
    member_ = at_ == place::answer  ? find_member(answer_members, name)
              : at_ == place::entry ? find_member(members_of_items, name)
                                    : other;
    if ((seen_ & member_) != 0) {
      const auto twice = std::exchange(member_, other);
      id_unsure_ = id_unsure_ || twice == id;
      return spoil(begin_, "the member \"" + std::string{name_of(twice)} + "\" stands twice");
    }
    seen_ |= member_;
    return true;
  }
  bool on_object_begin(size_t offset) override {
    if (skipped_ > 0)
      return skip();
    if (at_ == place::outside && !single_)
      at_ = place::answer;
    else if (at_ == place::outside || at_ == place::entries_array)
      begin_item(offset);
    else if (member_ == removed) {
      item_.record.deleted = true;
      return skip();
    } else
      return (member_ == other || wrong_type(offset)) && skip();
    member_ = other;
    return true;
  }
  bool on_object_end(size_t end) override {
    if (skipped_ > 0)
      return leave();
    if (at_ == place::entry)
      end_item(end);
    else
      at_ = place::outside;
    member_ = other;
    return true;
  }
  bool on_array_begin(size_t offset) override {
    if (skipped_ > 0)
      return skip();
    if (member_ != entries)
      return ((in_object() && member_ == other) || wrong_type(offset)) && skip();
    at_ = place::entries_array;
    has_entries = true;
    member_ = other;
    return true;
  }
  bool on_array_end(size_t) override {
    if (skipped_ > 0)
      return leave();
    at_ = place::answer;
    return true;
  }

  /// Why the parse was stopped; empty when it was not by us.
  const std::string& refusal() const {
    return refusal_;
  }

private:
  bool in_object() const {
    return at_ == place::answer || at_ == place::entry;
  }
  bool skip() {
    ++skipped_;
    member_ = other;
    return true;
  }
  bool leave() {
    --skipped_;
    return true;
  }
  /// A value of a member that is not read may be anything; one that is read may not.
  bool on_scalar(size_t offset) {
    return skipped_ > 0 || (in_object() && member_ == other) || wrong_type(offset);
  }
  /// Inside an entry only that entry is lost: it is stepped over.
  bool spoil(size_t offset, const std::string& reason) {
    auto text = "byte " + std::to_string(offset) + " of the answer: " + reason;
    if (at_ != place::entry) {
      refusal_ = std::move(text);
      return false;
    }
    if (problem_.empty())
      problem_ = std::move(text);
    return true;
  }
  bool wrong_type(size_t offset) {
    if (member_ == other)
      return spoil(offset, "not the shape of an answer of Graph");
    return spoil(offset,
                 "the member \"" + std::string{name_of(member_)} + "\" is of the wrong type");
  }
  /// A text as a slice of the answer, or a kept copy where it has escapes.
  std::string_view slice(std::string_view decoded, size_t offset) {
    const auto written = text_.substr(offset + 1, decoded.size());
    return written == decoded ? written : into_.keep(std::string{decoded});
  }
  bool read_text(std::string_view decoded, size_t offset, std::string_view& to) {
    to = slice(decoded, offset);
    return true;
  }
  bool read_id(std::string_view decoded, size_t offset) {
    if (decoded.empty() || decoded.size() > record_id_bytes_max || !is_printable(decoded))
      return spoil(offset, "the id is not of 1 to 200 printable characters");
    item_.record.id = slice(decoded, offset);
    return true;
  }
  bool read_time(std::string_view decoded, size_t offset) {
    const auto at = parse_iso_time(decoded);
    if (!at)
      return spoil(offset, "the member \"lastModifiedDateTime\" is not a time");
    item_.record.modified_at = *at;
    return true;
  }
  bool read_link(std::string_view decoded, size_t offset, std::string& to) {
    if (decoded.empty() || !is_printable(decoded))
      return spoil(offset, "the link to what follows is not one");
    to = decoded;
    return true;
  }

  void begin_item(size_t offset) {
    at_ = place::entry;
    begin_ = offset;
    item_ = {};
    key_ = tag_ = {};
    problem_.clear();
    id_unsure_ = false;
    seen_ &= ~item_members;
  }
  void end_item(size_t end) {
    auto& record = item_.record;
    record.version = key_.empty() ? key_in(tag_) : key_;
    if (record.id.empty())
      spoil(begin_, "entry number " + std::to_string(items.size() + into_.unread.size() + 1)
                        + " has no id");
    const bool barred = problem_.empty() && !guard_.enter(record.id, record.version);
    if (barred || !problem_.empty()) {
      into_.unread.push_back({id_unsure_ ? std::string_view{} : record.id, record.version,
                              std::exchange(problem_, {})});
    } else {
      if (!record.deleted)
        record.body = text_.substr(begin_, end - begin_);
      items.push_back(item_);
    }
    at_ = single_ ? place::outside : place::entries_array;
  }

  std::string_view text_;
  page& into_;
  record_guard& guard_;
  bool single_;
  std::string refusal_;
  place at_ = place::outside;
  member member_ = other; ///< Whose value comes next.
  unsigned seen_ = 0;     ///< Members met in the answer and in the present entry.
  size_t skipped_ = 0;    ///< Open containers that are not entered.
  size_t begin_ = 0;      ///< Of the present entry.
  item item_;
  std::string_view key_, tag_;
  std::string problem_; ///< Why the present entry cannot be read; empty: so far it can.
  bool id_unsure_ = false;
};

result<void> parse(std::string_view text, item_events& events, record_guard& guard) {
  auto parsed = json::parse(text, events);
  guard.leave();
  if (!parsed && !events.refusal().empty())
    return error{ec::malformed, events.refusal()};
  return parsed;
}

/// Several entries of which none can be read are not broken: the shape of all has changed.
bool is_foreign(const item_events& events, const page& into) {
  const auto known = [](const unread_record& one) { return one.reason.empty(); };
  return events.items.empty() && into.unread.size() > 1 && std::ranges::none_of(into.unread, known);
}

} // namespace

std::optional<std::string> link_below(std::string_view api_base, std::string_view link) {
  const auto base = parse_url(api_base);
  const auto there = parse_url(link);
  if (!base || !there || base->origin() != there->origin())
    return std::nullopt;
  const std::string_view path = base->target == "/" ? std::string_view{} : base->target;
  const std::string_view target = there->target;
  if (target.size() <= path.size() || !equal_ignoring_case(target.substr(0, path.size()), path)
      || target[path.size()] != '/' || target.size() - path.size() > link_bytes_max)
    return std::nullopt;
  return std::string{target.substr(path.size())};
}

result<delta_page> read_delta(std::shared_ptr<const std::string> bytes, std::string_view api_base,
                              record_guard& guard) {
  const auto& text = *bytes;
  delta_page read;
  read.texts = page{std::move(bytes)};
  item_events events{text, read.texts, guard, false};
  if (auto parsed = parse(text, events, guard); !parsed)
    return std::move(parsed).failure();
  if (!events.has_entries)
    return error{ec::malformed, "the answer has no \"value\""};
  if (events.next.empty() == events.delta.empty())
    return error{ec::malformed, "the answer does not say whether another page follows"};
  if (is_foreign(events, read.texts))
    return error{ec::malformed, "none of the " + std::to_string(read.texts.unread.size())
                                    + " entries of the answer can be read; "
                                    + read.texts.unread[0].reason};
  auto link = link_below(api_base, events.next.empty() ? events.delta : events.next);
  if (!link)
    return error{ec::malformed,
                 "the answer names a link that does not lead to Microsoft Graph, or is too long",
                 "look for a proxy that changes answers"};
  read.link = *std::move(link);
  read.ended = events.next.empty();
  read.items = std::move(events.items);
  return read;
}

result<std::optional<item>> read_item(const std::string& text, page& into, record_guard& guard) {
  const auto kept = into.keep(text);
  const auto unread = into.unread.size();
  item_events events{kept, into, guard, true};
  if (auto parsed = parse(kept, events, guard); !parsed)
    return std::move(parsed).failure();
  if (into.unread.size() > unread)
    return std::optional<item>{};
  if (events.items.empty())
    return error{ec::malformed, "the answer is no item"};
  events.items[0].whole = true;
  return std::optional{events.items[0]};
}

} // namespace nexte::microsoft

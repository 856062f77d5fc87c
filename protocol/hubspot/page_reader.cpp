#include "protocol/hubspot/page_reader.hpp"

#include "protocol/json/reader.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace nexte::hubspot {
namespace {

constexpr size_t id_bytes_max = 200; // record_view::id

/// The members that are read; a bit each, to notice one that comes twice.
enum member : unsigned {
  other = 0,
  results = 1u << 0,
  paging = 1u << 1,
  total = 1u << 2,
  next = 1u << 3,
  after = 1u << 4,
  id = 1u << 5,
  updated_at = 1u << 6,
  archived_at = 1u << 7,
  archived = 1u << 8,
};

constexpr unsigned object_members = id | updated_at | archived_at | archived;

std::string_view name_of(member which) {
  switch (which) {
    case results: return "results";
    case paging: return "paging";
    case total: return "total";
    case next: return "next";
    case after: return "after";
    case id: return "id";
    case updated_at: return "updatedAt";
    case archived_at: return "archivedAt";
    case archived: return "archived";
    case other: break;
  }
  return {};
}

/// Which container the reader stands in; those it does not know are counted, not entered.
enum class place : uint8_t { outside, answer, results_array, object, paging_object, next_object };

member member_of(place where, std::string_view name) {
  const auto among = [name](std::initializer_list<member> known) {
    for (const member m : known)
      if (name == name_of(m))
        return m;
    return other;
  };
  switch (where) {
    case place::answer: return among({results, paging, total});
    case place::paging_object: return among({next});
    case place::next_object: return among({after});
    case place::object: return among({id, updated_at, archived_at, archived});
    default: return other;
  }
}

bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

/// A time as it stands in the answer.
struct written_time {
  std::string_view text;
  size_t offset = 0;
  member which = other;
};

class page_events final : public json::events {
public:
  page_events(std::shared_ptr<const std::string> bytes, record_guard& guard)
      : text_(*bytes), guard_(guard) {
    out_.objects = page{std::move(bytes)};
  }

  bool on_null(size_t offset) override {
    if (skipped_ > 0)
      return true;
    // `archivedAt` and `paging` say nothing as null; what must be there must be more.
    const bool allowed = at_ != place::outside && at_ != place::results_array
                         && (member_ & (id | updated_at | results | after)) == 0;
    return allowed || wrong_type(offset);
  }
  bool on_bool(bool value, size_t offset) override {
    if (skipped_ > 0)
      return true;
    if (member_ != archived)
      return ignorable(offset);
    object_.deleted = value;
    return true;
  }
  bool on_number(std::string_view number, size_t offset) override {
    if (skipped_ > 0)
      return true;
    if (member_ != total)
      return ignorable(offset);
    uint64_t count = 0;
    const auto* end = number.data() + number.size();
    const auto [rest, failed] = std::from_chars(number.data(), end, count);
    if (failed != std::errc{} || rest != end)
      return wrong_type(offset);
    out_.total = count;
    return true;
  }
  bool on_string(std::string_view decoded, size_t offset) override {
    if (skipped_ > 0)
      return true;
    switch (member_) {
      case id: return read_id(decoded, offset);
      case updated_at: return note_time(decoded, offset, updated_);
      case archived_at: return note_time(decoded, offset, archived_);
      case after: return read_cursor(decoded, offset);
      default: return ignorable(offset);
    }
  }
  bool on_key(std::string_view name) override {
    if (skipped_ > 0)
      return true;
    member_ = member_of(at_, name);
    if ((seen_ & member_) != 0)
      return refuse_twice();
    seen_ |= member_;
    return true;
  }
  bool on_object_begin(size_t offset) override {
    if (skipped_ > 0)
      return skip();
    if (at_ == place::outside)
      at_ = place::answer;
    else if (at_ == place::results_array)
      begin_object(offset);
    else if (member_ == paging)
      at_ = place::paging_object;
    else if (member_ == next)
      at_ = place::next_object;
    else
      return wrong_container(offset);
    member_ = other;
    return true;
  }
  bool on_object_end(size_t end) override {
    if (skipped_ > 0)
      return leave();
    switch (at_) {
      case place::object: return end_object(end);
      case place::next_object: at_ = place::paging_object; break;
      case place::paging_object: at_ = place::answer; break;
      default: at_ = place::outside;
    }
    member_ = other;
    return true;
  }
  bool on_array_begin(size_t offset) override {
    if (skipped_ > 0)
      return skip();
    if (member_ == results)
      at_ = place::results_array;
    else
      return at_ != place::outside && at_ != place::results_array ? wrong_container(offset)
                                                                  : wrong_type(offset);
    member_ = other;
    return true;
  }
  bool on_array_end(size_t) override {
    if (skipped_ > 0)
      return leave();
    at_ = place::answer;
    return true;
  }

  bool complete() const {
    return (seen_ & results) != 0;
  }
  /// Why the parse was stopped; empty when it was not by us.
  const std::string& refusal() const {
    return refusal_;
  }
  object_page take() {
    return std::move(out_);
  }

private:
  bool skip() {
    ++skipped_;
    return true;
  }
  bool leave() {
    --skipped_;
    return true;
  }
  bool refuse(size_t offset, std::string_view reason) {
    refusal_ = "byte " + std::to_string(offset) + " of the answer: " + std::string{reason};
    return false;
  }
  /// Inside an object only that object is lost: it is stepped over.
  bool spoil(size_t offset, std::string_view reason) {
    if (at_ != place::object)
      return refuse(offset, reason);
    if (problem_.empty())
      problem_ = "byte " + std::to_string(offset) + " of the answer: " + std::string{reason};
    return true;
  }
  bool wrong_type(size_t offset) {
    if (member_ == other)
      return refuse(offset, "not the shape of a page of objects");
    return spoil(offset, "the member \"" + std::string{name_of(member_)} + "\" of " + subject()
                             + " is of the wrong type");
  }
  bool wrong_container(size_t offset) {
    return member_ == other ? skip() : wrong_type(offset) && skip();
  }
  bool refuse_twice() {
    const auto which = std::exchange(member_, other); // the second value is not read
    if (which == id)
      id_unsure_ = true;
    return spoil(at_ == place::object ? object_begin_ : 0,
                 "the member \"" + std::string{name_of(which)} + "\" stands twice in " + subject());
  }
  /// A value of a member that is not read may be anything; one that is read may not.
  bool ignorable(size_t offset) {
    const bool in_container = at_ != place::outside && at_ != place::results_array;
    return (in_container && member_ == other) || wrong_type(offset);
  }
  /// The object being read as a person can find it.
  std::string subject() const {
    if (at_ != place::object)
      return "the page";
    if (!object_.id.empty())
      return "object " + std::string{object_.id};
    const auto before = out_.objects.records.size() + out_.objects.unread.size();
    return "object number " + std::to_string(before + 1) + " of the page";
  }

  /// The string at `offset` as a slice of the answer, or a kept copy where it has escapes.
  std::string_view slice(std::string_view decoded, size_t offset) {
    const auto written = text_.substr(offset + 1, decoded.size());
    return written == decoded ? written : out_.objects.keep(std::string{decoded});
  }
  bool read_id(std::string_view decoded, size_t offset) {
    if (decoded.empty() || decoded.size() > id_bytes_max)
      return spoil(offset, "the id of " + subject() + " is not of 1 to 200 bytes");
    if (!is_printable(decoded))
      return spoil(offset, "the id of " + subject() + " holds a character that no id has");
    object_.id = slice(decoded, offset);
    return true;
  }
  /// It is read when the object has passed the guard.
  bool note_time(std::string_view decoded, size_t offset, written_time& to) {
    to = {slice(decoded, offset), offset, member_};
    return true;
  }
  bool read_cursor(std::string_view decoded, size_t offset) {
    if (decoded.empty() || decoded.size() > cursor_bytes_max || !is_printable(decoded))
      return refuse(offset, "the cursor of the next page is not of 1 to "
                                + std::to_string(cursor_bytes_max) + " printable characters");
    out_.after = std::string{decoded};
    return true;
  }

  void begin_object(size_t offset) {
    at_ = place::object;
    object_begin_ = offset;
    object_ = {};
    updated_ = {};
    archived_ = {};
    problem_.clear();
    id_unsure_ = false;
    seen_ &= ~object_members;
  }
  bool end_object(size_t end) {
    if (object_.id.empty())
      spoil(object_begin_, subject() + " has no id");
    const bool dated_archiving = object_.deleted && !archived_.text.empty();
    const auto& changed = dated_archiving ? archived_ : updated_;
    object_.version = changed.text;
    if (changed.text.empty())
      spoil(object_begin_, subject() + " has no time of its last change");
    const bool barred = problem_.empty() && !guard_.enter(object_.id, object_.version);
    if (!barred && problem_.empty())
      read_time(changed, dated_archiving);
    if (barred || !problem_.empty()) {
      out_.objects.unread.push_back({id_unsure_ ? std::string_view{} : object_.id, object_.version,
                                     std::exchange(problem_, {})});
    } else {
      object_.body = text_.substr(object_begin_, end - object_begin_);
      out_.objects.records.push_back(object_);
    }
    at_ = place::results_array;
    member_ = other;
    return true;
  }
  /// `modified_at` of an archived object is when it was archived; epoch where it does not say.
  void read_time(const written_time& changed, bool dated_archiving) {
    const auto at = parse_iso_time(changed.text);
    if (!at)
      spoil(changed.offset, "the member \"" + std::string{name_of(changed.which)} + "\" of "
                                + subject() + " is not a time");
    else if (!object_.deleted || dated_archiving)
      object_.modified_at = *at;
  }

  std::string_view text_;
  record_guard& guard_;
  object_page out_;
  std::string refusal_;
  place at_ = place::outside;
  member member_ = other; ///< Whose value comes next.
  unsigned seen_ = 0;     ///< Members met in the answer and in the present object.
  size_t skipped_ = 0;    ///< Open containers that are not entered.
  size_t object_begin_ = 0;
  record_view object_;
  written_time updated_;
  written_time archived_;
  std::string problem_; ///< Why the present object cannot be read; empty: so far it can.
  bool id_unsure_ = false;
};

/// Several objects of which none can be read are not broken: the shape of all has changed.
std::optional<error> refuse_shape(const page& objects) {
  const auto& unread = objects.unread;
  const auto known = [](const unread_record& one) { return one.reason.empty(); };
  if (!objects.records.empty() || unread.size() < 2 || std::ranges::any_of(unread, known))
    return std::nullopt;
  return error{ec::malformed, "none of the " + std::to_string(unread.size())
                                  + " objects of the answer can be read; " + unread[0].reason};
}

} // namespace

result<object_page> read_object_page(std::shared_ptr<const std::string> bytes,
                                     record_guard& guard) {
  const auto& text = *bytes;
  page_events events{std::move(bytes), guard};
  auto parsed = json::parse(text, events);
  guard.leave();
  if (!parsed && !events.refusal().empty())
    return error{ec::malformed, events.refusal()};
  if (!parsed)
    return std::move(parsed).failure();
  if (!events.complete())
    return error{ec::malformed, "the answer has no \"results\""};
  auto read = events.take();
  if (auto refused = refuse_shape(read.objects))
    return *std::move(refused);
  return read;
}

} // namespace nexte::hubspot

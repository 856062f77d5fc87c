#include "protocol/listing_reader.hpp"

#include "protocol/json/reader.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace nexte {
namespace {

/// The members that are read; a bit each, to notice one that comes twice.
enum member : unsigned {
  other = 0,
  records = 1u << 0,
  total = 1u << 1,
  id = 1u << 2,
  modified = 1u << 3,
  gone = 1u << 4,
  gone_too = 1u << 5,
  gone_at = 1u << 6,
  cursor = 1u << 7, ///< The first step to it; the next ones are the bits above.
};

constexpr unsigned record_members = id | modified | gone | gone_too | gone_at;
constexpr unsigned cursor_members = ~(cursor - 1u);

/// Which container the reader stands in; those it does not know are counted, not entered.
enum class place : uint8_t { outside, answer, records_array, record, cursor_object };

bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

bool is_whole(std::string_view number) {
  return std::ranges::all_of(number, [](char c) { return c >= '0' && c <= '9'; });
}

/// A time as it stands in the answer.
struct written_time {
  std::string_view text;
  size_t offset = 0;
  member which = other;
};

class page_events final : public json::events {
public:
  page_events(std::shared_ptr<const std::string> bytes, const listing_shape& shape,
              record_guard& guard)
      : shape_(shape), text_(*bytes), guard_(guard) {
    out_.objects = page{std::move(bytes)};
  }

  bool on_null(size_t offset) override {
    if (skipped_ > 0)
      return true;
    if (is_cursor() && shape_.end == listing_end::null_cursor) {
      ended_ = true;
      return true;
    }
    // The time of an archiving, say, means nothing as null; what must be there must be more.
    const bool allowed = at_ != place::outside && at_ != place::records_array
                         && (member_ & (id | modified | records)) == 0 && !is_cursor();
    return allowed || wrong_type(offset);
  }
  bool on_bool(bool value, size_t offset) override {
    if (skipped_ > 0)
      return true;
    if ((member_ & (gone | gone_too)) == 0)
      return ignorable(offset);
    object_.deleted = object_.deleted || value;
    return true;
  }
  bool on_number(std::string_view number, size_t offset) override {
    if (skipped_ > 0)
      return true;
    if (member_ == id && shape_.numeric_id)
      return is_whole(number) ? read_id(number, offset, offset) : wrong_type(offset);
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
    if (is_cursor())
      return read_cursor(decoded, offset);
    switch (member_) {
      case id: return shape_.numeric_id ? wrong_type(offset) : read_id(decoded, offset, offset + 1);
      case modified: return note_time(decoded, offset, modified_);
      case gone_at: return note_time(decoded, offset, gone_);
      default: return ignorable(offset);
    }
  }
  bool on_key(std::string_view name) override {
    if (skipped_ > 0)
      return true;
    member_ = member_of(name);
    if ((seen_ & member_) != 0)
      return refuse_twice();
    seen_ |= member_;
    return true;
  }
  bool on_object_begin(size_t offset) override {
    if (skipped_ > 0)
      return skip();
    if (at_ == place::outside) {
      at_ = place::answer;
    } else if (at_ == place::records_array) {
      begin_object(offset);
    } else if ((member_ & cursor_members) != 0 && !is_cursor()) {
      at_ = place::cursor_object;
      ++steps_;
    } else {
      return wrong_container(offset);
    }
    member_ = other;
    return true;
  }
  bool on_object_end(size_t end) override {
    if (skipped_ > 0)
      return leave();
    switch (at_) {
      case place::record: return end_object(end);
      case place::cursor_object: at_ = --steps_ > 0 ? place::cursor_object : place::answer; break;
      default: at_ = place::outside;
    }
    member_ = other;
    return true;
  }
  bool on_array_begin(size_t offset) override {
    if (skipped_ > 0)
      return skip();
    if (member_ == records)
      at_ = place::records_array;
    else
      return at_ != place::outside && at_ != place::records_array ? wrong_container(offset)
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
    return (seen_ & records) != 0;
  }
  /// Whether the answer says that another page follows, or that none does.
  bool says_end() const {
    return shape_.end == listing_end::no_cursor || ended_ || out_.after;
  }
  /// Why the parse was stopped; empty when it was not by us.
  const std::string& refusal() const {
    return refusal_;
  }
  listed_page take() {
    return std::move(out_);
  }

private:
  member member_of(std::string_view name) const {
    const auto is = [name](std::string_view known) { return !known.empty() && name == known; };
    switch (at_) {
      case place::answer:
        return is(shape_.records) ? records : is(shape_.total) ? total : step_of(name);
      case place::cursor_object: return step_of(name);
      case place::record:
        return is(shape_.id)         ? id
               : is(shape_.modified) ? modified
               : is(shape_.gone[0])  ? gone
               : is(shape_.gone[1])  ? gone_too
               : is(shape_.gone_at)  ? gone_at
                                     : other;
      default: return other;
    }
  }
  member step_of(std::string_view name) const {
    return name == shape_.cursor[steps_] ? static_cast<member>(cursor << steps_) : other;
  }
  std::string_view name_of(member which) const {
    switch (which) {
      case records: return shape_.records;
      case total: return shape_.total;
      case id: return shape_.id;
      case modified: return shape_.modified;
      case gone: return shape_.gone[0];
      case gone_too: return shape_.gone[1];
      case gone_at: return shape_.gone_at;
      default: return (which & cursor_members) != 0 ? shape_.cursor[steps_] : std::string_view{};
    }
  }
  /// Whether the value that comes next is the cursor itself.
  bool is_cursor() const {
    return member_ == static_cast<member>(cursor << (shape_.cursor.size() - 1));
  }

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
  /// Inside a record only that record is lost: it is stepped over.
  bool spoil(size_t offset, std::string_view reason) {
    if (at_ != place::record)
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
    return spoil(at_ == place::record ? object_begin_ : 0,
                 "the member \"" + std::string{name_of(which)} + "\" stands twice in " + subject());
  }
  /// A value of a member that is not read may be anything; one that is read may not.
  bool ignorable(size_t offset) {
    const bool in_container = at_ != place::outside && at_ != place::records_array;
    return (in_container && member_ == other) || wrong_type(offset);
  }
  /// The object being read as a person can find it.
  std::string subject() const {
    if (at_ != place::record)
      return "the page";
    if (!object_.id.empty())
      return "object " + std::string{object_.id};
    const auto before = out_.objects.records.size() + out_.objects.unread.size();
    return "object number " + std::to_string(before + 1) + " of the page";
  }

  /// The text that begins at `begin` as a slice of the answer, or a kept copy where it has escapes.
  std::string_view slice(std::string_view decoded, size_t begin) {
    const auto written = text_.substr(begin, decoded.size());
    return written == decoded ? written : out_.objects.keep(std::string{decoded});
  }
  bool read_id(std::string_view decoded, size_t offset, size_t begin) {
    if (decoded.empty() || decoded.size() > record_id_bytes_max)
      return spoil(offset, "the id of " + subject() + " is not of 1 to 200 bytes");
    if (!is_printable(decoded))
      return spoil(offset, "the id of " + subject() + " holds a character that no id has");
    object_.id = slice(decoded, begin);
    return true;
  }
  /// It is read when the record has passed the guard.
  bool note_time(std::string_view decoded, size_t offset, written_time& to) {
    to = {slice(decoded, offset + 1), offset, member_};
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
    at_ = place::record;
    object_begin_ = offset;
    object_ = {};
    modified_ = {};
    gone_ = {};
    problem_.clear();
    id_unsure_ = false;
    seen_ &= ~record_members;
  }
  bool end_object(size_t end) {
    if (object_.id.empty())
      spoil(object_begin_, subject() + " has no id");
    const bool dated_going = object_.deleted && !gone_.text.empty();
    const auto& changed = dated_going ? gone_ : modified_;
    object_.version = changed.text;
    if (changed.text.empty())
      spoil(object_begin_, subject() + " has no time of its last change");
    const bool barred = problem_.empty() && !guard_.enter(object_.id, object_.version);
    if (!barred && problem_.empty())
      read_time(changed, dated_going);
    if (barred || !problem_.empty()) {
      out_.objects.unread.push_back({id_unsure_ ? std::string_view{} : object_.id, object_.version,
                                     std::exchange(problem_, {})});
    } else {
      object_.body = text_.substr(object_begin_, end - object_begin_);
      out_.objects.records.push_back(object_);
    }
    at_ = place::records_array;
    member_ = other;
    return true;
  }
  /// `modified_at` of a record that is gone is when it went, where the shape tells that apart;
  /// epoch where the record does not say.
  void read_time(const written_time& changed, bool dated_going) {
    const auto at = parse_iso_time(changed.text);
    if (!at)
      spoil(changed.offset, "the member \"" + std::string{name_of(changed.which)} + "\" of "
                                + subject() + " is not a time");
    else if (!object_.deleted || dated_going || shape_.gone_at.empty())
      object_.modified_at = *at;
  }

  const listing_shape& shape_;
  std::string_view text_;
  record_guard& guard_;
  listed_page out_;
  std::string refusal_;
  place at_ = place::outside;
  member member_ = other; ///< Whose value comes next.
  unsigned seen_ = 0;     ///< Members met in the answer and in the present object.
  size_t skipped_ = 0;    ///< Open containers that are not entered.
  size_t object_begin_ = 0;
  record_view object_;
  written_time modified_;
  written_time gone_;
  std::string problem_; ///< Why the present record cannot be read; empty: so far it can.
  bool id_unsure_ = false;
  size_t steps_ = 0; ///< Containers entered on the way to the cursor.
  bool ended_ = false;
};

/// Several records of which none can be read are not broken: the shape of all has changed.
std::optional<error> refuse_shape(const page& objects) {
  const auto& unread = objects.unread;
  const auto known = [](const unread_record& one) { return one.reason.empty(); };
  if (!objects.records.empty() || unread.size() < 2 || std::ranges::any_of(unread, known))
    return std::nullopt;
  return error{ec::malformed, "none of the " + std::to_string(unread.size())
                                  + " objects of the answer can be read; " + unread[0].reason};
}

} // namespace

result<listed_page> read_listing(std::shared_ptr<const std::string> bytes,
                                 const listing_shape& shape, record_guard& guard) {
  const auto& text = *bytes;
  page_events events{std::move(bytes), shape, guard};
  auto parsed = json::parse(text, events);
  guard.leave();
  if (!parsed && !events.refusal().empty())
    return error{ec::malformed, events.refusal()};
  if (!parsed)
    return std::move(parsed).failure();
  if (!events.complete())
    return error{ec::malformed, "the answer has no \"" + std::string{shape.records} + "\""};
  if (!events.says_end())
    return error{ec::malformed, "the answer does not say whether another page follows"};
  auto read = events.take();
  if (auto refused = refuse_shape(read.objects))
    return *std::move(refused);
  return read;
}

} // namespace nexte

#include "protocol/notion/page_reader.hpp"

#include "protocol/json/reader.hpp"

namespace nexte::notion {
namespace {

constexpr std::string_view cursor[] = {"next_cursor"};

// notion.md §2.
constexpr listing_shape results{.records = "results",
                                .cursor = cursor,
                                .end = listing_end::null_cursor,
                                .total = "",
                                .id = "id",
                                .numeric_id = false,
                                .modified = "last_edited_time",
                                .gone = {"in_trash", "is_archived"},
                                .gone_at = ""};

constexpr std::string_view status_member = "request_status";

/// Looks for `request_status.type` at the top of an answer, and at nothing else.
class status_events final : public json::events {
public:
  bool on_null(size_t) override {
    return true;
  }
  bool on_bool(bool, size_t) override {
    return true;
  }
  bool on_number(std::string_view, size_t) override {
    return true;
  }
  bool on_string(std::string_view text, size_t) override {
    if (depth_ == 2 && in_status_ && is_type_)
      cut_short = text == "incomplete";
    return true;
  }
  bool on_key(std::string_view name) override {
    if (depth_ == 1)
      in_status_ = name == status_member;
    is_type_ = depth_ == 2 && name == "type";
    return true;
  }
  bool on_object_begin(size_t) override {
    ++depth_;
    return true;
  }
  bool on_object_end(size_t) override {
    --depth_;
    return true;
  }
  bool on_array_begin(size_t) override {
    ++depth_;
    return true;
  }
  bool on_array_end(size_t) override {
    --depth_;
    return true;
  }

  bool cut_short = false;

private:
  size_t depth_ = 0;
  bool in_status_ = false;
  bool is_type_ = false;
};

/// Hardly any answer has the member; most are not read twice.
bool is_cut_short(const std::string& text) {
  if (text.find(status_member) == std::string::npos)
    return false;
  status_events events;
  const auto parsed = json::parse(text, events);
  return parsed && events.cut_short;
}

} // namespace

result<results_page> read_page(std::shared_ptr<const std::string> bytes, record_guard& guard) {
  const bool cut_short = is_cut_short(*bytes);
  auto read = read_listing(std::move(bytes), results, guard);
  if (!read)
    return std::move(read).failure();
  return results_page{*std::move(read), cut_short};
}

} // namespace nexte::notion

#include "protocol/google/item_reader.hpp"

#include "protocol/google/checkpoint.hpp"
#include "protocol/json/reader.hpp"
#include "protocol/listing_reader.hpp"

#include <algorithm>

namespace nexte::google {
namespace {

class item_events final : public json::events {
public:
  item_events(std::shared_ptr<const std::string> bytes, const item_shape& shape)
      : shape_(shape), text_(*bytes) {
    out_.holder = page{std::move(bytes)};
    out_.tops.resize(shape.tops.size());
    met_.resize(std::max(shape.wanted.size(), shape.tops.size()));
    tops_met_.resize(shape.tops.size());
  }

  bool on_null(size_t offset) override {
    return depth_ != 1 || place_of(shape_.tops) == shape_.tops.size() ? item_or_skip(offset)
                                                                      : refuse(offset, "is null");
  }
  bool on_bool(bool value, size_t offset) override {
    return on_scalar(value ? "true" : "false", offset, false);
  }
  bool on_number(std::string_view number, size_t offset) override {
    return on_scalar(number, offset, false);
  }
  bool on_string(std::string_view decoded, size_t offset) override {
    return on_scalar(decoded, offset, true);
  }
  bool on_key(std::string_view name) override {
    if (depth_ == 1)
      name_.assign(name);
    else if (in_item() && depth_ == 3)
      name_.assign(name);
    else if (in_item() && depth_ == 4 && in_object_)
      name_.assign(object_).append(".").append(name);
    else
      name_.clear();
    return true;
  }
  bool on_object_begin(size_t offset) override {
    if (depth_ == 2 && in_items_) {
      current_ = {};
      current_.values.resize(shape_.wanted.size());
      met_.assign(met_.size(), false);
      item_begin_ = offset;
      in_item_ = true;
    } else if (in_item() && depth_ == 3) {
      in_object_ = true;
      object_ = name_;
      object_begin_ = offset;
    } else if (depth_ == 1 && name_ == shape_.items) {
      return refuse(offset, "is no list");
    }
    name_.clear();
    ++depth_;
    return true;
  }
  bool on_object_end(size_t end) override {
    --depth_;
    if (in_item() && depth_ == 2) {
      current_.text = text_.substr(item_begin_, end - item_begin_);
      out_.items.push_back(std::move(current_));
      in_item_ = false;
    } else if (in_item() && depth_ == 3 && in_object_) {
      in_object_ = false;
      if (object_ == shape_.part) {
        if (!current_.part.empty())
          spoil(object_);
        current_.part = text_.substr(object_begin_, end - object_begin_);
      }
    }
    name_.clear();
    return true;
  }
  bool on_array_begin(size_t offset) override {
    if (depth_ == 0)
      return refuse(offset, "is no object");
    if (depth_ == 2 && in_items_)
      return refuse(offset, "holds what is no object");
    if (depth_ == 1 && name_ == shape_.items) {
      if (out_.listed)
        return refuse(offset, "stands twice");
      out_.listed = in_items_ = true;
    } else if (depth_ == 1 && place_of(shape_.tops) < shape_.tops.size()) {
      return refuse(offset, "is no text");
    }
    name_.clear();
    ++depth_;
    return true;
  }
  bool on_array_end(size_t) override {
    --depth_;
    if (depth_ == 1)
      in_items_ = false;
    return true;
  }

  /// Why the parse was stopped; empty when it was not by us.
  const std::string& refusal() const {
    return refusal_;
  }
  item_list take() {
    return std::move(out_);
  }

private:
  bool in_item() const {
    return in_item_;
  }
  size_t place_of(std::span<const std::string_view> names) const {
    return static_cast<size_t>(std::ranges::find(names, name_) - names.begin());
  }
  bool item_or_skip(size_t offset) {
    if (depth_ == 0)
      return refuse(offset, "is no object");
    return depth_ != 2 || !in_items_ || refuse(offset, "holds what is no object");
  }
  bool on_scalar(std::string_view value, size_t offset, bool is_text) {
    if (depth_ == 1)
      return on_top(value, offset, is_text);
    const auto place = in_item() && !name_.empty() ? place_of(shape_.wanted) : met_.size();
    if (place >= shape_.wanted.size())
      return item_or_skip(offset);
    if (met_[place])
      spoil(name_);
    met_[place] = true;
    current_.values[place] = is_text ? slice(value, offset + 1) : slice(value, offset);
    return true;
  }
  bool on_top(std::string_view value, size_t offset, bool is_text) {
    const auto place = place_of(shape_.tops);
    if (name_ == shape_.items)
      return refuse(offset, "is no list");
    if (place == shape_.tops.size())
      return true;
    if (tops_met_[place])
      return refuse(offset, "stands twice");
    const bool fits
        = is_text ? is_cursor(value, cursor_bytes_max) : value == "true" || value == "false";
    if (!fits)
      return refuse(offset, "is no cursor and no mark");
    tops_met_[place] = true;
    out_.tops[place] = value;
    return true;
  }
  /// The value as it stands in the answer, or a kept copy where it has escapes.
  std::string_view slice(std::string_view value, size_t begin) {
    const auto written = text_.substr(begin, value.size());
    return written == value ? written : out_.holder.keep(std::string{value});
  }
  void spoil(std::string_view name) {
    current_.problem = "the member \"" + std::string{name} + "\" stands twice in it";
  }
  bool refuse(size_t offset, std::string_view what) {
    refusal_ = "byte " + std::to_string(offset) + " of the answer: "
               + (name_.empty() ? "it" : "the member \"" + name_ + "\"") + " " + std::string{what};
    return false;
  }

  const item_shape& shape_;
  std::string_view text_;
  item_list out_;
  std::string refusal_;
  std::string name_; ///< Of the member whose value comes next, where one may be wanted.
  size_t depth_ = 0; ///< Open containers.
  bool in_items_ = false;
  bool in_item_ = false;
  bool in_object_ = false; ///< In an object of an item …
  std::string object_;     ///< … of this name.
  size_t object_begin_ = 0;
  size_t item_begin_ = 0;
  item current_;
  std::vector<bool> met_;
  std::vector<bool> tops_met_;
};

} // namespace

result<item_list> read_items(std::shared_ptr<const std::string> bytes, const item_shape& shape) {
  const auto& text = *bytes;
  item_events events{std::move(bytes), shape};
  const auto parsed = json::parse(text, events);
  if (!parsed && !events.refusal().empty())
    return error{ec::malformed, events.refusal()};
  if (!parsed)
    return parsed.failure();
  return events.take();
}

} // namespace nexte::google

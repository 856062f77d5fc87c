// Small documents as a tree, built from the reader's events.
#include "protocol/json/reader.hpp"

#include <algorithm>
#include <charconv>

namespace nexte::json {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Holds the open containers on a stack of its own, so that depth costs no call stack.
class tree_builder final : public events {
public:
  bool on_null(size_t) override {
    return add({});
  }
  bool on_bool(bool truth, size_t) override {
    value leaf;
    leaf.type = value::kind::boolean;
    leaf.truth = truth;
    return add(std::move(leaf));
  }
  bool on_number(std::string_view text, size_t) override {
    return add_text(value::kind::number, text);
  }
  bool on_string(std::string_view text, size_t) override {
    return add_text(value::kind::string, text);
  }
  bool on_key(std::string_view name) override {
    open_.back().members.emplace_back(std::string{name}, value{});
    return true;
  }
  bool on_object_begin(size_t) override {
    return open(value::kind::object);
  }
  bool on_object_end(size_t) override {
    duplicate_ = has_duplicate(open_.back().members);
    return !duplicate_ && close();
  }
  bool on_array_begin(size_t) override {
    return open(value::kind::array);
  }
  bool on_array_end(size_t) override {
    return close();
  }

  bool duplicate() const {
    return duplicate_;
  }
  value take() {
    return std::move(root_);
  }

private:
  static bool has_duplicate(const std::vector<value::member>& members) {
    std::vector<std::string_view> names;
    names.reserve(members.size());
    for (const auto& m : members)
      names.push_back(m.first);
    std::sort(names.begin(), names.end());
    return std::adjacent_find(names.begin(), names.end()) != names.end();
  }
  bool open(value::kind type) {
    open_.emplace_back().type = type;
    return true;
  }
  bool close() {
    value done = std::move(open_.back());
    open_.pop_back();
    return add(std::move(done));
  }
  bool add_text(value::kind type, std::string_view text) {
    value leaf;
    leaf.type = type;
    leaf.text = text;
    return add(std::move(leaf));
  }
  bool add(value done) {
    if (open_.empty())
      root_ = std::move(done);
    else if (open_.back().is_array())
      open_.back().items.push_back(std::move(done));
    else
      open_.back().members.back().second = std::move(done);
    return true;
  }

  value root_;
  std::vector<value> open_;
  bool duplicate_ = false;
};

using parser = result<void> (*)(std::string_view, events&, const limits&);

result<value> build(parser parse_events, std::string_view text, const limits& caps) {
  tree_builder builder;
  auto parsed = parse_events(text, builder, caps);
  if (parsed)
    return builder.take();
  if (builder.duplicate())
    return std::move(parsed).failure().with_context("an object has a member twice");
  return std::move(parsed).failure();
}

} // namespace

value::value() noexcept = default;

const value* value::find(std::string_view name) const {
  for (const auto& [key, found] : members)
    if (key == name)
      return &found;
  return nullptr;
}

std::string_view value::string_or_empty(std::string_view name) const {
  const value* found = find(name);
  return found && found->is_string() ? std::string_view{found->text} : std::string_view{};
}

std::optional<int64_t> value::as_int() const {
  const bool digits = is_string() && std::all_of(text.begin(), text.end(), is_digit);
  if (type != kind::number && !digits)
    return std::nullopt;
  int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [rest, failed] = std::from_chars(text.data(), end, number);
  if (failed != std::errc{} || rest != end)
    return std::nullopt;
  return number;
}

std::vector<std::string> texts_of(const value* list) {
  std::vector<std::string> texts;
  if (list && list->is_array())
    for (const auto& item : list->items)
      if (item.is_string())
        texts.push_back(item.text);
  return texts;
}

result<value> parse_value(std::string_view text, const limits& caps) {
  return build(parse, text, caps);
}

result<value> parse_value_with_comments(std::string_view text, const limits& caps) {
  return build(parse_with_comments, text, caps);
}

} // namespace nexte::json

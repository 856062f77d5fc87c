#include "actors/program/command_support.hpp"

#include "protocol/http/url.hpp"
#include "protocol/json/writer.hpp"

#include <algorithm>

namespace nexte::program {

std::string integration_target(std::string_view id, std::string_view rest) {
  return "/v1/integrations/" + segment(id) + std::string{rest};
}

std::string segment(std::string_view text) {
  return percent_encode(text);
}

std::string text_of(const json::value& object, std::string_view name) {
  return std::string{object.string_or_empty(name)};
}

uint64_t count_of(const json::value& object, std::string_view name) {
  const auto* found = object.find(name);
  const auto number = found ? found->as_int() : std::nullopt;
  return number && *number > 0 ? static_cast<uint64_t>(*number) : 0;
}

bool truth_of(const json::value& object, std::string_view name) {
  const auto* found = object.find(name);
  return found && found->truth;
}

wall_time time_of(const json::value& object, std::string_view name) {
  return parse_iso_time(object.string_or_empty(name)).value_or(wall_time{});
}

const std::vector<json::value>& list_of(const json::value& object, std::string_view name) {
  static const std::vector<json::value> none;
  const auto* found = object.find(name);
  return found ? found->items : none;
}

std::string texts_of(const json::value& object, std::string_view name) {
  std::string all;
  for (const auto& item : list_of(object, name))
    all.append(all.empty() ? "" : ", ").append(item.text);
  return all;
}

bool print_json(const shell& with, std::string_view text) {
  if (with.json)
    with.out << text << (text.ends_with('\n') ? "" : "\n");
  return with.json;
}

void print_done(const shell& with, std::string_view line) {
  if (!print_json(with, "{\"done\":true}"))
    with.out << printable(line) << "\n";
}

namespace {

/// `page` is handed each page's text and rows.
result<void>
each_page(const shell& with, std::string_view target, std::string_view name,
          const std::function<void(const std::string&, const std::vector<json::value>&)>& page) {
  std::string after;
  for (;;) {
    const auto page_target
        = after.empty() ? std::string{target} : with_query(target, {{"after", after}});
    const auto text = with.engine.call("GET", page_target);
    if (!text)
      return text.failure();
    const auto read = json::parse_value(*text);
    if (!read)
      return read.failure();
    page(*text, list_of(*read, name));
    const auto* next = read->find("next");
    if (!next || next->text.empty() || next->text == after)
      return {};
    after = next->text;
  }
}

} // namespace

result<void> each_row(const shell& with, std::string_view target, std::string_view name,
                      const std::function<void(const json::value&)>& row) {
  return each_page(with, target, name, [&](const auto& text, const auto& items) {
    if (!print_json(with, text))
      std::ranges::for_each(items, row);
  });
}

result<void> each_line(const shell& with, std::string_view target, std::string_view name,
                       const std::function<void(const json::value&)>& row) {
  return each_page(with, target, name, [&](const auto&, const auto& items) {
    for (const auto& item : items)
      if (!with.json || !print_json(with, json::to_text(item)))
        row(item);
  });
}

} // namespace nexte::program

// Parameters, page tokens and field masks that all of Google's APIs share.
#include "protocol/google/simulator_door.hpp"

#include "protocol/core/text.hpp"
#include "protocol/json/reader.hpp"
#include "protocol/json/writer.hpp"

#include <algorithm>
#include <charconv>

namespace nexte::simulation::google {
namespace {

constexpr std::string_view common[] = {"alt", "fields", "key", "prettyPrint", "quotaUser"};

/// The members a mask names; those below an empty list are all of them.
struct mask_node {
  std::string name;
  std::vector<mask_node> below;
};

class mask_reader {
public:
  explicit mask_reader(std::string_view text) : text_(text) {}

  std::optional<std::vector<mask_node>> read() {
    auto nodes = list(0);
    return nodes && text_.empty() ? std::move(nodes) : std::nullopt;
  }

private:
  static constexpr int depth_max = 10;

  std::optional<std::vector<mask_node>> list(int depth) {
    std::vector<mask_node> nodes;
    for (;;) {
      auto one = node(depth);
      if (!one)
        return std::nullopt;
      nodes.push_back(*std::move(one));
      if (!take(','))
        return nodes;
    }
  }
  std::optional<mask_node> node(int depth) {
    const auto end = std::min(text_.find_first_of(",()/"), text_.size());
    mask_node made{std::string{text_.substr(0, end)}, {}};
    text_.remove_prefix(end);
    if (made.name.empty() || depth > depth_max)
      return std::nullopt;
    if (take('/')) {
      auto below = node(depth + 1);
      if (!below)
        return std::nullopt;
      made.below.push_back(*std::move(below));
    } else if (take('(')) {
      auto below = list(depth + 1);
      if (!below || !take(')'))
        return std::nullopt;
      made.below = *std::move(below);
    }
    return made;
  }
  bool take(char c) {
    if (!text_.starts_with(c))
      return false;
    text_.remove_prefix(1);
    return true;
  }

  std::string_view text_;
};

void keep(json::value& tree, const std::vector<mask_node>& mask) {
  if (tree.is_array()) {
    for (auto& item : tree.items)
      keep(item, mask);
    return;
  }
  const auto node_of = [&](const std::string& name) {
    return std::ranges::find_if(
        mask, [&](const mask_node& node) { return node.name == name || node.name == "*"; });
  };
  std::erase_if(tree.members, [&](const auto& one) { return node_of(one.first) == mask.end(); });
  for (auto& [name, member] : tree.members)
    if (const auto node = node_of(name); !node->below.empty())
      keep(member, node->below);
}

} // namespace

std::optional<size_t> read_count(const std::string* text, size_t otherwise, size_t most) {
  if (!text)
    return otherwise;
  size_t number = 0;
  const auto* end = text->data() + text->size();
  const auto [rest, failed] = std::from_chars(text->data(), end, number);
  if (failed != std::errc{} || rest != end || number < 1 || number > most)
    return std::nullopt;
  return number;
}

std::optional<bool> read_flag(const std::string* text, bool otherwise) {
  if (!text)
    return otherwise;
  if (*text != "true" && *text != "false")
    return std::nullopt;
  return *text == "true";
}

std::string_view unknown_parameter(const query_parameters& query,
                                   std::initializer_list<std::string_view> known) {
  for (const auto& [name, value] : query)
    if (std::ranges::find(known, name) == known.end()
        && std::ranges::find(common, name) == std::end(common))
      return name;
  return {};
}

http_response refuse_parameter(std::string_view name) {
  return refuse({400, "invalidParameter", "Invalid value for: " + std::string{name},
                 "INVALID_ARGUMENT", name});
}

std::string write_place(const page_place& place) {
  json::writer out;
  out.begin_object().key("a").value(place.after).key("p").value(place.list);
  out.key("e").value(place.epoch).key("s").value(place.snapshot);
  out.key("t").value(static_cast<int64_t>(place.made_at.time_since_epoch().count()));
  return base64(out.end_object().take());
}

std::optional<page_place> read_place(std::string_view token) {
  const auto tree = json::parse_value(unbase64(token).value_or(""));
  if (!tree)
    return std::nullopt;
  const auto number = [&](std::string_view name) {
    const auto* member = tree->find(name);
    return member ? member->as_int().value_or(-1) : -1;
  };
  if (number("p") < 0 || number("e") < 0 || number("s") < 0 || number("t") < 0)
    return std::nullopt;
  page_place place;
  place.after = tree->string_or_empty("a");
  place.list = static_cast<uint64_t>(number("p"));
  place.epoch = static_cast<uint64_t>(number("e"));
  place.snapshot = static_cast<uint64_t>(number("s"));
  place.made_at = wall_time{milliseconds{number("t")}};
  return place;
}

uint64_t fingerprint(const std::vector<std::string>& path, const query_parameters& query) {
  constexpr std::string_view of_a_page[]
      = {"pageToken", "maxResults", "pageSize", "fields", "alt", "prettyPrint"};
  const auto hash = [](std::string_view text) {
    uint64_t sum = 0;
    for (const char c : text)
      sum = seeded_random::mix(sum + static_cast<unsigned char>(c) + 1);
    return sum;
  };
  uint64_t sum = 0;
  for (const auto& segment : path)
    sum = seeded_random::mix(sum + hash(segment));
  for (const auto& [name, value] : query)
    if (std::ranges::find(of_a_page, name) == std::end(of_a_page))
      sum += hash(name + "=" + value); // in whatever order they come
  return sum >> 12;                    // fits a double, and so any JSON reader
}

std::optional<std::string> apply_fields(std::string_view mask, std::string_view body) {
  const auto nodes = mask_reader{mask}.read();
  auto tree = json::parse_value(body);
  if (!nodes || !tree)
    return std::nullopt;
  keep(*tree, *nodes);
  return json::to_text(*tree);
}

} // namespace nexte::simulation::google

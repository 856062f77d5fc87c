#include "protocol/pipedrive/simulator_list.hpp"

#include "protocol/core/text.hpp"
#include "protocol/simulation/seeded_random.hpp"

#include <algorithm>
#include <charconv>

namespace nexte::simulation::pipedrive {
namespace {

constexpr int64_t limit_max = 500;
constexpr size_t ids_max = 100;
constexpr size_t custom_fields_max = 15;

field_problem invalid(std::string_view name, std::string_view why) {
  return {400, "Validation failed: " + std::string{name} + ": " + std::string{why}};
}

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> parts;
  for (size_t at = 0; at <= text.size();) {
    const auto end = std::min(text.find(',', at), text.size());
    parts.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

/// Stands for all parameters but the cursor's own and the size of a page.
uint64_t fingerprint(const query_parameters& parameters) {
  uint64_t hash = 0;
  for (const auto& [name, value] : parameters)
    if (name != "cursor" && name != "limit") {
      uint64_t one = 0;
      for (const char c : name + "=" + value)
        one = seeded_random::mix(one + static_cast<unsigned char>(c) + 1);
      hash += one; // in whatever order they come
    }
  return hash >> 12; // fits a double, and so any JSON reader
}

/// One parameter into `query`; the reason it is refused for, or empty.
class parameter_reader {
public:
  parameter_reader(const schema& type, list_query& into) : type_(type), query_(into) {}

  std::string_view read(std::string_view name, std::string_view value) {
    if (name == "limit")
      return read_limit(value);
    if (name == "updated_since" || name == "updated_until")
      return read_time(name == "updated_since" ? query_.since : query_.until, value);
    if (name == "sort_by")
      return read_sort(value);
    if (name == "sort_direction") {
      query_.descending = value == "desc";
      return value == "asc" || value == "desc" ? "" : "must be one of asc, desc";
    }
    if (name == "ids")
      return read_ids(value);
    if (name == "status" && type_.find("status"))
      return read_status(value);
    if (name == "custom_fields")
      return split(value).size() <= custom_fields_max ? "" : "must have at most 15 keys";
    if (name == "include_fields" || name == "include_option_labels" || name == "include_labels")
      return "";
    if (name == "filter_id")
      return "filter not found";
    return read_filter(name, value);
  }

private:
  std::string_view read_limit(std::string_view value) {
    const auto limit = read_id(value);
    if (!limit || *limit > limit_max)
      return "must be between 1 and 500";
    query_.limit = static_cast<size_t>(*limit);
    return "";
  }
  static std::string_view read_time(std::optional<wall_time>& into, std::string_view value) {
    into = parse_time(value);
    return into ? "" : "must be an RFC 3339 time";
  }
  std::string_view read_sort(std::string_view value) {
    constexpr std::string_view keys[] = {"id", "update_time", "add_time"};
    const auto* found = std::ranges::find(keys, value);
    if (found == std::end(keys))
      return "must be one of id, update_time, add_time";
    query_.sort = static_cast<sort_key>(found - keys);
    return "";
  }
  std::string_view read_ids(std::string_view value) {
    const auto parts = split(value);
    if (parts.size() > ids_max)
      return "must have at most 100 ids";
    for (const auto part : parts) {
      const auto id = read_id(part);
      if (!id)
        return "must be a list of integers";
      query_.ids.push_back(*id);
    }
    return "";
  }
  std::string_view read_status(std::string_view value) {
    if (value == "deleted") {
      query_.state = record_state::deleted;
      return "";
    }
    if (value != "open" && value != "won" && value != "lost")
      return "must be one of open, won, lost, deleted";
    query_.equal_to.emplace_back(*type_.find("status"), json::quoted(value));
    return "";
  }
  /// Lists filter by what a record refers to.
  std::string_view read_filter(std::string_view name, std::string_view value) {
    const auto field = type_.find(name);
    const bool refers = field && name.ends_with("_id")
                        && type_.fields[*field].kind >= field_kind::user
                        && type_.fields[*field].kind <= field_kind::stage;
    if (!refers)
      return "is not allowed";
    if (!read_id(value))
      return "must be an integer";
    query_.equal_to.emplace_back(*field, std::string{value});
    return "";
  }

  const schema& type_;
  list_query& query_;
};

/// False: no cursor of ours, or of another list.
bool read_cursor(std::string_view text, const query_parameters& parameters, list_query& query,
                 uint64_t cursor_epoch) {
  const auto decoded = unbase64(text);
  const auto tree = json::parse_value(decoded.value_or(""));
  if (!tree)
    return false;
  const auto number = [&](std::string_view name) {
    const auto* member = tree->find(name);
    return member ? member->as_int() : std::nullopt;
  };
  const auto value = number("value");
  const auto id = number("id");
  if (!value || !id || number("epoch") != static_cast<int64_t>(cursor_epoch)
      || number("list") != static_cast<int64_t>(fingerprint(parameters)))
    return false;
  query.after = {*value, *id};
  return true;
}

} // namespace

std::optional<int64_t> read_id(std::string_view text) {
  int64_t number = 0;
  const auto [rest, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = failed == std::errc{} && rest == text.data() + text.size() && !text.empty();
  return whole && number > 0 ? std::optional{number} : std::nullopt;
}

std::variant<list_query, field_problem> read_list_query(const schema& type,
                                                        const query_parameters& parameters,
                                                        bool archived, const strictness& strict,
                                                        uint64_t cursor_epoch) {
  list_query query;
  parameter_reader reader{type, query};
  for (const auto& [name, value] : parameters) {
    if (name == "cursor")
      continue;
    if (const auto why = reader.read(name, value); !why.empty())
      return invalid(name, why);
  }
  if (archived)
    query.state = record_state::archived;
  else if (strict.lists_deleted && query.since && query.state == record_state::live)
    query.state = record_state::live_or_deleted;
  const auto* cursor = find_parameter(parameters, "cursor");
  if (cursor && !read_cursor(*cursor, parameters, query, cursor_epoch))
    return invalid("cursor", "is not valid");
  return query;
}

std::string make_cursor(const query_parameters& parameters, const list_query& query,
                        const kept_record& last, uint64_t cursor_epoch) {
  const auto [value, id] = record_store::position_of(last, query.sort);
  json::writer out;
  out.begin_object().key("value").value(value).key("id").value(id);
  out.key("list").value(fingerprint(parameters)).key("epoch").value(cursor_epoch);
  return base64(out.end_object().take());
}

} // namespace nexte::simulation::pipedrive

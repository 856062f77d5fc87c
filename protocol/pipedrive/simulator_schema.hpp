// The fields of the simulated Pipedrive entities: kinds, and what may be written.
#pragma once

#include "protocol/core/time.hpp"
#include "protocol/json/reader.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace nexte::simulation::pipedrive {

enum class field_kind : uint8_t {
  text,
  integer,
  number,
  time,    ///< RFC 3339 UTC in whole seconds.
  date,    ///< `2026-03-01`
  ids,     ///< A list of integers.
  details, ///< `[{value, primary, label}]`: e-mail addresses, telephone numbers.
  object,  ///< Of any shape: an address.
  custom,  ///< `custom_fields`, by keys of 40 hexadecimal digits.
  user,    ///< The id of one; what follows likewise.
  person,
  organization,
  pipeline,
  stage,
  status,     ///< open, won, lost
  visibility, ///< 1, 3, 5 or 7
};

enum class field_right : uint8_t {
  computed,     ///< Refused where it is written.
  writable,     ///
  contact_sync, ///< Only where the company has contact sync, which no simulated one has.
};

struct field {
  std::string_view name;
  field_kind kind = field_kind::text;
  field_right right = field_right::writable;
  bool nullable = true;
};

/// One kind of entity. Id, times of adding and updating, and the marks of deletion and archiving
/// are not among the fields: the store has them.
struct schema {
  std::string_view name;     ///< "persons"
  std::string_view singular; ///< "person"
  std::string_view title;    ///< "Person"
  std::string_view scope;    ///< "contacts": with ":read" or ":full".
  std::string_view required; ///< At creation.
  bool times_writable = false;
  bool archives = false;
  std::span<const field> fields;

  std::optional<uint8_t> find(std::string_view field_name) const;
};

/// Persons, organizations, deals.
std::span<const schema> schemas();
/// By plural name; null when there is none.
const schema* find_schema(std::string_view name);
/// By the path of its field definitions: "personFields".
const schema* find_schema_of_fields(std::string_view path);

/// The custom field that every simulated company has from the beginning, one per kind of entity.
std::string_view custom_field_of(const schema& type);

/// JSON texts by field.
using field_values = std::vector<std::pair<uint8_t, std::string>>;

/// A body as Pipedrive takes it, or why not.
struct written_record {
  field_values values; ///< "null" clears.
  std::optional<wall_time> added_at, updated_at;
  std::optional<bool> archived;
  std::optional<bool> deleted;
};
struct field_problem {
  int status = 400;
  std::string message;
};
std::variant<written_record, field_problem> read_body(const schema& type, const json::value& body);

/// RFC 3339 with a time, cut to the second.
std::optional<wall_time> parse_time(std::string_view text);
wall_time whole_second(wall_time at);

} // namespace nexte::simulation::pipedrive

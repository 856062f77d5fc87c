// What Pipedrive's entities are to us: where they live, and which of their fields a person edits.
#pragma once

#include "protocol/core/error.hpp"
#include "protocol/json/fields.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace nexte::pipedrive {

enum class value_kind : uint8_t {
  text,
  integer, ///< Whole; ids too.
  number,
  time, ///< RFC 3339; Pipedrive keeps whole seconds.
  date, ///< 2026-12-31
  list,
  object,
};

struct editable_field {
  std::string_view name;
  value_kind kind;
};

struct entity {
  std::string_view name;   ///< As in paths.
  std::string_view fields; ///< The path of their field definitions.
  bool tells_departures;   ///< There are lists of what was deleted and archived.
  std::span<const editable_field> editable;
};

/// pipedrive.md §2. Not among the editable fields of persons are those of contact sync: where a
/// company has that off, writing one is refused like a lacking right.
const entity& persons();
const entity& organizations();
const entity& deals();

/// The same of all three: members of the body, those of `custom_fields` apart.
field_shape shape();

/// A host's edit with times in Pipedrive's own form. `refused` naming a field that there is none
/// of, that Pipedrive sets by itself, or whose value is of another kind; `malformed` for what is no
/// JSON object.
result<std::string> prepared(std::string_view fields, const entity& type);

} // namespace nexte::pipedrive

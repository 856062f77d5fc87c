// The properties of the simulated HubSpot objects: kinds, options, what may be written.
#pragma once

#include "protocol/core/time.hpp"
#include "protocol/json/reader.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace nexte::simulation::hubspot {

enum class property_kind : uint8_t {
  text,
  email,
  number,
  boolean,
  date_time, ///< In and out as ISO; milliseconds since the epoch are accepted too.
  option,    ///< One of `options`.
};

struct property_description {
  std::string_view name;
  property_kind kind = property_kind::text;
  bool standard = false;         ///< In the answer when no property is asked for.
  bool computed = false;         ///< By HubSpot; cannot be written.
  bool unique = false;           ///< No two live records share a value; usable as `idProperty`.
  std::string_view options = {}; ///< Separated by `;`.
};

/// One object type.
struct schema {
  std::string_view name;     ///< "contacts"
  std::string_view type_id;  ///< "0-1"
  std::string_view singular; ///< "Contact"
  std::string_view modified_property;
  std::span<const property_description> properties;

  /// Index into `properties`.
  std::optional<uint16_t> find(std::string_view property) const;
};

/// Contacts, companies, deals.
std::span<const schema> schemas();
/// By plural name or type id; null when there is none.
const schema* find_schema(std::string_view name);

/// Why a value cannot be stored, in HubSpot's words.
struct property_problem {
  std::string_view code; ///< e.g. "INVALID_INTEGER".
  std::string message;
};

/// The value as it is stored and given back (hubspot.md §2): always text, empty for "no value".
/// Numbers and booleans are stringified, a bare date becomes a time without a fraction, e-mail
/// addresses become lower case.
std::variant<std::string, property_problem> normalised(const property_description& property,
                                                       const json::value& value);

/// ISO time as HubSpot writes it: a fraction of three digits only where it is not zero.
std::string format_instant(wall_time at);
/// A filter's or property's time: ISO, or milliseconds since the epoch.
std::optional<wall_time> parse_instant(std::string_view text);
std::optional<double> parse_number(std::string_view text);
/// ASCII letters in lower case.
std::string lower_case(std::string_view text);

} // namespace nexte::simulation::hubspot

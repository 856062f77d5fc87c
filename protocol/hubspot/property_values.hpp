// The properties of a HubSpot object as values: read out of a body, compared by meaning. Pure.
#pragma once

#include "protocol/core/error.hpp"

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>

namespace nexte::hubspot {

/// By name. HubSpot's values are texts (hubspot.md §2); empty: none.
using property_values = std::map<std::string, std::string, std::less<>>;

/// The members of a body's `properties`. `malformed` for what is no object of HubSpot's.
result<property_values> read_properties(std::string_view body);
/// The members of an edit's `fields`: a number or boolean as the text that HubSpot makes of it.
result<property_values> read_fields(std::string_view fields);

/// Empty where there is none of that name.
std::string_view value_of(const property_values& values, std::string_view name);

/// An edit in HubSpot's own way of writing values: times with a time of day, addresses in lower
/// case. `refused` naming a property that is not in `known`, is computed, or cannot have the value;
/// `malformed` for what is no object of texts, numbers and booleans.
result<std::string> prepared(std::string_view fields, std::span<const std::string_view> known);

/// Properties that HubSpot sets itself.
std::span<const std::string_view> computed_properties();
bool is_computed(std::string_view property);

/// True where HubSpot takes both for the same: 2026-12-31 and 2026-12-31T00:00:00Z of a time,
/// 15000 and 15000.0 of a number, either case of an address (hubspot.md §2).
bool same_value(std::string_view property, std::string_view a, std::string_view b);

} // namespace nexte::hubspot

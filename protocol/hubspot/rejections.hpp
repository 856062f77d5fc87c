// What HubSpot's refusal of one write means to a person. Pure.
#pragma once

#include "protocol/http/message.hpp"
#include "protocol/hubspot/change_search.hpp"
#include "protocol/push.hpp"

#include <string>

namespace nexte::hubspot {

/// HubSpot's category of the refusal, e.g. "OBJECT_NOT_FOUND"; empty where it names none.
std::string refusal_category(const http_response& answer);

/// Whether the only object of a batch is not there: archived since it was read, perhaps brought
/// back since. A new one cannot be missing.
bool is_missing(const http_response& answer, edit_kind kind);

/// Reads the error envelope of a single write, or the only error of a batch of one (hubspot.md §2).
/// `rejected`: code "duplicate" for a value that another object has, else HubSpot's own; the
/// sentence names the property where HubSpot does, never the value.
push_outcome rejection_of(const http_response& answer, const object_type& type);

} // namespace nexte::hubspot

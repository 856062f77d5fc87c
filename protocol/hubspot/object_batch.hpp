// HubSpot's batch calls as requests, and their answers read. Pure.
#pragma once

#include "protocol/core/error.hpp"
#include "protocol/http/message.hpp"
#include "protocol/hubspot/change_search.hpp"
#include "protocol/hubspot/property_values.hpp"
#include "protocol/push.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace nexte::hubspot {

/// The unique property that holds our key of an object we made: HubSpot knows no idempotency key
/// (hubspot.md §4). The first create in an account adds it to the object type.
inline constexpr std::string_view key_property = "nexte_sync_key";

/// What ids are, and which objects count.
enum class look : uint8_t { live, archived, by_key };

/// Reads up to 100 objects in the shape of the pull; by key with the key beside it.
http_request read_batch(const std::string& objects_url, const object_type& type,
                        const std::vector<std::string>& ids, look how);

using records = std::map<std::string, remote_record, std::less<>>;

/// The objects of an answer by id, or by our key. `malformed` as `read_object_page`.
result<records> read_records(const http_response& answer, look how);

/// One input of a batch of writes.
struct write_input {
  std::string id;                ///< Of a create: our key.
  const property_values* fields; ///< Null of an erase.
};

/// Upserts, updates or archives up to 100 objects. Not repeatable: it stands on what was read just
/// before.
http_request write_batch(const std::string& objects_url, const std::vector<write_input>& inputs,
                         edit_kind kind);

/// Adds the key property to the object type.
http_request define_key(const std::string& api_base, const object_type& type);

} // namespace nexte::hubspot

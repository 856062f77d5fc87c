// The CRM object endpoints over one portal's records (hubspot.md §2, §3).
#pragma once

#include "protocol/http/url.hpp"
#include "protocol/hubspot/simulator_objects.hpp"
#include "protocol/hubspot/simulator_render.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

namespace nexte::simulation::hubspot {

enum class crm_endpoint : uint8_t {
  list,
  read,
  create,
  update,
  archive,
  search,
  batch_read,
  batch_create,
  batch_update,
  batch_upsert,
  batch_archive,
  merge,
  gdpr_delete,
};

/// As `stats` counts it, e.g. "batch_read".
std::string_view to_string(crm_endpoint endpoint);
/// True where it needs the write scope.
bool is_write(crm_endpoint endpoint);

/// What the sheet leaves open, at its stricter reading.
struct crm_strictness {
  bool archive_twice_is_404 = true; ///< Else 204.
  bool merge_makes_new_id = true;   ///< Else the primary's id survives.
  /// Search answers come slightly out of order: neighbours within one page change places.
  bool search_disorder = false;
};

/// One call after the door: authenticated, routed, within quota and scope.
struct crm_call {
  crm_endpoint endpoint = crm_endpoint::list;
  object_store* store = nullptr;
  /// How often each record was in an answer.
  std::unordered_map<uint64_t, uint32_t>* served = nullptr;
  std::string id; ///< The path's last segment, decoded; only for read, update, archive.
  query_parameters query;
  std::string_view body;
  std::string url;         ///< Of this endpoint, without query: for `paging.next.link`.
  std::string record_base; ///< Of a record's page, without id.
  crm_strictness strict;
};

/// Endpoint and id of a path below the object type; the status (404, 405) when there is none.
struct crm_route {
  crm_endpoint endpoint = crm_endpoint::list;
  std::string id;
};
std::variant<crm_route, int> route_crm(std::string_view method,
                                       const std::vector<std::string>& below);

using crm_outcome = std::variant<http_response, api_error>;

crm_outcome serve_crm(const crm_call& call, wall_time now);

// The two halves of `serve_crm`.
crm_outcome serve_one(const crm_call& call, wall_time now);
crm_outcome serve_batch(const crm_call& call, const json::value& body, wall_time now);

/// A query parameter's value, or empty.
std::string_view query_text(const query_parameters& query, std::string_view name);
/// A query parameter's items: repeated, or separated by commas.
std::vector<std::string> query_list(const query_parameters& query, std::string_view name);
/// `archived=` of a query: true or false, nothing else.
std::variant<bool, api_error> read_archived(const query_parameters& query);
/// Properties of a body, or why they cannot be stored.
std::variant<property_values, api_error> read_properties(const schema& type,
                                                         const json::value* properties);
/// The record that `id` names by `id_property` (empty: by record id): live, or archived if asked.
std::variant<object_ptr, api_error> find_record(const object_store& store, std::string_view id,
                                                std::string_view id_property, bool archived);
/// 409 when a unique value belongs to another record than `self`.
std::optional<api_error> refuse_taken(const object_store& store, const property_values& values,
                                      uint64_t self);
/// An answer with one record, counted as served.
http_response record_answer(const crm_call& call, int status, const object& state,
                            const projection& shown);

} // namespace nexte::simulation::hubspot

// HubSpot's streams: contacts, companies and deals, each brought up to date by the same pull.
#pragma once

#include "protocol/provider.hpp"

#include <string_view>
#include <vector>

namespace nexte::hubspot {

inline constexpr std::string_view search_endpoint = "search"; ///< quota_class of searches.

/// Requests of one run that read archived objects, 100 each.
inline constexpr unsigned archived_pages_max = 5;

/// The three streams. Their pull runs in steps, each resumable from the checkpoint of its last page
/// (hubspot.md §3):
///
/// 1. Enumerates by the list call, in id order. Ids never change, so what is edited meanwhile
///    neither moves nor hides; it is found by step 2, which begins `index_lag_max` before the first
///    page, by HubSpot's own clock. A cursor that HubSpot refuses begins the enumeration anew.
/// 2. Searches what changed (see change_search), in `lagging` pages. After an enumeration these
///    still belong to it: an object that was restored, or made with a low id, behind the list's
///    back is so shown before the enumeration closes. Absence from a search never means deletion.
/// 3. Reads archived objects. Their list is in id order and knows no filter by time, so new ones
///    can stand anywhere: rounds go through all of it, `archived_pages_max` pages a run. Up to 500
///    archived objects a round takes one run, and a deletion shows at the next poll; 10,000 take 20
///    polls. Only what was archived since the round before began is handed on. What no list shows
///    (merged, erased for privacy, archived in an account with very many archived objects) the
///    daily enumeration finds, as it does a restored object whose time did not move.
///
/// With nothing new a run costs one search and the archived pages, and commits nothing.
std::vector<stream_description> streams();

} // namespace nexte::hubspot

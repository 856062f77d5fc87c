// Pages of contacts as HubSpot lists them, made beforehand.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace nexte::bench {

inline constexpr unsigned contacts_per_page = 100;         ///< The most that HubSpot lists at once.
inline constexpr uint64_t first_contact = 100'000'000'001; ///< As many digits as ids have today.

/// Contacts of about 470 bytes each; ids ascend, a page's `after` is its last id, the last page has
/// no `paging`.
std::vector<std::string> contact_pages(uint64_t contacts);

} // namespace nexte::bench

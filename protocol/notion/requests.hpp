// What Notion is asked, as it wants to be asked. Pure.
#pragma once

#include "protocol/core/time.hpp"
#include "protocol/http/message.hpp"

#include <string>
#include <string_view>

namespace nexte::notion {

/// The newest version of the API (notion.md §0), and the field that every call names it in.
inline constexpr std::string_view api_version = "2026-03-11";
inline constexpr std::string_view version_field = "Notion-Version";

/// Records a page; the most that Notion hands out (notion.md §3.2).
inline constexpr unsigned page_size = 100;

/// A call of the API, with the version it is written for.
http_request api_request(std::string method, std::string url, std::string body = {});

/// What a search looks for.
enum class searched : uint8_t { pages, trashed_pages, data_sources };

/// All of a kind that is shared with the connection, the last edited first (notion.md §3.2):
/// what is edited while it is read moves to the front, so that one may come twice and none is
/// passed over. `cursor` empty: from the beginning.
http_request search_request(const std::string& api_base, searched what, unsigned size,
                            const std::string& cursor);

/// The rows of a data source created at `from` or later, in the order of their creation
/// (notion.md §3.3): no edit moves a row in it. `from` at the epoch: all.
http_request query_request(const std::string& api_base, std::string_view data_source,
                           wall_time from, const std::string& cursor);

} // namespace nexte::notion

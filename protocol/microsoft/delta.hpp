// The calls that all streams of Microsoft 365 are read by: a page of a delta, one item.
#pragma once

#include "protocol/microsoft/page_reader.hpp"
#include "protocol/provider.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace nexte::microsoft {

inline constexpr std::string_view title = "Microsoft 365";

/// What is asked for, and where.
struct collection {
  std::string_view stream;
  std::string_view items;  ///< Below the API's address: an item is asked for below it.
  unsigned page_items;     ///< Asked for; a page may hold fewer (microsoft.md §2).
  std::string_view prefer; ///< Further preferences; may be empty.
};

/// A request of Outlook's. Each asks for ids that stay when an item moves (microsoft.md §2).
http_request outlook_request(const collection& of, std::string url);

/// Reads the page at `path`, a link of an answer (`is_link`) or a first request, below `api_base`.
/// Nullopt where the link is too old (`is_link_expired`), or what the first request is for is gone
/// (`is_item_gone`). `refused` for another refusal, `malformed` as `read_delta`.
task<std::optional<delta_page>> fetch_page(stream_io& io, const collection& of,
                                           std::string api_base, std::string path, bool is_link);

/// Asks for one item by its id, and keeps what it is in `into`. `record.deleted` where Graph says
/// that there is none; nullopt: it was stepped over, and `into` names it. `refused` for another
/// refusal: that is no proof of anything.
task<std::optional<item>> fetch_item(stream_io& io, const collection& of, std::string api_base,
                                     std::string_view id, page& into);

} // namespace nexte::microsoft

// Where a stream of Microsoft 365 stands, as the text that is committed with its records. Pure.
#pragma once

#include "protocol/core/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nexte::microsoft {

/// Of a stream that one delta tells (contacts, events):
///
///     {"v":1,"phase":"list","link":"/me/contacts/delta?…","from":MS,"until":MS}
///
/// It enumerates (`list`), or follows the changes. The link is left out where the enumeration
/// stands at its beginning. The times bound the window of events, and are zero elsewhere.
struct checkpoint {
  enum class phase : uint8_t { list, changes };
  phase at = phase::list;
  std::string link; ///< Below the API's address: where it goes on.
  wall_time from{};
  wall_time until{};

  friend bool operator==(const checkpoint&, const checkpoint&) = default;
};

std::string write_checkpoint(const checkpoint& from);
/// Nullopt for anything but a checkpoint of this version: a later or damaged one leads to a full
/// enumeration, which loses nothing.
std::optional<checkpoint> read_checkpoint(std::string_view text);

/// How far one folder was read.
struct folder_standing {
  std::string id;
  std::string link;   ///< Below the API's address; empty: not begun.
  bool ended = false; ///< The link is its delta link.

  friend bool operator==(const folder_standing&, const folder_standing&) = default;
};

/// Of mail, which a delta for each folder tells:
///
///     {"v":1,"phase":"closing","folders":[{"id":"…","link":"…","ended":true}, …]}
///
/// It enumerates folder by folder, closes the enumeration by following each folder once, and from
/// then on follows them all.
struct mail_checkpoint {
  enum class phase : uint8_t { list, closing, changes };
  phase at = phase::list;
  std::vector<folder_standing> folders; ///< Empty: not yet listed.

  friend bool operator==(const mail_checkpoint&, const mail_checkpoint&) = default;
};

std::string write_mail_checkpoint(const mail_checkpoint& from);
std::optional<mail_checkpoint> read_mail_checkpoint(std::string_view text);

} // namespace nexte::microsoft

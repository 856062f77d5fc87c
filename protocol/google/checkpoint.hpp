// Where Gmail's or Drive's stream stands, as the text that is committed with its records. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nexte::google {

/// The phases of a stream: it enumerates (`list`), closes the enumeration with what changed
/// meanwhile (`closing`), and from then on follows the changes.
enum class phase : uint8_t { list, closing, changes };

/// Bytes of a place in a change feed; real ones are some ten digits.
inline constexpr size_t place_bytes_max = 256;

/// Written as JSON, at most 4 KiB:
///
///     {"v":1,"phase":"changes","from":"4711003","until":"4711050","cursor":"<cursor>"}
///
/// What is empty is left out.
struct checkpoint {
  phase at = phase::list;
  /// What changed up to here is known, or will be once the enumeration is through: Gmail's history
  /// id, Drive's page token of changes. Empty: nothing was asked yet.
  std::string from;
  /// Gmail: the history id that the pages being read lead to. Empty: at their beginning.
  std::string until;
  std::string cursor; ///< The next page of the list, or of Gmail's history. Empty: its beginning.

  friend bool operator==(const checkpoint&, const checkpoint&) = default;
};

std::string write_checkpoint(const checkpoint& from);

/// Nullopt for anything but a checkpoint of this version: a later or damaged one leads to a full
/// enumeration, which loses nothing.
std::optional<checkpoint> read_checkpoint(std::string_view text);

/// Of 1 to `most` printable ASCII characters: what a cursor may be.
bool is_cursor(std::string_view text, size_t most);

} // namespace nexte::google

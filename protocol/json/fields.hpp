// What the fields of a record's body are: reading, comparing and changing them. Pure.
#pragma once

#include "protocol/core/error.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace nexte {

/// Which members of a stream's bodies a person edits, as data of its provider. The members outside
/// are the provider's envelope: kept, never compared.
struct field_shape {
  /// The member whose members are the fields, e.g. "properties"; empty: those of the body itself.
  std::string container;
  /// Members of the container whose own members are fields, named "custom_fields/KEY".
  std::vector<std::string> nested;
  /// Fields the provider sets by itself (ids, times, rollups): never compared, never edited. One
  /// that ends in `*` names all that begin so.
  std::vector<std::string> computed;
  /// Every value is a text: numbers and truth values are written as theirs, an empty one is null.
  bool text_values = false;
};

/// Field → its value as canonical JSON: members sorted, no spaces, a whole number without fraction.
/// So equal values are equal texts. A field that is null or absent has no entry.
using field_map = std::map<std::string, std::string, std::less<>>;

/// What "no value" is in a patch and in a difference.
inline constexpr std::string_view no_value = "null";

inline constexpr size_t edit_bytes_max = size_t{1} << 20; ///< Of one edit's fields, and of a body.
inline constexpr size_t edit_fields_max = 1000;

/// The fields of a body that are not computed; none of an empty body. `malformed` when it is no
/// JSON object or has a member twice.
result<field_map> read_fields(std::string_view body, const field_shape& shape);

/// A host's patch: a JSON object as the container holds it (nested members nested), where null
/// clears a field; the entry of such a one is `no_value`. `malformed` for anything else, `refused`
/// naming a computed field, or for more than `edit_fields_max` or `edit_bytes_max`.
result<field_map> read_patch(std::string_view patch, const field_shape& shape);

/// The patch as JSON again, in the shape of the container: what a provider's update takes.
std::string write_patch(const field_map& patch, const field_shape& shape);

/// The patch that makes `to` of `from`: changed and new fields, and `no_value` for those that went.
field_map difference(const field_map& from, const field_map& to);
/// `fields` with a patch applied; no entry stays for `no_value`.
field_map patched(field_map fields, const field_map& patch);
/// Whether each field of the patch has the patch's value in `fields` already.
bool contains(const field_map& fields, const field_map& patch);

/// `body` with the patch's values in place: every other member stays as it is, in its order. An
/// empty body is made anew. Cleared fields become null. `malformed` as for `read_fields`.
result<std::string> with_fields(std::string_view body, const field_map& patch,
                                const field_shape& shape);

} // namespace nexte

// The known word that a mistyped one was meant to be. Pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace nexte::program {

/// How many letters to insert, delete, replace or swap with their neighbour make `a` into `b`.
size_t edit_distance(std::string_view a, std::string_view b);

/// The word of `known` with the least distance to `word`, the first of equals; nullopt where more
/// than a third of the letters differ: nobody meant that one.
std::optional<std::string_view> nearest(std::string_view word,
                                        std::span<const std::string_view> known);

/// What to do about a word that is not among `known`: `did you mean "status"?`, or where none is
/// near `use one of: status, refresh`. Empty where nothing is known.
std::string suggestion(std::string_view word, std::span<const std::string_view> known);

} // namespace nexte::program

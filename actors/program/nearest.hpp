// The known word that a mistyped one was meant to be. Pure.
#pragma once

#include <span>
#include <string_view>

namespace nexte::program {

/// How many letters to insert, delete, replace or swap with their neighbour make `a` into `b`.
size_t edit_distance(std::string_view a, std::string_view b);

/// The word of `known` with the least distance to `word`, the first of equals.
/// @pre `known` is not empty
std::string_view nearest(std::string_view word, std::span<const std::string_view> known);

} // namespace nexte::program

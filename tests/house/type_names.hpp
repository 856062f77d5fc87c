// The types that a source file defines for all to see.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace nexte::house {

struct type_definition {
  std::string name; ///< With its namespaces and the arguments of a specialisation.
  size_t line = 0;  ///< From 1.
};

/// Classes, structs and enumerations defined at namespace scope and outside unnamed namespaces, in
/// their order. @pre formatted by the house's .clang-format: namespaces are not indented and
/// their ends are named.
std::vector<type_definition> types_defined(std::string_view source);

} // namespace nexte::house

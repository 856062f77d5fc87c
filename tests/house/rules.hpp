// The rules of the tree that a compiler does not know, as one pure pass over its files.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace nexte::house {

/// A place that breaks a rule.
struct finding {
  std::string rule; ///< "include", "provider", "owner", "width", "length", "unbuilt", "type twice",
                    ///< "top level".
  std::string path; ///< Relative to the root.
  size_t line = 0;  ///< 0: the file as a whole.
  std::string why;  ///< One sentence that names the mend.
};

/// Inspects the tree at `root`, leaving out what is not part of the repository (build/,
/// node_modules/, .git). Findings come in path order.
std::vector<finding> inspect(const std::filesystem::path& root);

} // namespace nexte::house

#include "type_names.hpp"

#include <algorithm>

namespace nexte::house {
namespace {

using std::string_view;

bool take(string_view& text, string_view prefix) {
  if (!text.starts_with(prefix))
    return false;
  text.remove_prefix(prefix.size());
  return true;
}

/// The name that a line at column 0 begins to define, or an empty view.
string_view defined_name(string_view line) {
  const bool head = take(line, "struct ") || take(line, "enum class ") || take(line, "enum ")
                    || take(line, "class ");
  if (!head || line.ends_with(';'))
    return {};
  if (take(line, "[["))
    line.remove_prefix(std::min(line.find("]] "), line.size() - 3) + 3);
  if (line.find('<') < line.find(' '))
    return line.substr(0, line.rfind('>') + 1);
  return line.substr(0, line.find_first_of(" {"));
}

} // namespace

std::vector<type_definition> types_defined(string_view source) {
  std::vector<type_definition> found;
  std::vector<string_view> open; // namespaces; an empty one has no name
  for (size_t number = 1; !source.empty(); ++number) {
    const string_view whole = source.substr(0, source.find('\n'));
    source.remove_prefix(std::min(whole.size() + 1, source.size()));
    string_view line = whole;
    if (line.starts_with("} // namespace") && !open.empty()) {
      open.pop_back();
    } else if (take(line, "namespace ") && line.ends_with('{')) {
      line.remove_suffix(1);
      open.push_back(line.substr(0, line.find(' ')));
    } else if (const auto name = defined_name(whole);
               !name.empty() && std::ranges::count(open, string_view{}) == 0) {
      std::string qualified;
      for (const auto scope : open)
        qualified += std::string{scope} + "::";
      found.push_back({qualified + std::string{name}, number});
    }
  }
  return found;
}

} // namespace nexte::house

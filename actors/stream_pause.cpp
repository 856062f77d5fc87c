#include "actors/stream_pause.hpp"

#include <algorithm>
#include <utility>

namespace nexte {

std::vector<std::string> missing_scopes(const std::vector<std::string>& needed,
                                        const std::vector<std::string>& granted) {
  std::vector<std::string> missing;
  if (granted.empty())
    return missing;
  for (const auto& scope : needed)
    if (std::ranges::find(granted, scope) == granted.end())
      missing.push_back(scope);
  return missing;
}

stream_pause scope_pause(const std::string& title, const std::string& what,
                         std::vector<std::string> missing) {
  std::string listed;
  for (const auto& scope : missing)
    listed.append(listed.empty() ? "" : ", ").append(scope);
  stream_pause pause;
  pause.code = "scope_missing";
  pause.because
      = title + " is not allowed to be " + what + ": the permission " + listed
        + " was not granted. Reconnect and allow it; if the consent screen does not offer "
          "it, ask an administrator of the account.";
  pause.missing_scopes = std::move(missing);
  return pause;
}

bool lacks_permission(verdict_kind kind) {
  return kind == verdict_kind::scope_missing || kind == verdict_kind::forbidden;
}

} // namespace nexte

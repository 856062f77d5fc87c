// Why reading or writing a stream stands still until a person acts. No CAF, no clock.
#pragma once

#include "protocol/provider.hpp"

#include <string>
#include <vector>

namespace nexte {

struct stream_pause {
  std::string code;
  std::string because;
  std::vector<std::string> missing_scopes;
};

/// Those of `needed` that were not granted. `granted` empty: the provider did not say, so nothing
/// is known to be missing.
std::vector<std::string> missing_scopes(const std::vector<std::string>& needed,
                                        const std::vector<std::string>& granted);

/// `title` "is not allowed to be " + `what` without the permissions `missing`.
stream_pause scope_pause(const std::string& title, const std::string& what,
                         std::vector<std::string> missing);

/// Whether a refusal stays until a person acts.
bool lacks_permission(verdict_kind kind);

} // namespace nexte

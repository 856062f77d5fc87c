#include "actors/crash.hpp"

#include <caf/deep_to_string.hpp>
#include <caf/make_message.hpp>
#include <caf/sec.hpp>

namespace nexte {

caf::error crash_reason(const crash& what) {
  return caf::make_error(caf::sec::runtime_error, what.why, what.stream, what.record, what.version,
                         what.hung);
}

crash read_crash(const caf::error& reason) {
  crash what;
  const auto& context = reason.context();
  if (context.match_elements<std::string, std::string, std::string, std::string, bool>()) {
    what.why = context.get_as<std::string>(0);
    what.stream = context.get_as<std::string>(1);
    what.record = context.get_as<std::string>(2);
    what.version = context.get_as<std::string>(3);
    what.hung = context.get_as<bool>(4);
    return what;
  }
  what.why = "it ended with " + caf::deep_to_string(reason);
  return what;
}

} // namespace nexte

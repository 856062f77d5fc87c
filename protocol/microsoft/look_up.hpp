// One record, asked for by its id.
#pragma once

#include "protocol/microsoft/delta.hpp"

namespace nexte::microsoft {

/// What was found, and what was read of it.
struct looked_up {
  sighting seen;
  page texts;                ///< Holds what `found` points into.
  std::optional<item> found; ///< Nullopt: `absent`.
};

/// Reads one item: one request. `noun` is what a person calls it ("contact"). `malformed` for an
/// answer that is no item of that id; `refused` where Microsoft 365 does not let it be read.
task<looked_up> look_up(stream_io& io, const collection& of, std::string_view noun,
                        std::string api_base, std::string id);

} // namespace nexte::microsoft

// The demo's story, as steps that can be added to.
#pragma once

#include "actors/program/demo/world.hpp"

#include <span>
#include <string>

namespace nexte::program {

/// One step: does something, waits for what must come of it, and checks that it did.
struct demo_step {
  std::string_view name;
  /// Yields what happened, in one line; an error when it did not end as it should. A later step may
  /// build on it, so the first error ends the story.
  result<std::string> (*run)(demo_world& world);
};

std::span<const demo_step> demo_story();

} // namespace nexte::program

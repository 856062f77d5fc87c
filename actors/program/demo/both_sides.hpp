// The story's step in which both sides edit one contact.
#pragma once

#include "actors/program/demo/world.hpp"

#include <string>

namespace nexte::program {

/// Edits a contact at the provider and, a moment later, here, unseen by each other: the later edit
/// stands on both sides, the other one is in the audit log.
result<std::string> both_sides_edit(demo_world& world);

} // namespace nexte::program

// Which simulators there are, and fault plans for them from a file.
#pragma once

#include "protocol/core/error.hpp"
#include "protocol/simulation/simulator.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace nexte::simulation {

/// Whether whole simulations have integrations of this provider. The others can be observed or not;
/// with them in, a rule is still broken in some seeds.
bool takes_part(std::string_view provider);

/// Makes the simulators of these providers, in order; all of them when `providers` is empty.
/// `refused` names the known ones for a name that is unknown or given twice.
result<std::vector<std::unique_ptr<simulator>>>
make_simulators(const std::vector<std::string>& providers, const simulator_options& options);

/// Arms the faults of a plan: a JSON list (comments allowed) of what `read_fault` reads, each with
/// an optional `provider`; without it the first simulator is meant. All or none is armed.
result<void> arm_faults(std::string_view plan,
                        const std::vector<std::unique_ptr<simulator>>& simulators, wall_time now);

} // namespace nexte::simulation

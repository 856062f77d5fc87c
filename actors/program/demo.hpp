// `nexte-sync demo`: the engine against simulated providers over TLS on this machine.
#pragma once

#include "actors/program/cli.hpp"

namespace nexte::program {

/// Plays the story of demo/story.hpp and prints what became of each step. Yields exit_done only
/// when every one ended as it should. In a terminal, unless `once`, the control API then stays
/// until Ctrl-C.
int run_demo(const demo_options& options);

} // namespace nexte::program

// GET /metrics: the engine's figures as Prometheus reads them.
#pragma once

#include "actors/engine.hpp"
#include "actors/program/quota_desk.hpp"

#include <string>
#include <vector>

namespace nexte::program {

inline constexpr std::string_view metrics_type = "text/plain; version=0.0.4; charset=utf-8";

/// The text exposition format (https://prometheus.io/docs/instrumenting/exposition_formats/, read
/// 2026-11-24). No label names a workspace or an integration: their number has no bound.
std::string metrics_text(const engine_figures& figures, const std::vector<integration_status>& all,
                         const quota_desk::by_provider& quota);

} // namespace nexte::program

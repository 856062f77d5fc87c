// What Pipedrive's refusal of one write means to a person. Pure.
#pragma once

#include "protocol/core/error.hpp"
#include "protocol/http/message.hpp"
#include "protocol/pipedrive/entity.hpp"
#include "protocol/push.hpp"

namespace nexte::pipedrive {

/// Reads the error body of a write (pipedrive.md §1.4). `rejected`: code "validation_failed", the
/// plan's limit ("feature_capping_…"), else by status; the sentence names the field where Pipedrive
/// does and we know it, never the value.
push_outcome rejection_of(const http_response& answer, const entity& type);

/// `rejected`: the edit itself cannot be read.
push_outcome unreadable(const error& why);

} // namespace nexte::pipedrive

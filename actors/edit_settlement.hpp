// A local edit as it goes to the connector, and what its outcome means to the store. Pure.
#pragma once

#include "protocol/push.hpp"
#include "storage/store.hpp"

#include <vector>

namespace nexte {

/// @pre a push of it has begun: `edit.attempts` counts this one
outgoing_edit outgoing(const edit_to_push& stored, const field_shape& shape);

/// Appends the writes that settle `edit`. What the provider has instead (a conflict, a deletion) is
/// told as a page would tell it, once the edit is back among the pending ones: the store decides
/// whether the edit stands, and as what.
void add_settlement(std::vector<store_write>& writes, const edit_row& edit,
                    const push_outcome& outcome, const two_way_rules& rules);

} // namespace nexte

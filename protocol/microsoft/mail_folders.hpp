// Which mail folders there are.
#pragma once

#include "protocol/microsoft/delta.hpp"

#include <string>
#include <vector>

namespace nexte::microsoft {

/// More folders than any mailbox has that a person works with.
inline constexpr size_t folders_max = 1000;

/// Lists the folders that a person sees, those in folders too, by id: one request for each that has
/// folders in it, and one more for each 100. Hidden ones are Outlook's own and are left out.
/// `refused` past `folders_max`, `malformed` for what is no list of folders.
task<std::vector<std::string>> list_folders(stream_io& io, const collection& of,
                                            std::string api_base);

} // namespace nexte::microsoft

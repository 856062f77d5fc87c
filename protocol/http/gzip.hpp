// gzip (RFC 1952) of whole bodies.
#pragma once

#include "protocol/core/error.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace nexte {

/// Compresses for speed. Never fails but by std::bad_alloc.
std::string gzip(std::string_view plain);

/// Unpacks all members of `packed`. `malformed` when it is broken or cut short, `refused` as soon
/// as it unpacks to more than `bytes_max`: no more memory than that is taken.
result<std::string> gunzip(std::string_view packed, size_t bytes_max);

} // namespace nexte

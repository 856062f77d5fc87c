// Google Drive's stream: the metadata of files and folders.
#pragma once

#include "protocol/provider.hpp"

namespace nexte::google {

/// Files or changes a page; the most are 1000 (google.md §4.2).
inline constexpr unsigned drive_page_size = 500;

/// Brings `drive_files` up to date, resumable from the checkpoint of its last page (google.md
/// §4.2):
///
/// 1. Asks where the changes begin, then enumerates all files that are not in the bin: of My Drive,
///    shared with the person, and of shared drives so far as the person has used them, for that is
///    what Drive's feed of changes tells of as well. A page token that Drive refuses, after some
///    hours, begins the list anew.
/// 2. Follows the changes from there. After an enumeration these pages still belong to it, so that
///    nothing is missed that changed meanwhile. Tokens of changes do not expire; one that Drive
///    refuses all the same leads to an enumeration.
///
/// A file in the bin counts as gone, and returns when it is taken out; one deleted for ever, or no
/// longer shared with this account, is a removal among the changes.
///
/// With nothing new a run costs one request, and commits nothing, or the token that moved.
task<bool> pull_drive(stream_io& io, pull_request request);

/// Reads how one file stands: one request.
task<sighting> look_up_file(stream_io& io, look_up_request request);

} // namespace nexte::google

// Reads what Google Drive answers: the list of files, pages of changes. Pure.
#pragma once

#include "protocol/core/error.hpp"
#include "protocol/core/record.hpp"
#include "protocol/core/record_guard.hpp"

#include <memory>
#include <string>

namespace nexte::google {

/// What is asked of each file: its metadata, never its content (google.md §4.1).
inline constexpr std::string_view file_fields
    = "id,name,mimeType,description,parents,driveId,trashed,explicitlyTrashed,starred,shared,"
      "createdTime,modifiedTime,version,headRevisionId,md5Checksum,sha256Checksum,size,webViewLink,"
      "owners(displayName,emailAddress,me)";

/// A page of files, as records: `version` is Drive's own, which rises with every change; one in the
/// bin is gone. One without an id or version, or that the guard bars, goes to `page::unread`.
struct file_page {
  page files;
  std::string next; ///< The next page's token.
  /// Of changes alone, on the last page: where the next ones begin.
  std::string new_start;
};

/// Reads a page of `files.list`. `malformed` for what is not JSON or no list; `transport` for a
/// list that Drive itself calls incomplete, which proves nothing.
result<file_page> read_files(std::shared_ptr<const std::string> body, record_guard& guard);

/// Reads a page of `changes.list`: a removed file, deleted for ever or no longer shared with this
/// account, is gone, in the version that it does not tell; what is no change of a file is stepped
/// over (google.md §4.2). `malformed` also without exactly one of the two tokens.
result<file_page> read_changes(std::shared_ptr<const std::string> body, record_guard& guard);

/// The token of `changes.getStartPageToken`.
result<std::string> read_start_token(const std::string& body);

} // namespace nexte::google

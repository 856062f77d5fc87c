// Mail: a delta for each folder.
#pragma once

#include "protocol/provider.hpp"

namespace nexte::microsoft {

/// Brings mail up to date, folder by folder (microsoft.md §3.3): all that a person sees, the bin
/// and junk too, where `parentFolderId` tells which. Steps, each resumable from the checkpoint of
/// its last page:
///
/// 1. Lists the folders, and enumerates each.
/// 2. Follows each folder once more before it closes the enumeration: what moved meanwhile from a
///    folder not yet read into one that was is shown there now.
/// 3. From then on follows every folder, and enumerates new ones.
///
/// A folder calls removed what was moved as well as what was deleted. Ids are those that stay, so
/// each is asked for: it is deleted where Graph says that there is none, or shows it in no folder
/// that is followed (deleted messages can be read for a while); else it has moved, and its new
/// state is handed over. One request each, and no deletion without that proof.
///
/// A folder that is gone took messages with it, and nobody says which: a complete enumeration
/// begins. So it does where a link has expired. With nothing new a run costs a request for each
/// folder and those that list them.
task<bool> pull_mail(stream_io& io, pull_request request);

/// Asks for one message, and where it lies.
task<sighting> look_up_message(stream_io& io, look_up_request request);

stream_description mail_stream();

} // namespace nexte::microsoft

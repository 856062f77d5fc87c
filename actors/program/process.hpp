// What every process of ours does first, and how it is told to stop.
#pragma once

namespace nexte::program {

/// Call before any thread starts and before any secret is read:
/// - no core dump, no debugger of the same user: PR_SET_DUMPABLE 0. A limit of the core's size
///   would not do, since it does not hold where core_pattern names a program (core(5)).
/// - files are made for their owner alone: umask 077.
/// - SIGPIPE is ignored: a peer that hangs up is an error of that write, not our end.
void harden_process();

/// Whether `file` is a pipe that nobody reads any more.
bool reader_is_gone(int file);

/// Blocks SIGTERM and SIGINT in this thread and in those it starts, so that `await_stop` alone
/// hears them. Call before any thread starts.
void hold_stop_signals();
/// Whether SIGTERM or SIGINT has come; it stays so. @pre hold_stop_signals was called
bool stop_asked();
/// Waits for SIGTERM or SIGINT and yields its number. @pre hold_stop_signals was called
int await_stop();

} // namespace nexte::program

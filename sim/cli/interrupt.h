// SPDX-License-Identifier: Apache-2.0
// Ctrl-C: the run stops at the next window and its partial result is reported.
#pragma once

#include <atomic>

namespace staleline::cli {

/// Sends SIGINT and SIGTERM to `interrupted()` instead of ending the program; a second one ends it.
void catch_interrupts();
const std::atomic<bool>& interrupted();

}  // namespace staleline::cli

// SPDX-License-Identifier: Apache-2.0
// Turns SIGINT and SIGTERM into a flag that runs look at.
#include "interrupt.h"

#include <csignal>

namespace staleline::cli {
namespace {

std::atomic<bool> flag{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may touch only lock-free atomics");

extern "C" void on_signal(int signal) {
  flag = true;
  std::signal(signal, SIG_DFL);
}

}  // namespace

void catch_interrupts() {
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
}

const std::atomic<bool>& interrupted() { return flag; }

}  // namespace staleline::cli

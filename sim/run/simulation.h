// SPDX-License-Identifier: Apache-2.0
// Time as SystemC keeps it: one process that advances the platform in batches of windows.
#pragma once

#include <functional>

#include "staleline/event/types.h"

namespace staleline::run {

/// Calls `advance` from one SC_THREAD of a fresh simulation context until it returns nothing to do
/// (engine::kNever). `advance` runs a batch of windows and returns the cycle up to which it went.
/// Exceptions of `advance` come out unchanged.
void simulate(const std::function<event::Cycle()>& advance);

}  // namespace staleline::run

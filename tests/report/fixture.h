// SPDX-License-Identifier: Apache-2.0
// Results built by hand, so that reports are tested without running anything.
#pragma once

#include "staleline/report/record.h"

namespace staleline::report::test {

/// The stale image: vmm leaves an image dirty, guest reads memory.
const scenario::Scenario& stale_image();
/// A run of it with one observed SL101, one latent SL103, and a timeline of 20 moments.
Record observed();
/// The same without any hazard.
Record silent();
/// SL201 whose older line cpu wrote; the fix is before a line, of two kinds and in a tagged place.
Record lost();
/// The observed run with one hazard, SL601, that has advice and no writer.
Record faulted();
/// A file that could not be read.
Record refused();

}  // namespace staleline::report::test

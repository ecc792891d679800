// SPDX-License-Identifier: Apache-2.0
// The device trees that the build made.
#include <stdexcept>

#include "staleline/guest/device_tree.h"

namespace staleline::guest {

extern const std::span<const std::uint8_t> k_virt_1;
extern const std::span<const std::uint8_t> k_virt_2;

std::span<const std::uint8_t> virt_device_tree(unsigned cpus) {
  if (cpus == 1) return k_virt_1;
  if (cpus == 2) return k_virt_2;
  throw std::invalid_argument("the machine has 1 or 2 CPUs");
}

}  // namespace staleline::guest

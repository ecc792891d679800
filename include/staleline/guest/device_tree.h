// SPDX-License-Identifier: Apache-2.0
// A flattened device tree: what it says of memory, CPUs and the guest's start, and changes of the latter.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "staleline/arm/address.h"
#include "staleline/guest/image.h"

namespace staleline::guest {

/// Valid as long as it exists: every setter leaves a tree that passes the checks of the constructor.
class DeviceTree {
 public:
  /// Checks the whole structure. `name` is for messages. Throws FileError where the bytes are no device tree, or one
  /// without memory or CPUs.
  DeviceTree(std::string name, std::vector<std::uint8_t> bytes);

  [[nodiscard]] std::span<const std::uint8_t> bytes() const { return bytes_; }
  /// Of the nodes with device_type "memory", in the tree's order.
  [[nodiscard]] std::vector<MemoryRange> memory() const;
  /// MPIDR affinities of the nodes of /cpus with device_type "cpu", in the tree's order.
  [[nodiscard]] std::vector<std::uint64_t> cpus() const;
  /// /chosen/bootargs.
  [[nodiscard]] std::optional<std::string> bootargs() const;
  /// /chosen/stdout-path without options behind a colon.
  [[nodiscard]] std::optional<std::string> stdout_path() const;
  /// /chosen/linux,initrd-start and -end.
  [[nodiscard]] std::optional<MemoryRange> initrd() const;
  /// How PSCI is called: "hvc" or "smc"; nothing where there is no PSCI.
  [[nodiscard]] std::optional<std::string> psci_method() const;

  void set_bootargs(std::string_view text);
  void set_initrd(MemoryRange range);
  /// In place of what the first memory node says.
  void set_memory(MemoryRange range);

 private:
  void check() const;
  [[nodiscard]] int chosen();
  void set(int node, const char* property, std::span<const std::uint8_t> value);

  std::string name_;
  std::vector<std::uint8_t> bytes_;
};

/// The tree of the modelled machine for 1 or 2 CPUs, as dtc made it of sim/guest/virt-N.dts. Throws
/// std::invalid_argument for any other number.
[[nodiscard]] std::span<const std::uint8_t> virt_device_tree(unsigned cpus);

}  // namespace staleline::guest

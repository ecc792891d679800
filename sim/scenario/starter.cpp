// SPDX-License-Identifier: Apache-2.0
// The scenario that a newcomer starts from: a driver and a device that does not snoop.
#include <string_view>

#include "staleline/scenario/scenario.h"

namespace staleline::scenario {

namespace {

constexpr std::string_view kBefore =
    R"(# A scenario of staleline. Check it with `staleline validate FILE`, run it with `staleline run FILE`.
schema: 1
scenario: )";

constexpr std::string_view kAfter = R"(
about: >
  A driver gives a buffer to a device that does not snoop caches, and reads what the device wrote.
# source: where you saw it, such as a commit

platform: cortex-a57          # or { preset: cortex-a57, cores: 4 }; see `staleline list parameters presets`

memory:                       # physical memory; 0 unless `init` says otherwise
  ram: { base: 0x4000_0000, size: 1 MiB }
  buf: { at: ram+0x1000, size: 128 }            # lies inside ram

init:                         # before cycle 0, in this order
  - { region: buf, bytes: 0xee }                # one byte, or a list, repeated

mappings:                     # how agents see memory; left out, all of it is Normal Write-Back
  kernel:
    stage1: { ram: normal-wb }                  # holds for buf too, which lies inside
    # stage1: { ram: normal-wb, buf: { attr: normal-nc, va: 0xffff_0000_1000 } }

agents:
  cpu: { core: 0, view: kernel }
  nic: { device: non-coherent }                 # io-coherent: it would snoop the caches

program:                      # A64 and directives; a line with [fix] exists in the variant `fix` only
  cpu: |
    // Send: the device has to read what was just written.
    .fill    buf, 0x11
    [fix] dc       cvac, buf[..]          // clean every line, so that memory has the bytes
    [fix,snooping] dsb sy                 // and wait until that, and the stores, are complete
    .doorbell nic

    // Receive: the device has written buf, and the caches may hold older copies.
    .await   nic
    [fix] dc       ivac, buf[..]
    [fix] dsb      sy
    ldr      x0, [buf]
    .expect  x0 == 0x2222_2222_2222_2222
  nic: |
    .await   cpu
    .read    buf
    .fill    buf, 0x22
    .complete

schedule:                     # things that hardware may do at any time, made to happen here
  - { after: cpu, do: fill, at: buf, optional: true }

variants:
  bug:
    hazards:                  # what this variant must have; anything else fails the run
      - { id: SL101, agent: nic, region: buf }  # the device reads memory, the bytes are in a cache
      - { id: SL102, agent: cpu, region: buf }  # the CPU may hit its old copy
      - { id: SL201, agent: cpu, region: buf }  # which may even be written back over the new bytes
  fix: { hazards: [] }
  snooping:                   # a variant can change platform, mappings, agents, init and schedule
    agents: { nic: { device: io-coherent } }
)";

}  // namespace

std::string starter(const std::string& name) { return std::string(kBefore) + name + std::string(kAfter); }

}  // namespace staleline::scenario

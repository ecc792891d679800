// SPDX-License-Identifier: Apache-2.0
// The way of one transaction through configuration and tables, as a value that runs from one memory read to the next:
// STE, CD, TLB, walk, final attributes (IHI 0070 3.3, 3.4, 7.3). It reads no memory itself.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include "attributes.h"
#include "configuration.h"
#include "configuration_cache.h"
#include "register_file.h"
#include "staleline/arm/smmu_queues.h"
#include "staleline/arm/walk.h"
#include "staleline/mmu/tlb.h"

namespace staleline::smmu {

/// What the translations of one SMMU share.
struct Shared {
  explicit Shared(const Parameters& p);
  Parameters parameters;
  RegisterFile registers;
  ConfigurationCache configuration;
  mmu::Tlb tlb;
  std::optional<mmu::Tlb> walk_cache;
  Smmu::Counters counters{};
  std::uint32_t last_entry = 0;
  std::uint16_t last_ste = 0, last_cd = 0;

  [[nodiscard]] Limits limits() const;
  void invalidate(const mmu::Invalidation& i);
};

/// A read of configuration or of a descriptor.
struct Fetch {
  enum class What : std::uint8_t { StreamTable, Ste, ContextTable, Cd, Descriptor };
  What what = What::Ste;
  arm::PhysAddr address{};
  std::uint8_t bytes = 8;
  event::Path path{};
  std::uint16_t configuration = 0;  ///< StreamTable ... Cd: the fetch that is being made
  std::uint32_t entry = 0;          ///< Descriptor: the translation that is being made; ContextTable, Cd: that was used
  std::uint8_t detail = 0;          ///< Descriptor: stage << 4 | level
  std::uint64_t input = 0;          ///< Descriptor: what is being translated
};

/// A translation that was made, or failed, after the descriptors of `entry`.
struct Made {
  std::uint32_t entry = 0, from = 0;
  std::uint64_t pa = 0, va = 0;
  event::TranslationTag tag{};
  bool fault = false;
};

class Translator {
 public:
  enum class Next : std::uint8_t {
    Idle,
    Read,   ///< supply() the bytes of fetch()
    Done,   ///< the transaction goes to result()
    Abort,  ///< it is terminated without a record
    Fault,  ///< it is terminated; record() if `recorded`
  };
  struct Access {
    std::uint64_t address = 0;
    bool write = false;
  };
  struct Result {
    arm::PhysAddr pa{};
    event::Path path{};
    std::uint32_t entry = 0;        ///< 0: no translation
    std::uint16_t ste = 0, cd = 0;  ///< which fetched structures it used; 0: none
  };

  Translator(Shared& shared, const Device& device) : shared_(shared), device_(device) {}

  Next begin(const Access& access);
  Next supply(std::span<const std::uint8_t> bytes);
  /// The read failed.
  Next fail();

  [[nodiscard]] Next next() const { return next_; }
  [[nodiscard]] const Fetch& fetch() const { return fetch_; }
  [[nodiscard]] const Result& result() const { return result_; }
  [[nodiscard]] const arm::smmu::EventRecord& record() const { return record_; }
  [[nodiscard]] bool recorded() const { return recorded_; }
  /// What the last begin() or supply() made. Taken once.
  [[nodiscard]] std::optional<Made> take_made() { return std::exchange(made_, std::nullopt); }
  [[nodiscard]] const Device& device() const { return device_; }

  /// Invalidation came in between: what was read may be old and is used for this transaction only.
  void poison() { poisoned_ = true; }
  void retire() { next_ = Next::Idle; }

 private:
  // What a translation is for: the transaction, or the address of a CD, which stage 2 translates.
  enum class Purpose : std::uint8_t { Input, ContextDescriptor };

  Next find_ste();
  Next stream_table(std::uint64_t descriptor);
  Next use_ste();
  Next find_cd();
  Next read_cd(Fetch::What what, std::uint64_t address);
  Next fetch_cd(const arm::MemoryAttributes& attributes, arm::PhysAddr address, std::uint32_t entry);
  Next use_cd();
  Next translate(Purpose purpose, std::uint64_t address, const arm::smmu::Cd* cd);
  Next step();
  Next walked();
  Next translated(const arm::TranslationResult& t, arm::PhysAddr pa, std::uint32_t entry);
  Next bypass(const Incoming& in);
  Next read(const Fetch& f);
  Next fault(arm::smmu::EventType type);
  Next walk_fault(const arm::TranslationFault& f);
  [[nodiscard]] arm::AccessRequest request() const;
  void note();
  void tell(const arm::TranslationResult& t, bool failed);

  Shared& shared_;
  Device device_;
  Next next_ = Next::Idle;
  Access access_{};
  Incoming in_{};
  HeldSte ste_{};
  HeldCd cd_{};
  bool without_stage1_ = false;  // S1DSS bypass
  std::uint32_t substream_ = 0;
  Purpose purpose_ = Purpose::Input;
  Fetch::What cd_part_ = Fetch::What::Cd;  // what the address that is being translated is of
  std::uint64_t input_ = 0;                // the address that is being translated
  Context context_{};
  mmu::TlbContext tag_{};
  std::optional<arm::TableWalk> walk_;
  std::uint32_t entry_ = 0, from_ = 0;
  bool poisoned_ = false;
  Fetch fetch_{};
  Result result_{};
  arm::smmu::EventRecord record_{};
  bool recorded_ = false;
  std::optional<Made> made_;
};

}  // namespace staleline::smmu

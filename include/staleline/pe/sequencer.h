// SPDX-License-Identifier: Apache-2.0
// Runs one agent's program as a stream of actions: instructions and directives become accesses,
// maintenance, barriers, sends and waits. PEs and DMA engines perform the same stream.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "staleline/a64/step.h"
#include "staleline/arm/address.h"
#include "staleline/arm/vocabulary.h"
#include "staleline/event/types.h"
#include "staleline/pe/guest.h"

namespace staleline::pe {

class DecodedCode;
struct Decoded;

/// What an agent does next, but for the bytes that it brings.
struct ActionHead {
  enum class What : std::uint8_t {
    Compute,           ///< registers only: takes a cycle
    InstructionFetch,  ///< of a fetched program: 16 bytes at `address`, which hold the next instruction
    Load,              ///< `address`, `bytes`, `ordered`: acquire; `exclusive`: LDXR, marks the monitors
    Store,   ///< `address`, `bytes`, `data`, `ordered`: release; `exclusive`: STXR, the response is its status
    Atomic,  ///< `atomic` of `bytes` at `address` with `data` and `compared`; `ordered`: acquire, `released`: release;
             ///< the response is what memory had
    Prefetch,  ///< `address`, `value`: prfop of PRFM
    Fetch,
    Walk,
    Maintenance,       ///< `operation` on every line of [address, address + bytes); by set and way: `value` is Xt
    Tlbi,              ///< `tlbi`, `value`: Xt, `mask`: a64::kNamesVmid and a VMID
    AddressTranslate,  ///< `translation` of `address`: its result goes to PAR_EL1
    Barrier,
    WriteSystem,  ///< bits `mask` of `system_register` become those of `value`
    ReadSystem,
    ExceptionCall,     ///< `call`, `value`: its immediate; the preferred return address is next_address()
    ExceptionReturn,   ///< ERET
    WaitForEvent,      ///< WFE
    WaitForInterrupt,  ///< WFI
    SendEvent,         ///< SEV; `local`: SEVL
    ClearExclusive,    ///< CLREX
    Send,              ///< `edge`, `mechanism`
    Await,             ///< send number `value` of `edge`, `mechanism`
    Delay,             ///< `value` cycles
    Grant,             ///< agent `agent` may use `bytes` from `address`
    Revoke,            ///< ... may not
    SetVector,         ///< synchronous exceptions of this program go to code address `value`
    PowerOff,          ///< leave coherency, lose the private caches; `value`: and the shared ones of the cluster
    PowerOn,
    Emulate,       ///< the MSR or MRS of the guest that was trapped last
    Undefined,     ///< the instruction is UNDEFINED
    MisalignedPc,  ///< the next instruction of a fetched program would be at an address that is no multiple of 4
    End,
  };
  What what = What::End;
  event::SourceLine line{};
  arm::VirtAddr address{};
  std::uint64_t bytes = 0;
  std::uint8_t alignment = 1;  ///< of the elements, a power of two; of exclusives and atomics all bytes
  bool ordered = false;
  bool weakly_ordered = false;  ///< LDAPR: may pass an earlier STLR
  bool released = false;        ///< Atomic
  bool exclusive = false;
  bool unprivileged = false;  ///< LDTR, STTR: with the permissions of EL0
  bool plain = false;         ///< Load, Store: none of these, and of 1, 2, 4, 8 or 16 bytes
  bool local = false;         ///< SEVL
  a64::AtomicOperation atomic{};
  std::uint8_t elements = 1;  ///< Atomic: 2 for CASP
  arm::CacheOp operation{};
  arm::Tlbi tlbi{};
  a64::AddressTranslation translation{};
  arm::Barrier barrier{};
  a64::SystemRegister system_register{};
  a64::ExceptionCall call{};
  event::AgentId agent{};
  event::EdgeId edge{};
  event::Mechanism mechanism = event::Mechanism::Flag;
  std::uint64_t value = 0;
  std::uint64_t mask = ~std::uint64_t{0};
};

/// The bytes mean something in Store and Atomic alone.
struct Action : ActionHead {
  std::array<std::uint8_t, 64> data{};
  std::array<std::uint8_t, 16> compared{};  ///< Atomic
  /// All but the bytes is as in a new one.
  void reset() { static_cast<ActionHead&>(*this) = {}; }
};

/// What an Atomic action stores where memory has `old`; empty where its comparison fails: then nothing is stored.
[[nodiscard]] std::optional<std::array<std::uint8_t, 16>> atomic_result(const Action& action,
                                                                        const std::array<std::uint8_t, 16>& old);

/// A `.expect` that did not hold.
struct Unexpected {
  std::uint32_t directive = 0;
  std::uint64_t actual = 0;
  // Where the register's bytes were loaded from, and by which line; `bytes` is 0 if they were not.
  arm::PhysAddr loaded_from{};
  std::uint8_t bytes = 0;
  event::SourceLine loaded_by{};
};

class Sequencer {
 public:
  /// `chunk`: the largest access of .copy, .fill and .read, a power of two up to 64. `natural`: their
  /// accesses are a power of two in size and aligned to it, as those of a PE are.
  Sequencer(const a64::Program& program, std::uint32_t chunk, bool natural);
  ~Sequencer();
  Sequencer(Sequencer&&) noexcept;
  Sequencer& operator=(Sequencer&&) noexcept;

  /// Of a fetched program, before it has begun.
  void guide(const Until& until, InstructionObserver* observer, std::span<const arm::VirtAddr> nops);

  /// The action to perform now; stays the same until finished.
  [[nodiscard]] const Action& action() const { return action_; }
  /// Ends the action. `response`: the bytes that a load, fetch or walk got, or the value of a system
  /// register; `from`: where they were. Returns true where it was the last action of its line.
  bool finish(const std::array<std::uint8_t, 64>& response = {}, arm::PhysAddr from = {});
  /// Abandons the action, with all registers as they were before it, and goes on at a code address: the entry to an
  /// exception, and the return from it. An address that is no instruction of the program ends it.
  void go_to(arm::VirtAddr code);
  /// The code address of the instruction that is performed now, and of the one after it: where a fault and an exception
  /// call return to.
  [[nodiscard]] arm::VirtAddr address() const { return pc_; }
  [[nodiscard]] arm::VirtAddr next_address() const { return step_.next; }
  /// The instruction that is performed now.
  [[nodiscard]] const a64::Instruction& instruction() const { return *instruction_; }
  /// Ends the program now.
  void stop(Ending why = Ending::Fault) {
    action_.what = Action::What::End;
    ending_ = why;
  }
  /// The same before the instruction that is performed now, which does not count.
  void stop_before(Ending why) {
    if (action_.what != Action::What::InstructionFetch && action_.what != Action::What::MisalignedPc) --instructions_;
    stop(why);
  }
  /// The bytes of the group that an InstructionFetch has got; how far it is executed if nothing branches into it:
  /// offsets within the group.
  struct Extent {
    std::uint8_t begin = 0, end = 16;
  };
  Extent supply(std::span<const std::uint8_t, 16> bytes);
  /// The same as finish() of an InstructionFetch.
  void go_on();
  /// Instructions that were fetched and not executed are fetched again: context synchronisation.
  void refetch() { first_fetched_ = next_fetched_ = end_fetched_; }
  /// How many instructions on registers alone were executed on the way to the action; each takes a cycle.
  [[nodiscard]] std::uint64_t computed() const { return computed_; }
  /// Of a fetched program: which instruction the line of an event stands for, and its word when it was last fetched.
  [[nodiscard]] std::optional<CodePlace> place_of(event::SourceLine line) const;

  [[nodiscard]] bool ended() const { return action_.what == Action::What::End; }
  [[nodiscard]] Ending ending() const { return ended() ? ending_ : Ending::None; }
  [[nodiscard]] std::uint64_t instructions() const { return instructions_; }
  [[nodiscard]] const std::vector<Unexpected>& unexpected() const { return unexpected_; }
  [[nodiscard]] const a64::Registers& registers() const { return registers_; }
  /// For the fields of PSTATE and the banked stack pointers, which exceptions change.
  [[nodiscard]] a64::Registers& registers() { return registers_; }
  [[nodiscard]] const a64::Program& program() const { return *program_; }

 private:
  struct Origin {
    arm::PhysAddr address{};
    std::uint8_t bytes = 0;
    event::SourceLine line{};
  };
  void prepare();
  /// The instruction at `pc` among those that were fetched; their end where it is none of them.
  [[nodiscard]] const Decoded* fetched_at(arm::VirtAddr pc) const;
  void go_on_one_by_one();
  /// Ends the program where Until says so.
  bool is_over();
  void prepare_fetch();
  void prepare_plain_access();
  void prepare_step();
  void prepare_memory(const a64::MemoryRequest& request);
  void prepare_directive(const a64::Directive& directive);
  void prepare_chunk(const a64::Directive& directive);
  void expect(const a64::Directive& directive);
  void remember_origin(arm::PhysAddr from);
  /// True while the directive has further chunks.
  bool next_chunk(const std::array<std::uint8_t, 64>& response);

  const a64::Program* program_;
  std::uint32_t chunk_;
  bool natural_;
  bool has_expect_ = false;
  a64::Registers registers_{};
  arm::VirtAddr pc_;  ///< code address of `instruction_`, or one outside of the program: it is over
  const a64::Instruction* instruction_ = nullptr;
  a64::Step step_{};  ///< of it; of a plain access, `next` alone
  Action action_{};
  std::uint64_t offset_ = 0;  ///< how much of a .copy, .fill or .read is done
  bool storing_ = false;      ///< .copy: the chunk is loaded, its store is next
  std::uint64_t instructions_ = 0;
  std::vector<std::uint64_t> awaited_;     ///< per edge: how many awaits were executed
  std::array<Origin, 31 + 32> origins_{};  ///< of X0 to X30 and V0 to V31
  std::vector<Unexpected> unexpected_;
  Ending ending_ = Ending::Program;

  // Of a fetched program.
  std::unique_ptr<DecodedCode> code_;
  // What counts as fetched, the instruction at `first_pc_` first; of these the one at pc_, or their end.
  const Decoded *first_fetched_ = nullptr, *end_fetched_ = nullptr, *next_fetched_ = nullptr;
  arm::VirtAddr first_pc_{};
  bool plain_access_ = false;  ///< the action is that of one
  std::uint64_t computed_ = 0;
  std::uint64_t last_pc_ = 1, last_instruction_ = 0;  ///< Until; no instruction is at 1
  InstructionObserver* observer_ = nullptr;
  bool watched_ = false;  ///< by an observer, or for an address to end at
};

}  // namespace staleline::pe

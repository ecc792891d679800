// SPDX-License-Identifier: Apache-2.0
// Two CPUs and a spin table. The secondary waits, its MMU off, for an address in `release`, which the primary writes
// through its caches; then it says in `status`, its MMU still off, that it is up, and the primary reads that through its
// caches. Both ways need cache maintenance, which two macros put in:
//
//   CLEAN_RELEASE       the primary cleans what it wrote, before the secondary can see it in memory
//   INVALIDATE_STATUS   the secondary invalidates what it wrote, before the primary can see it past its own old copy
//
// Whoever sees nothing new gives up after some polls, so that every variant ends and says on the console how; the primary
// polls its cache, which is faster, and waits for longer. Where CPUs do not run side by side, as under an emulator, POLLS
// has to be larger.

#define UART        0x09000000
#ifndef POLLS
#define POLLS       8192
#endif

#define PSCI_CPU_OFF     0x84000002
#define PSCI_CPU_ON      0xc4000003
#define PSCI_SYSTEM_OFF  0x84000008

#define STATUS_UP        1
#define STATUS_GAVE_UP   2

// MAIR_EL1: 0 Device-nGnRnE, 1 Normal Write-Back.
#define MAIR        0xff00
// 39 bits of VA by TTBR0 alone, 4 KiB granule, walks Inner Shareable Write-Back, 40 bits of PA.
#define TCR         (25 | 1 << 8 | 1 << 10 | 3 << 12 | 1 << 23 | 2 << 32)
// Blocks of 1 GiB: AF; Device never executed, Normal Inner Shareable.
#define BLOCK_DEVICE 0x0060000000000401
#define BLOCK_NORMAL 0x0000000040000705
#define SCTLR_M_C_I  0x1005

	.macro	mov_wide reg, value
	movz	\reg, #((\value) & 0xffff)
	movk	\reg, #(((\value) >> 16) & 0xffff), lsl #16
	movk	\reg, #(((\value) >> 32) & 0xffff), lsl #32
	movk	\reg, #(((\value) >> 48) & 0xffff), lsl #48
	.endm

	.macro	address reg, symbol
	adrp	\reg, \symbol
	add	\reg, \reg, :lo12:\symbol
	.endm

	.macro	function name
	.globl	\name
	.type	\name, %function
\name:
	.endm

	.macro	end name
	.size	\name, . - \name
	.endm

	.section .text.start, "ax"

function _start
	bl	make_tables
	bl	caches_on
	bl	clear_mailboxes

	// CPU 1 starts in the pen, its MMU off.
	mov_wide x0, PSCI_CPU_ON
	mov	x1, #1
	address	x2, pen
	mov	x3, #0
	hvc	#0
	cbnz	x0, no_secondary

	// The line of `status` is in the primary's cache from here on: this is the copy that gets old.
	address	x19, status
	ldr	x0, [x19]

	bl	release_secondary

	mov_wide x20, POLLS * 32
wait:	ldr	x0, [x19]
	cbnz	x0, answered
	subs	x20, x20, #1
	b.ne	wait
	address	x0, text_silent
	b	finish
answered:
	cmp	x0, #STATUS_UP
	address	x0, text_up
	address	x1, text_gave_up
	csel	x0, x0, x1, eq
	b	finish
no_secondary:
	address	x0, text_none
finish:
	bl	print
	mov_wide x0, PSCI_SYSTEM_OFF
	hvc	#0
	b	.
	end _start

	.text

// One table of level 1, written with the MMU off. Lines of it that were in a cache before are old now, and walks look there.
function make_tables
	address	x0, tables
	add	x1, x0, #4096
	mov	x2, x0
1:	stp	xzr, xzr, [x2], #16
	cmp	x2, x1
	b.lo	1b
	mov_wide x3, BLOCK_DEVICE
	mov_wide x4, BLOCK_NORMAL
	stp	x3, x4, [x0]
	dmb	sy
2:	dc	ivac, x0
	add	x0, x0, #64
	cmp	x0, x1
	b.lo	2b
	dsb	sy
	ret
	end make_tables

function caches_on
	mov_wide x0, MAIR
	msr	mair_el1, x0
	mov_wide x0, TCR
	msr	tcr_el1, x0
	address	x0, tables
	msr	ttbr0_el1, x0
	isb
	tlbi	vmalle1
	ic	iallu
	dsb	nsh
	isb
	mrs	x0, sctlr_el1
	mov_wide x1, SCTLR_M_C_I
	orr	x0, x0, x1
	msr	sctlr_el1, x0
	isb
	ret
	end caches_on

// Both words are 0 in memory as well, and in no cache.
function clear_mailboxes
	address	x0, release
	address	x1, status
	str	xzr, [x0]
	str	xzr, [x1]
	dmb	sy
	dc	civac, x0
	dc	civac, x1
	dsb	sy
	ret
	end clear_mailboxes

function release_secondary
	address	x0, release
	address	x1, secondary
	str	x1, [x0]
#ifdef CLEAN_RELEASE
	dc	civac, x0
#endif
	dsb	sy
	sev
	ret
	end release_secondary

// x0: the text, which ends with a 0.
function print
	mov_wide x1, UART
1:	ldrb	w2, [x0], #1
	cbz	w2, 2f
	str	w2, [x1]
	b	1b
2:	ret
	end print

// The secondary, from its first instruction: no stack, no translation, no data cache.
function pen
	address	x0, release
	mov_wide x1, POLLS
1:	ldr	x2, [x0]
	cbnz	x2, 2f
	subs	x1, x1, #1
	b.ne	1b
	mov	x3, #STATUS_GAVE_UP
	b	tell
2:	br	x2
	end pen

function secondary
	mov	x3, #STATUS_UP
tell:
	address	x0, status
	str	x3, [x0]
#ifdef INVALIDATE_STATUS
	dmb	sy
	dc	ivac, x0
#endif
	dsb	sy
	mov_wide x0, PSCI_CPU_OFF
	hvc	#0
	b	.
	end secondary

	.section .rodata, "a"
text_up:	.asciz	"spin table: the secondary is up\n"
text_gave_up:	.asciz	"spin table: the secondary never saw its release\n"
text_silent:	.asciz	"spin table: the primary never saw the status\n"
text_none:	.asciz	"spin table: no second CPU\n"

	// A line each: what one side maintains is not the other's.
	.data
	.macro	mailbox name
	.balign	64
	.globl	\name
	.type	\name, %object
	.size	\name, 8
\name:	.quad	0
	.balign	64
	.endm
	mailbox	release
	mailbox	status

	.bss
	.balign	4096
	.globl	tables
	.type	tables, %object
	.size	tables, 4096
tables:	.skip	4096

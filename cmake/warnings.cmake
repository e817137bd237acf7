# SPDX-License-Identifier: MIT
# Warnings for src/ and sim/ beyond those that tests have as well. What is refused, and why: docs/decisions/0100-warnings.md
set(STRICT_WARNINGS
    -Wcast-align -Wdate-time -Wformat=2 -Wmissing-declarations -Wmissing-prototypes -Wold-style-definition -Wpointer-arith
    -Wstrict-prototypes -Wundef -Wunused-macros -Wvla -Wwrite-strings
    $<$<C_COMPILER_ID:GNU>:-Wduplicated-cond> $<$<C_COMPILER_ID:GNU>:-Wlogical-op>
    # gcc does not see that a format of strftime is handed on; clang does.
    $<$<C_COMPILER_ID:GNU>:-Wno-format-nonliteral> $<$<C_COMPILER_ID:GNU>:-Wno-format-truncation>)
foreach(warning assign-enum comma conditional-uninitialized covered-switch-default duplicate-enum
                extra-semi-stmt format-type-confusion idiomatic-parentheses loop-analysis
                missing-variable-declarations over-aligned reserved-identifier shift-sign-overflow tautological-compare
                unreachable-code-aggressive used-but-marked-unused)
  list(APPEND STRICT_WARNINGS $<$<C_COMPILER_ID:Clang>:-W${warning}>)
endforeach()

/* SPDX-License-Identifier: MIT */
/* unit.h - what every unit test includes. */
#ifndef TESTS_UNIT_H
#define TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#if !__has_include(<cmocka.h>)
#error the tests need cmocka: install libcmocka-dev and configure again
#endif
#include <cmocka.h>

#endif

/* SPDX-License-Identifier: MIT */
/* The program mcphubctl. Its commands are in mcphubctl.c. */
#include "ctl/ctl.h"

int main(int argc, char **argv) { return mcphubctl(argc, argv); }

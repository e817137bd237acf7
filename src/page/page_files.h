/* SPDX-License-Identifier: MIT */
/*
 * page_files.h: the style and the script of the page, from style.css and script.js beside this
 * file; built in by cmake/embed.cmake.
 */
#ifndef PAGE_PAGE_FILES_H
#define PAGE_PAGE_FILES_H

#include <stddef.h>

/* Each is followed by a NUL that its length does not count. */
extern const unsigned char page_style[], page_script[];
extern const size_t page_style_len, page_script_len;

#endif

#pragma once

namespace mws {

/// The version of this build, such as `1.2.3`: project(VERSION) of CMakeLists.txt.
extern const char *const version;

/// The commit that this was built from, as `git describe` has it: `v1.2.3-4-g0123456789-dirty`, or
/// `0123456789` where no tag is before it. Of a release archive what `git archive` put in; empty where
/// neither is known.
extern const char *const revision;

/// Both for people: `1.2.3 (v1.2.3-4-g0123456789)`, or `1.2.3`.
extern const char *const versionText;

} // namespace mws

#pragma once

#include <QImage>
#include <QString>
#include <string>

namespace mws::test {

/// Where the picture `screenshot-NAME.png` of an example goes: into examples/EXAMPLE if the environment has
/// `MWS_SCREENSHOTS=1`, else into the build folder. The folder is made.
QString screenshotPath(const std::string &example, const std::string &name);

/// Fails the test if the picture shows next to nothing: fewer than 24 colours, or one that covers 99.5 % of
/// it.
void checkScreenshot(const QImage &picture, const QString &name);

/// Writes `picture`, checked, to screenshotPath().
void saveScreenshot(const QImage &picture, const std::string &example, const std::string &name);

} // namespace mws::test

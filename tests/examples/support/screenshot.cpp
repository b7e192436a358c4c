#include "examples/support/screenshot.h"

#include <QDir>
#include <QHash>
#include <algorithm>
#include <gtest/gtest.h>

namespace mws::test {

QString screenshotPath(const std::string &example, const std::string &name)
{
    const bool isWanted = qEnvironmentVariable("MWS_SCREENSHOTS") == QStringLiteral("1");
    const QDir folder(QString::fromLatin1(isWanted ? MWS_EXAMPLES_FOLDER : MWS_SCREENSHOT_FOLDER) +
                      QLatin1Char('/') + QString::fromStdString(example));
    folder.mkpath(QStringLiteral("."));
    return folder.filePath(QStringLiteral("screenshot-%1.png").arg(QString::fromStdString(name)));
}

void checkScreenshot(const QImage &picture, const QString &name)
{
    ASSERT_FALSE(picture.isNull()) << "no picture: " << name.toStdString();
    QHash<QRgb, qint64> counts;
    for (int y = 0; y < picture.height(); ++y)
        for (int x = 0; x < picture.width(); ++x)
            ++counts[picture.pixel(x, y)];
    const qint64 most = *std::max_element(counts.cbegin(), counts.cend());
    EXPECT_GE(counts.size(), 24) << "hardly any colours: " << name.toStdString();
    EXPECT_LT(double(most), 0.995 * picture.width() * picture.height()) << "blank: " << name.toStdString();
}

void saveScreenshot(const QImage &picture, const std::string &example, const std::string &name)
{
    const QString path = screenshotPath(example, name);
    checkScreenshot(picture, path);
    EXPECT_TRUE(picture.save(path)) << path.toStdString();
}

} // namespace mws::test

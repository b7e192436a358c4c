#include "client/client_test.h"
#include "examples/support/example_program.h"
#include "examples/support/screenshot.h"
#include "support/test_certificates.h"

#include <QLineEdit>
#include <QPainter>
#include <QTest>
#include <algorithm>
#include <stock_model.h>
#include <table_host.h>
#include <table_replica.h>
#include <table_window.h>
#include <tls_options.h>

namespace mws::test {

using ::testing::HasSubstr;

namespace {

constexpr int allRows = 100000;

GatewayOptions configured(Environment more = {})
{
    more.insert({{"SECURITY_TOKEN", securityToken}, {"MWS_SERVER_PORT", std::to_string(lastingPort())}});
    return {.environment = std::move(more), .configuration = readFile(MWS_EXAMPLE_FOLDER "/gateway.toml")};
}

/// Asks for a cell until the replica has fetched it.
QVariant fetched(QAbstractItemModel &model, int row, int column, int role = Qt::DisplayRole)
{
    QVariant value;
    waitUntil([&] { return (value = model.index(row, column).data(role)).isValid(); }, longPatience);
    return value;
}

bool waitForCell(QAbstractItemModel &model, int row, int column, const QVariant &value)
{
    return waitUntil([&] { return model.index(row, column).data() == value; }, longPatience);
}

bool waitForReady(TableReplica &replica)
{
    return waitUntil([&] { return replica.isReady(); }, std::chrono::seconds(60));
}

/// Types over a cell, as a user does.
void edit(TableWindow &window, int row, int column, const QString &text)
{
    QTableView &table = window.table();
    const QModelIndex index = table.model()->index(row, column);
    table.setCurrentIndex(index);
    table.edit(index);
    auto *field = table.findChild<QLineEdit *>();
    auto *spin = table.findChild<QAbstractSpinBox *>();
    QWidget *editor = spin ? static_cast<QWidget *>(spin) : field;
    ASSERT_TRUE(editor) << "no editor opened";
    QTest::keyClick(editor, Qt::Key_A, Qt::ControlModifier);
    QTest::keyClicks(editor, text);
    QTest::keyClick(editor, Qt::Key_Return);
}

void expectStock(QAbstractItemModel &model)
{
    ASSERT_EQ(model.rowCount(), allRows);
    ASSERT_EQ(model.columnCount(), int(StockModel::Columns));
    for (const int row : {0, 1, 999, 1000, 31415, 54321, 99998, 99999}) {
        EXPECT_EQ(fetched(model, row, StockModel::Article).toString(), StockModel::articleOf(row));
        EXPECT_EQ(fetched(model, row, StockModel::Pieces).toInt(), StockModel::piecesOf(row));
    }
}

} // namespace

/// A gateway and a host of 100,000 rows, in this process, so that its model can be looked at.
class RemoteObjects : public GatewayTest
{
protected:
    RemoteObjects() : GatewayTest(configured()) {}

    void SetUp() override
    {
        port = host.listen(0);
        ASSERT_NE(port, 0);
        ASSERT_TRUE(waitUntil([&] { return ready.count() > 0; }, longPatience));
    }
    QUrl address() const { return QUrl(QStringLiteral("http://127.0.0.1:%1").arg(port)); }

    StockModel model{allRows};
    TableHost host{model, StockModel::sharedRoles(),
                   QUrl(QStringLiteral("http://127.0.0.1:%1/v1").arg(gateway.port())),
                   QString::fromLatin1(securityToken), QSslConfiguration::defaultConfiguration()};
    QSignalSpy ready{&host, &TableHost::ready};
    quint16 port = 0;
};

TEST_F(RemoteObjects, TwoReplicasKnowAllRowsAndEditsArriveEverywhere)
{
    TableReplica one(address(), {});
    TableReplica two(address(), {});
    one.start();
    ASSERT_TRUE(waitForReady(one));
    ASSERT_TRUE(waitUntil([&] { return ready.count() > 1; }, longPatience));
    two.start();
    ASSERT_TRUE(waitForReady(two));
    EXPECT_EQ(host.replicas(), 2);
    expectStock(*one.model());
    expectStock(*two.model());

    TableWindow hostWindow(QStringLiteral("Host"), QColor(0x17, 0x34, 0x4d));
    TableWindow oneWindow(QStringLiteral("Replica 1"), QColor(0x14, 0x6b, 0x57));
    hostWindow.setModel(&model);
    oneWindow.setModel(one.model());
    hostWindow.setStatus(QStringLiteral("100,000 rows, 2 replicas"));
    oneWindow.setStatus(QStringLiteral("100,000 rows"));
    hostWindow.show();
    oneWindow.show();
    ASSERT_TRUE(waitUntil([&] { return hostWindow.table().isVisible() && oneWindow.table().isVisible(); }));
    for (TableWindow *window : {&hostWindow, &oneWindow})
        window->table().scrollTo(window->table().model()->index(54320, 0), QAbstractItemView::PositionAtTop);

    edit(hostWindow, 54323, StockModel::Pieces, QStringLiteral("77"));
    EXPECT_TRUE(waitForCell(*one.model(), 54323, StockModel::Pieces, 77)) << "host to replica";
    EXPECT_TRUE(waitForCell(*two.model(), 54323, StockModel::Pieces, 77)) << "host to the other replica";
    ASSERT_TRUE(fetched(*one.model(), 54325, StockModel::Article).isValid());
    edit(oneWindow, 54325, StockModel::Article, QStringLiteral("Bracket, zinc"));
    EXPECT_TRUE(waitForCell(model, 54325, StockModel::Article, QStringLiteral("Bracket, zinc")))
        << "replica to host";
    EXPECT_TRUE(waitForCell(*two.model(), 54325, StockModel::Article, QStringLiteral("Bracket, zinc")))
        << "replica to replica, through the host";
    fetched(*one.model(), 54334, StockModel::Price);
    EXPECT_TRUE(waitUntil([&] {
        return one.model()->index(54325, StockModel::Article).data(Qt::BackgroundRole).isValid();
    })) << "the mark of the last change";

    for (TableWindow *window : {&hostWindow, &oneWindow})
        window->table().setCurrentIndex({});
    QImage both(1260, 500, QImage::Format_RGB32);
    both.fill(QColor(0xdf, 0xe6, 0xec));
    QPainter painter(&both);
    painter.drawPixmap(20, 20, hostWindow.grab());
    painter.drawPixmap(640, 20, oneWindow.grab());
    painter.end();
    saveScreenshot(both, "remote-objects", "two-windows");

    // Rows that come and go.
    model.insertRow(0, {new QStandardItem(QStringLiteral("Anvil")), new QStandardItem, new QStandardItem,
                        new QStandardItem});
    EXPECT_TRUE(waitUntil([&] { return one.model()->rowCount() == allRows + 1; }, longPatience));
    EXPECT_EQ(fetched(*one.model(), 0, 0).toString(), QStringLiteral("Anvil"));
    model.removeRow(0);
    EXPECT_TRUE(waitUntil([&] { return two.model()->rowCount() == allRows; }, longPatience));
}

TEST_F(RemoteObjects, EachReplicaHasATagOfItsOwn)
{
    TableReplica one(address(), {});
    one.start();
    ASSERT_TRUE(waitForReady(one));
    ASSERT_TRUE(waitUntil([&] { return ready.count() > 1; }, longPatience));
    TableReplica two(address(), {});
    two.start();
    ASSERT_TRUE(waitForReady(two));
    const auto sockets = [&] { return JsonView(backend.get("/sockets").body); };
    ASSERT_TRUE(waitUntil([&] { return sockets().size("/results") == 5; }, longPatience))
        << "two pairs, and the next";
    std::map<std::string, int> tags;
    const JsonView list = sockets();
    for (int i = 0; i < 5; ++i)
        ++tags[list.string("/results/" + std::to_string(i) + "/tags/0")];
    std::vector<int> counts;
    for (const auto &[tag, count] : tags) {
        EXPECT_THAT(tag, HasSubstr("replica:"));
        counts.push_back(count);
    }
    EXPECT_THAT(counts, ::testing::UnorderedElementsAre(2, 2, 1));
}

// Every cell through the gateway, in as many requests as the replica likes: relay loses, doubles and reorders
// nothing.
TEST_F(RemoteObjects, WholeTableArrivesRight)
{
    TableReplica replica(address(), {});
    replica.start();
    ASSERT_TRUE(waitForReady(replica));
    QAbstractItemModelReplica &table = *replica.model();
    table.setRootCacheSize(size_t(allRows));
    for (int row = 0; row < allRows; row += 1000) {
        for (int i = row; i < row + 1000; ++i)
            table.index(i, StockModel::Article).data();
        ASSERT_EQ(fetched(table, row + 999, StockModel::Article).toString(),
                  StockModel::articleOf(row + 999));
        for (int i = row; i < row + 1000; ++i)
            ASSERT_EQ(fetched(table, i, StockModel::Article).toString(), StockModel::articleOf(i));
    }
}

TEST_F(RemoteObjects, ReplicaComesBackAfterARestart)
{
    TableReplica replica(address(), {});
    replica.start();
    ASSERT_TRUE(waitForReady(replica));
    ASSERT_EQ(gateway.stop(), 0);
    ASSERT_TRUE(waitUntil([&] { return !replica.model(); }, longPatience));
    model.item(7, StockModel::Pieces)->setData(4711, Qt::EditRole);
    gateway.start();
    ASSERT_TRUE(waitForReady(replica)) << replica.errorString().toStdString();
    EXPECT_EQ(fetched(*replica.model(), 7, StockModel::Pieces).toInt(), 4711) << "what happened meanwhile";
    ASSERT_TRUE(replica.model()->setData(replica.model()->index(7, StockModel::Pieces), 4712));
    EXPECT_TRUE(waitForCell(model, 7, StockModel::Pieces, 4712));
}

/// The real programs.
TEST(RemoteObjectsPrograms, HostAndTwoReplicas)
{
    const GatewayProcess gateway(configured());
    const Environment environment{{"QT_QPA_PLATFORM", "offscreen"}, {"SECURITY_TOKEN", securityToken}};
    ExampleProgram host({MWS_EXAMPLE_BUILD "/remote_objects_host", "--gateway",
                         "http://127.0.0.1:" + std::to_string(gateway.port()) + "/v1", "--port", "0"},
                        environment);
    ASSERT_TRUE(host.isListening());
    const std::vector<std::string> command{MWS_EXAMPLE_BUILD "/remote_objects_replica", "--host",
                                           host.address()};
    ChildProcess one(command, {{"QT_QPA_PLATFORM", "offscreen"}}, host.folder().string());
    ChildProcess two(command, {{"QT_QPA_PLATFORM", "offscreen"}}, host.folder().string());
    const auto knowsAll = [](const std::string &output) {
        return output.find("rows: 100000") != std::string::npos;
    };
    EXPECT_TRUE(one.waitForOutput(knowsAll, longPatience)) << one.output() << one.errors();
    EXPECT_TRUE(two.waitForOutput(knowsAll, longPatience)) << two.output() << two.errors();
    TableReplica third(host.url(), {});
    third.start();
    ASSERT_TRUE(waitForReady(third));
    expectStock(*third.model());
    EXPECT_EQ(host.log().find(securityToken), std::string::npos);
}

TEST(RemoteObjectsPrograms, WrongOptionsAreNamed)
{
    const TemporaryFolder folder;
    const Environment environment{{"QT_QPA_PLATFORM", "offscreen"}};
    const auto run = [&](const std::vector<std::string> &options) {
        std::vector<std::string> command{MWS_EXAMPLE_BUILD "/remote_objects_host"};
        command.insert(command.end(), options.begin(), options.end());
        ChildProcess host(command, environment, folder.path().string());
        EXPECT_EQ(host.waitForExit(longPatience), 2);
        return host.errors();
    };
    writeFile(folder.path() / "empty.pem", "nothing");
    EXPECT_THAT(run({"--rows", "many"}), HasSubstr("--rows want a number"));
    EXPECT_THAT(run({"--ca", "/no/such/file"}), HasSubstr("/no/such/file: No such file"));
    EXPECT_THAT(run({"--certificate", "empty.pem"}), HasSubstr("empty.pem: no certificate in PEM form"));
    EXPECT_THAT(run({"--key", "empty.pem"}), HasSubstr("empty.pem: no private key in PEM form"));
}

/// Over wss, where who shows no certificate is refused.
class RemoteObjectsTls : public ::testing::Test
{
protected:
    GatewayOptions options() const
    {
        Environment environment = certificates.environment();
        environment.insert({{"MWS_TLS_CLIENT_CERTIFICATES", "required"},
                            {"MWS_TLS_CLIENT_CA", certificates.certificate("ca")}});
        return configured(std::move(environment));
    }
    QSslConfiguration showing(const std::string &name) const
    {
        QString error;
        const auto file = [&](const std::string &path) {
            return name.empty() ? QString() : QString::fromStdString(path);
        };
        QSslConfiguration tls =
            TlsOptions::fromFiles(QString::fromStdString(certificates.certificate("ca")),
                                  file(certificates.certificate(name)), file(certificates.key(name)), &error);
        EXPECT_EQ(error.toStdString(), "");
        return tls;
    }

    const TestCertificates certificates;
    GatewayProcess gateway{options()};
    ExampleProgram host{{MWS_EXAMPLE_BUILD "/remote_objects_host", "--gateway",
                         "https://127.0.0.1:" + std::to_string(gateway.port()) + "/v1", "--port", "0", "--ca",
                         certificates.certificate("ca"), "--certificate", certificates.certificate("client"),
                         "--key", certificates.key("client")},
                        {{"QT_QPA_PLATFORM", "offscreen"}, {"SECURITY_TOKEN", securityToken}}};
};

TEST_F(RemoteObjectsTls, SharesTheTableWithWhoShowsACertificate)
{
    ASSERT_TRUE(host.isListening());
    TableReplica replica(host.url(), showing("client"));
    replica.start();
    ASSERT_TRUE(waitForReady(replica)) << replica.errorString().toStdString();
    expectStock(*replica.model());
    ASSERT_TRUE(replica.model()->setData(replica.model()->index(3, StockModel::Pieces), 12345));
    ChildProcess other({MWS_EXAMPLE_BUILD "/remote_objects_replica", "--host", host.address(), "--ca",
                        certificates.certificate("ca"), "--certificate", certificates.certificate("client"),
                        "--key", certificates.key("client")},
                       {{"QT_QPA_PLATFORM", "offscreen"}}, host.folder().string());
    EXPECT_TRUE(other.waitForOutput(
        [](const std::string &output) { return output.find("rows: 100000") != std::string::npos; },
        longPatience))
        << other.output() << other.errors();
    TableReplica third(host.url(), showing("client"));
    third.start();
    ASSERT_TRUE(waitForReady(third));
    // The edit goes when this thread's event loop runs again, beside what the third one fetches.
    EXPECT_TRUE(waitForCell(*third.model(), 3, StockModel::Pieces, 12345));
}

TEST_F(RemoteObjectsTls, RefusesWhoShowsNoneOrAStrangers)
{
    ASSERT_TRUE(host.isListening());
    for (const char *name : {"", "stranger"}) {
        TableReplica replica(host.url(), showing(name));
        QSignalSpy lost(&replica, &TableReplica::lost);
        replica.start();
        // The host hands out a URI to anybody here; it is the gateway that refuses.
        const auto isRefused = [&] {
            return std::any_of(lost.begin(), lost.end(), [](const QList<QVariant> &loss) {
                return !loss.at(0).toString().contains(QStringLiteral("server replied"));
            });
        };
        ASSERT_TRUE(waitUntil([&] { return isRefused() || replica.isReady(); }, longPatience));
        EXPECT_FALSE(replica.isReady()) << "certificate: '" << name << "'";
    }
    TableReplica known(host.url(), showing("client"));
    known.start();
    EXPECT_TRUE(waitForReady(known)) << "one with a certificate comes in all the same";
}

} // namespace mws::test

#include "net/epoll_dispatcher.h"

#include <QCoreApplication>
#include <gtest/gtest.h>

/// The event loop is the one of the gateway's main thread.
int main(int argc, char **argv)
{
    QCoreApplication::setEventDispatcher(new mws::EpollDispatcher);
    const QCoreApplication application(argc, argv);
    testing::InitGoogleTest(&argc, argv);
    return RUN_ALL_TESTS();
}

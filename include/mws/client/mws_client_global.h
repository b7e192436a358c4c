#pragma once

#include <QtCore/qglobal.h>

#if defined(MWS_CLIENT_STATIC)
#define MWS_CLIENT_EXPORT
#elif defined(MWS_CLIENT_LIBRARY)
#define MWS_CLIENT_EXPORT Q_DECL_EXPORT
#else
#define MWS_CLIENT_EXPORT Q_DECL_IMPORT
#endif

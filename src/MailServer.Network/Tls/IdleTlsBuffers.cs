using System.Net.Security;

namespace MailServer.Network.Tls;

/// <summary>
/// Makes OpenSSL free the record buffers of a connection (17 KB each) whenever they are empty, as <c>SSL_MODE_RELEASE_BUFFERS</c> does; most mail sessions
/// are idle, and .NET has no setting for this. Where it is not possible, connections only use more memory.
/// </summary>
internal static class IdleTlsBuffers
{
    private const int SetMode = 33; // SSL_CTRL_MODE
    private const int ReleaseBuffers = 0x10; // SSL_MODE_RELEASE_BUFFERS
    private static readonly SslControl? Control = OpenSslHandle.Find<SslControl>("SSL_ctrl");

    private delegate nint SslControl(nint ssl, int command, nint larg, nint parg);

    /// <summary>Call after the handshake and before using the stream. False when nothing was changed.</summary>
    public static bool Release(SslStream tls) =>
        Control is not null && OpenSslHandle.Use(tls, static ssl => (Control(ssl, SetMode, ReleaseBuffers, 0) & ReleaseBuffers) != 0);
}

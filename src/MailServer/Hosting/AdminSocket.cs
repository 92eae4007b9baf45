using MailServer.Web.Listeners;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace MailServer.Hosting;

/// <summary>The Unix socket <c>admin.sock</c>, through which commands reach the running server.</summary>
internal static class AdminSocket
{
    public static void Listen(KestrelServerOptions kestrel, string path)
    {
        // A killed process may have left its socket.
        File.Delete(path);
        kestrel.ListenUnixSocket(path, static listen => listen.Serve(WebListenerKind.AdminSocket));
    }

    /// <summary>Restricts the socket to the server's own user. Until then the mode of the data directory protects it.</summary>
    public static void Protect(string path)
    {
        if (!OperatingSystem.IsWindows() && File.Exists(path)) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}

using MailServer.Web.Listeners;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace MailServer.Hosting;

/// <summary>The file <c>admin.sock</c>, on which the running server is asked by the command line.</summary>
internal static class AdminSocket
{
    public static void Listen(KestrelServerOptions kestrel, string path)
    {
        // What a killed process left.
        File.Delete(path);
        kestrel.ListenUnixSocket(path, static listen => listen.Serve(WebListener.AdminSocket));
    }

    /// <summary>For the server's own user only. The data directory keeps others away in the moment before.</summary>
    public static void Protect(string path)
    {
        if (!OperatingSystem.IsWindows() && File.Exists(path)) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}
